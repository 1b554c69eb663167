/* How a test reads and works the Now screen. */
export const verb = (page) => page.locator('.verb h1').first();
export const because = (page) => page.locator('.because').first();
/* The words of one relay: by its name where there are several. */
export const words = (page, relay = 'r1') => page.locator('dl.words').filter({ has: page.locator(`.name dt:text-is("${relay}")`) });
const parts = (page, relay) => words(page, relay).locator('> div:not(.name):not(.rel)');
export const asked = (page, relay) => parts(page, relay).first().locator('dd');
export const is = (page, relay) => parts(page, relay).last().locator('dd');
export const sign = (page, relay) => words(page, relay).locator('.relg [aria-hidden]').first();
export const said = (page) => page.locator('.said').first();
export const takeOver = (page) => page.locator('.acts .btn.pri').first();
export const bar = (page) => page.locator('main .bar').first();
export const scene = (page) => page.locator('.scene svg[role=img]').first();
export const live = (page) => page.locator('.live').first();
export const sheet = (page) => page.locator('dialog[open]');

export const text = async (locator) => (await locator.innerText()).replace(/\u00a0/g, ' ').replace(/\s+/g, ' ').trim();

/* What the picture tells a screen reader. */
export const told = async (page) => ((await scene(page).getAttribute('aria-label')) ?? '').replace(/\u00a0/g, ' ');

/* Opens the sheet and chooses; confirms nothing. */
export async function choose(page, what, forHowLong) {
  await takeOver(page).click();
  await sheet(page).waitFor();
  await sheet(page).locator(`input[name=what][value="${what}"]`).check({ force: true });
  if (forHowLong !== undefined) await sheet(page).locator('input[name=long]').nth(forHowLong).check({ force: true });
}

export const confirmButton = (page) => sheet(page).locator('button.hold');

export async function hold(page, ms = 1300) {
  const button = confirmButton(page);
  await button.scrollIntoViewIfNeeded();
  const box = await button.boundingBox();
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.mouse.down();
  await page.waitForTimeout(ms);
  await page.mouse.up();
}
