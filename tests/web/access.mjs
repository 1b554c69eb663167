/* Keyboard, screen reader and contrast: axe on every screen, state and theme, and what axe cannot see. */
import { equal, ok, test, until } from './lib/suite.mjs';
import { axe, calm } from './lib/browser.mjs';
import { show } from './lib/shared.mjs';
import { SCREENS, stateFor } from './fit.mjs';
import { STATES } from './lib/states.mjs';
import * as now from './lib/now.mjs';

const NOW_STATES = ['charging', 'discharging', 'resting', 'pending', 'releasing', 'mismatch', 'lying', 'stale', 'hot', 'nometer', 'meterlies', 'override', 'locked', 'two', 'insecure', 'viewer', 'demo', 'first'];

for (const scheme of ['light', 'dark']) {
  for (const hash of SCREENS.slice(1)) {
    test(`axe finds nothing on ${hash}, ${scheme}`, async (t) => {
      const { page } = await show(t, stateFor(hash), hash, { scheme, size: '1024x600' });
      await page.waitForTimeout(300);
      equal(await axe(page), [], hash);
    });
  }
  for (const state of NOW_STATES) {
    test(`axe finds nothing on Now ${state}, ${scheme}`, async (t) => {
      const { page } = await show(t, state, 'now', { scheme });
      equal(await axe(page), [], state);
    });
  }
  test(`axe finds nothing in the sheets and when cut off, ${scheme}`, async (t) => {
    const { stage, page } = await show(t, 'demo', 'now', { scheme, clock: true });
    await now.takeOver(page).click();
    await now.sheet(page).waitFor();
    await page.clock.runFor(1000);
    equal(await axe(page), [], 'take over');
    await page.keyboard.press('Escape');
    await page.locator('button.demo').click();
    await now.sheet(page).locator('button[aria-pressed]').first().waitFor();
    await page.clock.runFor(1000);
    equal(await axe(page), [], 'the demo drawer');
    await page.keyboard.press('Escape');
    stage.fall();
    await page.clock.runFor(15000);
    await until(async () => /Not known/.test(await now.text(now.verb(page))), 'the page to be cut off');
    equal(await axe(page), [], 'cut off');
  });
  for (const hash of ['login', 'install']) {
    test(`axe finds nothing on ${hash}, ${scheme}`, async (t) => {
      const { page } = await show(t, 'charging', hash, { scheme });
      equal(await axe(page), [], hash);
    });
  }
}

for (const scheme of ['light', 'dark']) {
  test(`axe finds nothing on the other screens in any state, ${scheme}`, async (t) => {
    const { stage, page } = await show(t, 'charging', 'now', { scheme, clock: true });
    const wrong = [];
    for (const hash of ['plan', 'history', 'battery', 'nodes', 'alerts', 'settings']) {
      await page.evaluate((to) => { location.hash = to; }, `#/${hash}`);
      for (const state of ['stale', 'mismatch', 'hot', 'nometer', 'two', 'viewer', 'demo']) {
        stage.reset();
        STATES[state](stage);
        stage.show();
        await page.clock.runFor(1200);
        wrong.push(...(await axe(page)).map((one) => `${hash}, ${state}: ${one}`));
      }
    }
    stage.fall();
    await page.clock.runFor(15000);
    for (const hash of ['settings', 'alerts', 'nodes', 'battery', 'history', 'plan']) {
      await page.evaluate((to) => { location.hash = to; }, `#/${hash}`);
      await page.clock.runFor(600);
      wrong.push(...(await axe(page)).map((one) => `${hash}, cut off: ${one}`));
    }
    equal(wrong, [], 'what axe finds');
  }, { timeout_s: 180 });
}

/* ---- keyboard ---- */

/* Tabs through everything; returns the names of what was focused. */
async function tabThrough(page, most = 80) {
  const names = [];
  await page.locator('body').press('Tab');
  for (let i = 0; i < most; i++) {
    const name = await page.evaluate(() => {
      const one = document.activeElement;
      if (!one || one === document.body) return null;
      return (one.ariaLabel || one.labels?.[0]?.textContent || one.textContent || one.id).trim().replace(/\s+/g, ' ').slice(0, 40) + ` <${one.tagName.toLowerCase()}>`;
    });
    if (name === null) break;
    names.push(name);
    await page.keyboard.press('Tab');
  }
  return names;
}

