/* Looking closer in History: by drag, wheel, two fingers and keys, and back again. */
import { equal, ok, pause, test, until } from './lib/suite.mjs';
import { calm } from './lib/browser.mjs';
import { show } from './lib/shared.mjs';

const chart = (page) => page.locator('main .chart.zoom svg').first();
const place = (page) => page.evaluate(() => location.hash);
const isCloser = (hash) => hash.split('/').length === 5;

async function open(t, options) {
  const { page } = await show(t, 'charging', 'history/day', { size: '1024x600', ...options });
  await chart(page).waitFor();
  await page.waitForTimeout(300);
  const box = await chart(page).boundingBox();
  return { page, box, at: (share) => box.x + box.width * share, y: box.y + 60 };
}

/* That another, shorter span is shown, and that one step leads back to the whole. */
async function closerAndBack(page) {
  await until(async () => isCloser(await place(page)), 'the address to name the closer span', 6);
  const back = page.locator('.back a');
  await back.waitFor();
  await back.click();
  await until(async () => !isCloser(await place(page)) && await back.count() === 0, 'the whole day again', 6);
  calm(page);
}

test('dragging over a day looks closer at it', async (t) => {
  const { page, at, y } = await open(t);
  await page.mouse.move(at(0.3), y);
  await page.mouse.down();
  await page.mouse.move(at(0.4), y, { steps: 4 });
  await page.mouse.move(at(0.5), y, { steps: 4 });
  ok(await page.locator('.picked').count() > 0, 'what is picked is seen');
  await page.mouse.up();
  await closerAndBack(page);
});

test('a wheel with Ctrl looks closer, and without it scrolls the page', async (t) => {
  const { page, at, y } = await open(t);
  await page.mouse.move(at(0.5), y);
  await page.mouse.wheel(0, 200);
  await pause(700);
  ok(!isCloser(await place(page)), 'the wheel alone');
  await page.locator('main').evaluate((main) => { main.scrollTop = 0; });
  await page.keyboard.down('Control');
  await page.mouse.move(at(0.5), y);
  await page.mouse.wheel(0, -200);
  await page.keyboard.up('Control');
  await closerAndBack(page);
});

test('two fingers look closer where they are, and no finger is needed to come back', async (t) => {
  const { page, at, y } = await open(t, { size: '360', context: { hasTouch: true, isMobile: true } });
  const cdp = await page.context().newCDPSession(page);
  const touch = (type, ...xs) => cdp.send('Input.dispatchTouchEvent', { type, touchPoints: xs.map((x, id) => ({ x, y, id })) });
  await touch('touchStart', at(0.4));
  await touch('touchStart', at(0.4), at(0.6));
  for (const way of [0.05, 0.1, 0.15, 0.2]) await touch('touchMove', at(0.4 - way), at(0.6 + way));
  await touch('touchEnd');
  await until(async () => isCloser(await place(page)), 'the address to name the closer span', 6);
  const [from, to] = (await place(page)).split('/').pop().match(/\d+/g).map(Number);
  ok(to > from, `the span: ${await place(page)}`);
  equal(await page.evaluate(() => visualViewport.scale), 1, 'the page itself does not grow');
  await closerAndBack(page);
});

test('the keys + and − look closer and further, Escape shows the whole', async (t) => {
  const { page } = await open(t);
  const slider = page.locator('main input[type=range]').first();
  await slider.focus();
  await page.keyboard.press('+');
  await until(async () => isCloser(await place(page)), 'closer', 6);
  const first = await place(page);
  await page.keyboard.press('+');
  await until(async () => { const now = await place(page); return isCloser(now) && now !== first; }, 'closer still', 6);
  await page.keyboard.press('Escape');
  await until(async () => !isCloser(await place(page)), 'the whole day', 6);
  calm(page);
});

test('what is looked at closer is shown again by its address', async (t) => {
  const { page, at, y } = await open(t);
  await page.mouse.move(at(0.3), y);
  await page.mouse.down();
  await page.mouse.move(at(0.5), y, { steps: 6 });
  await page.mouse.up();
  await until(async () => isCloser(await place(page)), 'closer', 6);
  const hash = await place(page);
  await page.reload();
  await page.locator('.back a').waitFor();
  equal(await place(page), hash, 'the address');
});
