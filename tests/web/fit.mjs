/* Every screen in every width and language: nothing leaves the page, nothing is cut, nothing lies on something else. */
import { equal, ok, test } from './lib/suite.mjs';
import { calm, tooSmall, whatDoesNotFit } from './lib/browser.mjs';
import { show } from './lib/shared.mjs';
import { untimed } from './lib/states.mjs';

export const SCREENS = ['now', 'plan', 'history', 'history/week', 'history/month', 'history/year', 'battery', 'nodes', 'alerts', 'settings'];
const WORDY = ['pending', 'mismatch', 'stale', 'hot', 'nometer', 'override', 'locked', 'two', 'first', 'meterlies'];
const LANGUAGES = [['en', 'English'], ['it', 'Italian'], ['xx', 'words 40 % longer']];

/* Where a screen has the most to show. */
export const stateFor = (hash) => (hash === 'alerts' ? 'locked' : hash.startsWith('history') ? 'years' : 'charging');

const short = { width: 780, height: 360 }; /* the phone on its side */

/* `then` looks on, before the page is closed: many open ones are too much for a small machine. */
async function looks(t, state, hash, options, then) {
  const { page } = await show(t, state, hash, options);
  await page.waitForTimeout(250);
  equal(await whatDoesNotFit(page), [], `${state} ${hash}`);
  calm(page);
  await then?.(page);
  await page.context().close();
}

for (const [lang, language] of LANGUAGES) {
  for (const hash of SCREENS) test(`${hash} fits at 360 px in ${language}`, (t) => looks(t, stateFor(hash), hash, { lang }));
  test(`every state of Now fits at 360 px in ${language}`, async (t) => {
    for (const state of WORDY) await looks(t, state, 'now', { lang });
  }, { timeout_s: 120 });
}

for (const size of ['1024x600', '1440']) {
  test(`every screen fits at ${size} in Italian`, async (t) => {
    for (const hash of SCREENS) await looks(t, stateFor(hash), hash, { lang: 'it', size });
  }, { timeout_s: 120 });
}

test('Now does not scroll at 1024×600, in no state, alert bar included', async (t) => {
  for (const state of ['charging', 'pending', 'mismatch', 'stale', 'hot', 'nometer', 'override']) {
    const { page } = await show(t, state, 'now', { size: '1024x600' });
    const [scroll, client] = await page.evaluate(() => { const main = document.getElementById('main'); return [main.scrollHeight, main.clientHeight]; });
    equal(scroll <= client + 1, true, `${state}: ${scroll} px of ${client}`);
  }
}, { timeout_s: 120 });

const banners = (page) => page.locator('main > .insecure');

test('relays that stay closed, or may, are named on every screen, each in its line, and fit', async (t) => {
  for (const [hash, size, scheme, lang] of [['now', '360', 'light', 'xx'], ['battery', '360', 'dark', 'it'], ['plan', '1024x600', 'light', 'en'], ['nodes', '1440', 'dark', 'it']]) {
    await looks(t, 'charging', hash, { size, scheme, lang, prepare: untimed }, async (page) => {
      equal(await banners(page).count(), 2, `lines on ${hash}`);
      const lines = await banners(page).evaluateAll((list) => list.map((one) => { const { top, bottom } = one.getBoundingClientRect(); return [Math.round(top), Math.round(bottom)]; }));
      equal(lines[0][1], lines[1][0], `px between them on ${hash}`);
    });
  }
});

test('what a trial of a relay showed decides how loud its line is', async (t) => {
  for (const [trial, words, isQuiet] of [[null, /no trial has proved it/, false], [false, /did not open by itself.*20 Nov/, false], [true, /a trial on .*20 Nov proved it/, true]]) {
    const { page } = await show(t, 'charging', 'alerts', { prepare: (stage) => untimed(stage, trial) });
    const [bare, told] = [banners(page).nth(0), banners(page).nth(1)], edge = (one) => one.evaluate((element) => getComputedStyle(element).borderLeftColor);
    ok(words.test(await told.innerText()), await told.innerText());
    equal(await edge(bare) !== await edge(told), isQuiet, `whether the second is quieter, ${trial}`);
  }
});

test('Now does not scroll at 1024×600 below two such lines, alert bar included', async (t) => {
  for (const [state, lang] of [['charging', 'it'], ['mismatch', 'en'], ['mismatch', 'it']]) {
    await looks(t, state, 'now', { size: '1024x600', lang, prepare: untimed }, async (page) =>
      equal(await page.evaluate(() => ['#main', '.why'].map((one) => document.querySelector(one)).filter((one) => one.scrollHeight > one.clientHeight + 1).map((one) => `${one.className || one.id}: ${one.scrollHeight} of ${one.clientHeight}`)), [], `${state} in ${lang}`));
  }
});

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