test('the keyboard reaches everything on Now, in the order of reading, and sees where it is', async (t) => {
  const { page } = await show(t, 'charging', 'now', { size: '1024x600' });
  const names = await tabThrough(page);
  ok(/Skip/.test(names[0]), `first: ${names[0]}`);
  for (const wanted of ['Plan', 'History', 'Alerts', 'Settings', 'Take over']) ok(names.some((one) => one.includes(wanted)), `${wanted} is not reached: ${names.join(' · ')}`);
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  const ring = await page.evaluate(() => { const style = getComputedStyle(document.activeElement); return [style.outlineStyle, parseFloat(style.outlineWidth)]; });
  ok(ring[0] !== 'none' && ring[1] >= 2, `the ring: ${ring}`);
});

test('every control of every screen is reached by Tab', async (t) => {
  for (const hash of ['now', 'plan', 'history', 'history/week', 'battery', 'nodes', 'alerts', 'settings', 'login', 'install', 'setup']) {
    const { page } = await show(t, { alerts: 'locked', plan: 'planned', now: 'two' }[hash] ?? 'charging', hash, { size: '1024x600' });
    await page.waitForTimeout(300);
    const missed = await page.evaluate(() => [...document.querySelectorAll('main :is(button, input, select, a[href], summary):not(:disabled)')]
      .filter((one) => one.getClientRects().length > 0 && one.tabIndex < 0 && !(one.getAttribute('role') === 'tab') && one.type !== 'radio').map((one) => one.outerHTML.slice(0, 80)));
    equal(missed, [], hash);
  }
});

test('taking over works by keyboard alone', async (t) => {
  const { stage, page } = await show(t, 'resting');
  stage.on('POST overrides', () => ({ status: 202, headers: { Location: '/api/v1/commands/5' }, body: { command: 5, state: 'pending', overrides: [], replaced: [], stored: true } }));
  await now.takeOver(page).focus();
  await page.keyboard.press('Enter');
  await now.sheet(page).waitFor();
  await now.sheet(page).locator('input[name=what][value=charge]').focus();
  await page.keyboard.press('Space');
  await now.sheet(page).locator('input[name=long]').first().focus();
  await page.keyboard.press('Space');
  await now.confirmButton(page).focus();
  await page.keyboard.press('Space');
  await page.waitForTimeout(800);
  ok(/again/i.test(await now.text(now.confirmButton(page))), 'it asks to press again');
  await page.keyboard.press('Space');
  await stage.until('POST overrides');
});

test('Escape closes a sheet, and focus returns to where it was', async (t) => {
  const { page } = await show(t, 'resting');
  await now.takeOver(page).focus();
  await page.keyboard.press('Enter');
  await now.sheet(page).waitFor();
  await page.keyboard.press('Escape');
  await now.sheet(page).waitFor({ state: 'detached' });
  equal(await page.evaluate(() => document.activeElement?.classList.contains('pri')), true, 'focus is on the button again');
});

test('a range slider walks through a chart by keyboard, and says what stands there', async (t) => {
  const { page } = await show(t, 'charging', 'history', { size: '1024x600' });
  const slider = page.locator('main input[type=range]').first();
  await slider.focus();
  const before = await slider.getAttribute('aria-valuetext');
  for (let i = 0; i < 3; i++) await page.keyboard.press('ArrowLeft');
  const after = await slider.getAttribute('aria-valuetext');
  ok(after && after.length > 8, `what it says: ${after}`);
  ok(before !== after, `it says the same: ${after}`);
});

test('a table stands beside the chart, with a heading for each column', async (t) => {
  const { page } = await show(t, 'charging', 'history', { size: '1024x600' });
  await page.locator('main details summary').first().click();
  ok(await page.locator('main table th').count() >= 3, 'headings');
  ok(await page.locator('main table tbody tr').count() >= 1, 'rows');
});

/* ---- screen reader ---- */

test('the picture says in one sentence what is in it', async (t) => {
  const { page } = await show(t, 'charging');
  const told = await now.told(page);
  for (const part of [/64/, /sun|Sun/, /3\.42/, /home|Home/, /0\.64/, /grid|Grid/, /24\.1/, /relay|Relay/]) ok(part.test(told), `${part} is not in: ${told}`);
});

test('the relay’s two words are read as a sentence, the sign is for eyes', async (t) => {
  const { page } = await show(t, 'mismatch');
  const read = (await now.words(page).locator('dt, dd :not([aria-hidden]), dd').evaluateAll((list) => [...new Set(list.map((one) => { const clone = one.cloneNode(true); clone.querySelectorAll('[aria-hidden]').forEach((hidden) => hidden.remove()); return clone.textContent.trim(); }))])).join(' ');
  ok(/r1.*asked on.*compared \w.*is off/.test(read) && !read.includes('≠'), `it is read as: ${read}`);
});

