/* Every screen in every width and language: nothing leaves the page, nothing is cut, nothing lies on something else. */
import { equal, test } from './lib/suite.mjs';
import { calm, tooSmall, whatDoesNotFit } from './lib/browser.mjs';
import { show } from './lib/shared.mjs';

export const SCREENS = ['now', 'plan', 'history', 'history/week', 'history/year', 'battery', 'nodes', 'alerts', 'settings'];
const WORDY = ['pending', 'mismatch', 'stale', 'hot', 'nometer', 'override', 'locked', 'two', 'first', 'meterlies'];
const LANGUAGES = [['en', 'English'], ['it', 'Italian'], ['xx', 'words 40 % longer']];

const short = { width: 780, height: 360 }; /* the phone on its side */

async function looks(t, state, hash, options) {
  const { page } = await show(t, state, hash, options);
  await page.waitForTimeout(250);
  equal(await whatDoesNotFit(page), [], `${state} ${hash}`);
  calm(page);
  return page;
}

for (const [lang, language] of LANGUAGES) {
  for (const hash of SCREENS) test(`${hash} fits at 360 px in ${language}`, (t) => looks(t, hash === 'alerts' ? 'locked' : 'charging', hash, { lang }));
  test(`every state of Now fits at 360 px in ${language}`, async (t) => {
    for (const state of WORDY) await looks(t, state, 'now', { lang });
  }, { timeout_s: 120 });
}

for (const size of ['1024x600', '1440']) {
  test(`every screen fits at ${size} in Italian`, async (t) => {
    for (const hash of SCREENS) await looks(t, 'charging', hash, { lang: 'it', size });
  }, { timeout_s: 120 });
}

test('Now does not scroll at 1024×600, in no state, alert bar included', async (t) => {
  for (const state of ['charging', 'pending', 'mismatch', 'stale', 'hot', 'nometer', 'override']) {
    const { page } = await show(t, state, 'now', { size: '1024x600' });
    const [scroll, client] = await page.evaluate(() => { const main = document.getElementById('main'); return [main.scrollHeight, main.clientHeight]; });
    equal(scroll <= client + 1, true, `${state}: ${scroll} px of ${client}`);
  }
}, { timeout_s: 120 });

test('Now fits on a phone on its side', async (t) => {
  for (const state of ['charging', 'mismatch', 'nometer']) await looks(t, state, 'now', { size: short });
});

test('at 1440 px the picture and the text stand beside each other', async (t) => {
  const { page } = await show(t, 'charging', 'now', { size: '1440' });
  const [picture, words] = await page.evaluate(() => ['.scene', '.why'].map((one) => { const box = document.querySelector(one).getBoundingClientRect(); return { left: box.left, right: box.right, height: box.height }; }));
  equal(picture.right <= words.left + 1, true, `picture to ${picture.right}, text from ${words.left}`);
  equal(picture.height > 600, true, `height of the picture ${picture.height}`);
});

test('the sheets fit at 360 px, with the longest words too', async (t) => {
  for (const lang of ['en', 'it', 'xx']) {
    const { page } = await show(t, 'resting', 'now', { lang });
    await page.locator('.acts .btn.pri').first().click();
    await page.locator('dialog[open]').waitFor();
    await page.waitForTimeout(500);
    equal(await whatDoesNotFit(page), [], `take over in ${lang}`);
  }
});

test('everything to press is 44 px, on every screen', async (t) => {
  for (const hash of SCREENS) {
    const { page } = await show(t, 'charging', hash);
    await page.waitForTimeout(250);
    equal(await tooSmall(page), [], hash);
  }
}, { timeout_s: 120 });

test('text twice as large still fits 360 px, on every screen', async (t) => {
  for (const hash of [...SCREENS, 'login', 'install']) {
    const { page } = await show(t, hash === 'alerts' ? 'locked' : 'charging', hash);
    await page.evaluate(() => { document.documentElement.style.fontSize = '200%'; dispatchEvent(new Event('resize')); });
    await page.waitForTimeout(400);
    equal(await whatDoesNotFit(page), [], hash);
  }
}, { timeout_s: 120 });