test('in a young journal the words of its gap touch no other words', async (t) => {
  for (const [size, lang] of [['360', 'en'], ['360', 'it'], ['1440', 'en']]) {
    const { page } = await show(t, 'charging', 'history/day', { size, lang });
    await page.locator('main .chart svg .gap').first().waitFor();
    const { words, touched } = await page.evaluate(() => {
      const texts = [...document.querySelectorAll('main .chart svg text')], meets = (a, b) => a.left < b.right && b.left < a.right && a.top + 2 < b.bottom && b.top + 2 < a.bottom;
      const words = texts.filter((one) => /\d\d:\d\d–\d\d:\d\d/.test(one.textContent)).flatMap((one) => [one, one.nextElementSibling]);
      return { words: words.length, touched: texts.filter((one) => !words.includes(one) && words.some((word) => meets(word.getBoundingClientRect(), one.getBoundingClientRect()))).map((one) => one.textContent) };
    });
    if (size === '1440') equal(words > 0, true, 'whether the gap has words where there is room');
    equal(touched, [], `what they touch at ${size} px, ${lang}`);
  }
});

test('each name in the rail is whole, also in Italian and where it is bold', async (t) => {
  for (const hash of ['settings', 'now']) {
    const { page } = await show(t, 'charging', hash, { size: '1024x600', lang: 'it' });
    const over = await page.evaluate(() => {
      const rail = document.querySelector('.nav').getBoundingClientRect(), range = document.createRange();
      return [...document.querySelectorAll('.nav a')].flatMap((link) => [...link.childNodes]).filter((node) => node.nodeType === 3).filter((node) => { range.selectNodeContents(node); const { left, right } = range.getBoundingClientRect(); return left < rail.left || right > rail.right; }).map((node) => node.data);
    });
    equal(over, [], `names that leave the rail on ${hash}`);
  }
});

/* ---- several of everything, and other shapes of screen ---- */

test('several batteries and relays fit on Now at every width, in every language', async (t) => {
  for (const state of ['two', 'four']) {
    for (const [size, lang] of [['360', 'en'], ['360', 'it'], ['360', 'xx'], ['1024x600', 'en'], ['1024x600', 'it'], ['1440', 'en']]) {
      await looks(t, state, 'now', { size, lang }, async (page) => {
        await page.locator('.jars a').last().click();
        await page.waitForTimeout(200);
        equal(await whatDoesNotFit(page), [], `the last of ${state} at ${size}, ${lang}`);
        const main = await page.evaluate(() => { const { scrollHeight, clientHeight } = document.getElementById('main'); return scrollHeight - clientHeight; });
        if (size === '1024x600') equal(main <= 1, true, `${state}: px that main scrolls at 1024×600: ${main}`);
      });
    }
  }
}, { timeout_s: 180 });

test('a phone on its side has every screen and the sheets', async (t) => {
  for (const hash of SCREENS) await looks(t, hash === 'alerts' ? 'locked' : 'charging', hash, { size: short });
  for (const state of ['two', 'four', 'pending', 'stale', 'hot']) await looks(t, state, 'now', { size: short });
  const { page } = await show(t, 'resting', 'now', { size: short });
  await page.locator('.acts .btn.pri').first().click();
  await page.locator('dialog[open]').waitFor();
  await page.waitForTimeout(500);
  equal(await whatDoesNotFit(page), [], 'take over');
}, { timeout_s: 180 });

test('at 1440 px in the dark every screen fits and is dark', async (t) => {
  for (const hash of SCREENS) {
    await looks(t, 'charging', hash, { size: '1440', scheme: 'dark' }, async (page) =>
      equal(await page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor), 'rgb(15, 18, 17)', `the ground of ${hash}`));
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

test('the last day of a month has its name within the picture', async (t) => {
  for (const lang of ['en', 'it'])
    await looks(t, 'charging', 'history/month/2026-06', { lang }, async (page) =>
      equal(await page.locator('main .chart svg text.num', { hasText: /^30$/ }).count(), 1, 'bold names of the 30th'));
});

/* What lies over what: the words beside the wire against the jar's ears, in CSS px. */
const overEars = (page) => page.evaluate(() => {
  const svg = document.querySelector('main svg[role=img]'), boxes = (selector) => [...svg.querySelectorAll(selector)].map((one) => [one.getBoundingClientRect(), one.textContent]);
  const ears = boxes('path.rim').map(([box]) => box).filter((box) => box.width < svg.getBoundingClientRect().width / 4);
  return { ears: ears.length, over: boxes('text').filter(([text]) => ears.some((ear) => text.left < ear.right && text.right > ear.left && text.bottom - 3 > ear.top && text.top + 3 < ear.bottom)).map(([, words]) => words) };
});

test('no words of the picture are written over the jar’s ears, in any language', async (t) => {
  for (const lang of ['en', 'it', 'xx'])
    for (const state of ['discharging', 'pending', 'releasing']) {
      const { page } = await show(t, state, 'now', { size: '360', lang });
      const { ears, over } = await overEars(page);
      ok(ears >= 2, `ears: ${ears}`);
      equal(over, [], `${state} in ${lang}`);
      await page.context().close();
    }
}, { timeout_s: 120 });