test('a screen reader hears an alert when it comes', async (t) => {
  const { page } = await show(t, 'mismatch');
  ok(/r1|relay/i.test(await now.text(now.bar(page).getByRole('alert'))), 'an alert in the bar');
});

test('each screen has one heading of the first order, its name in the title, and a language', async (t) => {
  const { page } = await show(t, 'charging', 'now', { lang: 'it', size: '1440' });
  equal(await page.evaluate(() => document.documentElement.lang), 'it', 'lang');
  const titles = new Set();
  for (const hash of SCREENS) {
    await page.evaluate((to) => { location.hash = to; }, `#/${hash}`);
    await page.locator('main h1').first().waitFor();
    await page.waitForTimeout(250);
    equal(await page.locator('main h1').count(), 1, `h1 on ${hash}`);
    titles.add(await page.title());
  }
  ok(titles.size >= 7, `titles: ${[...titles].join(' · ')}`);
});

test('the theme follows the device, can be chosen, and is remembered', async (t) => {
  const { page } = await show(t, 'charging', 'now', { scheme: 'dark' });
  const ground = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  const dark = await ground();
  await page.getByRole('button', { name: /light and dark/i }).click();
  const light = await ground();
  ok(dark !== light, 'the ground changes');
  await page.reload();
  await page.locator('main h1').first().waitFor();
  equal(await ground(), light, 'the ground after a reload');
});

test('Italian elides before numbers that begin with a vowel, and agrees with what is old', async (t) => {
  const { stage, page } = await show(t, 'charging', 'now', { lang: 'it' });
  equal(await now.text(page.locator('.flip')), 'Si fermerebbe all’80 %.', 'before 80');
  ok(/al 64 %.*fino all’80 %/.test(await now.text(now.because(page))), await now.text(now.because(page)));
  STATES.stale(stage);
  stage.show();
  await until(async () => /risale a 6 min fa/.test(await now.told(page)), 'what is old');
});

test('Italian is whole: no English words are left on any screen', async (t) => {
  const english = /\b(the|because|would|asked|until|battery|needs|settings|history|stopped|charging|waiting|not|and|with|since|[a-z] ago|old|from|which|of|it|you|is|are)\b/i;
  const found = [];
  const look = async (page, name) => {
    const told = await page.locator('body').evaluate((body) => [body.innerText, ...[...body.querySelectorAll('[aria-label], [title], [aria-valuetext]')].flatMap((one) => [one.ariaLabel, one.title, one.ariaValueText])].join(' '));
    const word = told.replace(/\s+/g, ' ').replace(/[\w-]+_(pct|c|s|day)\b|amphora\S*|RCPT failed|charge 00:30-04:30, discharge/gi, '').match(english);
    if (word) found.push(`${name}: "${told.replace(/\s+/g, ' ').slice(Math.max(0, word.index - 40), word.index + 40)}"`);
  };
  const { stage, page } = await show(t, 'charging', 'now', { lang: 'it', size: '1440' });
  for (const hash of [...SCREENS, 'login', 'install', 'setup']) {
    await page.evaluate((to) => { location.hash = to; }, `#/${hash}`);
    await page.locator('main h1').first().waitFor();
    await page.waitForTimeout(400);
    await look(page, hash);
  }
  for (const [hash, states] of [['now', ['pending', 'releasing', 'mismatch', 'lying', 'welded', 'stale', 'hot', 'nometer', 'meterlies', 'override', 'locked', 'two', 'viewer', 'demo']], ['plan', ['planned']], ['nodes', ['stale', 'mismatch', 'nometer']], ['alerts', ['locked', 'stale', 'mismatch']]]) {
    await page.evaluate((to) => { location.hash = to; }, `#/${hash}`);
    for (const state of states) {
      stage.reset();
      STATES[state](stage);
      stage.show();
      await page.waitForTimeout(350);
      await look(page, `${hash} ${state}`);
    }
  }
  await page.evaluate(() => { location.hash = '#/now'; });
  for (const button of ['.acts .btn.pri', '.acts .btn.by', 'button.demo']) {
    stage.reset();
    STATES.demo(stage);
    stage.show();
    await page.locator(button).first().click();
    await page.locator('dialog[open]').waitFor();
    await page.waitForTimeout(300);
    await look(page, button);
    await page.keyboard.press('Escape');
    await page.locator('dialog[open]').waitFor({ state: 'detached' });
  }
  equal(found, [], 'English in Italian');
  calm(page);
}, { timeout_s: 120 });
