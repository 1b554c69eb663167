/* Every “Never” of the design page. What rules.mjs holds already is not here again. */
import { equal, ok, pause, test, until } from './lib/suite.mjs';
import { calm, whatDoesNotFit } from './lib/browser.mjs';
import { show } from './lib/shared.mjs';
import { STATES } from './lib/states.mjs';
import { swallowedWords } from './lib/colour.mjs';
import { SCREENS } from './fit.mjs';
import * as now from './lib/now.mjs';

test('never 0 for unknown: without meters there is “needs a meter”, dotted, and no number', async (t) => {
  const { page } = await show(t, 'nometer');
  const words = (await page.locator('.scene svg').first().textContent()).replace(/\u00a0/g, ' ');
  ok(!/\d[.,]\d\d ?kW\b/.test(words), `power in the picture: ${words}`);
  ok(/needs ?a meter/.test(words), `words in the picture: ${words}`);
  ok(await now.scene(page).locator('.dot').count() >= 2, 'dotted wires');
  ok(/unknown/.test(await now.told(page)), await now.told(page));
  calm(page);
});

test('never a flow that no meter measured: no ribbon and no arrow without meters', async (t) => {
  const { page } = await show(t, 'nometer', 'now', { motion: 'no-preference' });
  equal(await now.scene(page).locator('.chev').count(), 0, 'arrows');
  equal(await now.scene(page).locator('path.rib.sun[stroke-width], path.rib.grid[stroke-width]').count(), 0, 'ribbons');
});

test('zero is a thin line, unknown is dotted, old is hatched: three pictures', async (t) => {
  const { stage, page } = await show(t, 'charging');
  const wires = () => page.evaluate(() => {
    const picture = document.querySelector('.scene svg');
    return { dotted: picture.querySelectorAll('.dot').length, ribbons: picture.querySelectorAll('.rib').length, hatched: picture.querySelectorAll('.stale').length };
  });
  const zero = { power_w: 0, last_power_w: 0, quality: 'good', age_s: 2 };
  stage.state.meters.pv = zero;
  stage.show();
  await until(async () => /0\.00/.test(await now.told(page)), 'zero to be shown');
  const atZero = await wires();
  stage.state.meters.pv = { power_w: null, last_power_w: null, quality: 'missing', age_s: null };
  stage.show();
  await until(async () => (await wires()).dotted > atZero.dotted, 'more dots for unknown than for zero');
  STATES.stale(stage);
  stage.show();
  await until(async () => (await wires()).hatched > atZero.hatched, 'hatching for old');
});

test('never an old number that looks live: when cut off every age in the picture is “old”', async (t) => {
  const { stage, page } = await show(t, 'charging', 'now', { clock: true });
  stage.fall();
  await page.clock.runFor(20000);
  await until(async () => /Not known/.test(await now.text(now.verb(page))), 'the page to be cut off');
  const words = (await page.locator('.scene').innerText()).replace(/\u00a0/g, ' ');
  ok(!/\d s ago/.test(words), `an age that looks live: ${words.replace(/\n/g, ' | ')}`);
  equal(await now.scene(page).locator('.run, .chev:visible').count(), 0, 'flow that moves');
});

test('never red or green as the only cue: states differ in words and shapes without colour', async (t) => {
  const shapes = [];
  for (const state of ['charging', 'pending', 'mismatch', 'stale', 'hot']) {
    const { page } = await show(t, state);
    shapes.push([await now.text(now.verb(page)), await now.text(now.sign(page))].join(' '));
    const alarms = await page.locator('main .bar, main .tag.al').evaluateAll((list) => list.map((one) => [one.textContent.trim().length > 3, Boolean(one.querySelector('svg'))]));
    for (const [hasWords, hasShape] of alarms) ok(hasWords && hasShape, `an alarm without word or shape in ${state}`);
  }
  equal(new Set(shapes).size, shapes.length, `words and signs: ${shapes.join(' · ')}`);
});

test('never a spinner without words: what is being read says so', async (t) => {
  const { stage, page } = await show(t, 'charging');
  for (const path of ['series', 'nodes', 'settings', 'plan', 'battery/health', 'alerts']) stage.on(`GET ${path}`, () => 'never');
  for (const name of ['history', 'plan', 'battery', 'nodes', 'settings']) {
    await page.evaluate((hash) => { location.hash = hash; }, `#/${name}`);
    await page.locator('main h1, main .lede').first().waitFor();
    await pause(300);
    equal(await page.evaluate(() => [...document.querySelectorAll('main :is([aria-busy=true], progress, .spin)')].filter((one) => one.textContent.trim().length < 4).map((one) => one.outerHTML.slice(0, 80))), [], `what turns without words on ${name}`);
    const words = (await now.text(page.locator('main'))).replace(/^\S+ ?(b1)?/, '').trim();
    ok(/\w{4,}.*\w{2,}/.test(words), `${name} while it is read: "${words}"`);
  }
});

test('never a disabled control without its reason, on any screen', async (t) => {
  const { stage, page } = await show(t, 'stale', 'now', { clock: true });
  stage.hush();
  await page.clock.runFor(13000);
  for (const name of ['now', 'settings', 'alerts', 'nodes', 'battery']) {
    await page.evaluate((hash) => { location.hash = hash; }, `#/${name}`);
    await page.clock.runFor(400);
    await page.locator('main h1').first().waitFor();
    const silent = await page.evaluate(() => [...document.querySelectorAll('main :is(button, input, select):disabled')].filter((one) => {
      const ids = (one.getAttribute('aria-describedby') ?? one.closest('[aria-describedby]')?.getAttribute('aria-describedby') ?? '').split(' ').filter(Boolean);
      return !ids.some((id) => (document.getElementById(id)?.textContent ?? '').trim().length > 8);
    }).map((one) => one.outerHTML.slice(0, 120)));
    equal(silent, [], `controls that are off without a reason on ${name}`);
  }
});

/* Controls that are off and have no words to say why, within `where`. */
const silentIn = (page, where) => page.evaluate((selector) => [...document.querySelectorAll(`${selector} :is(button, input, select):disabled`)].filter((one) => {
  const ids = (one.getAttribute('aria-describedby') ?? one.closest('[aria-describedby]')?.getAttribute('aria-describedby') ?? '').split(' ').filter(Boolean);
  const own = one.classList.contains('hold') ? one.textContent.trim() : one.title;
  return own.length < 9 && !ids.some((id) => (document.getElementById(id)?.textContent ?? '').trim().length > 8);
}).map((one) => one.outerHTML.slice(0, 120)), where);

test('never a disabled control without its reason, for who may only look, in a lockout, and in the sheets', async (t) => {
  for (const [state, hashes] of [['viewer', ['now', 'plan', 'history', 'battery', 'nodes', 'settings', 'alerts', 'setup']], ['locked', ['now', 'alerts']], ['demo', ['now']]]) {
    const { page } = await show(t, state, 'now', { size: '1024x600', prepare: (stage) => stage.on('GET forecast', () => ({ body: { battery: 'b1', needs: ['readings'], columns: { t: [], temp_p50_c: [] } } })) });
    for (const hash of hashes) {
      await page.evaluate((to) => { location.hash = to; }, `#/${hash}`);
      await page.locator('main h1').first().waitFor();
      await pause(500);
      equal(await silentIn(page, 'main'), [], `${state}, ${hash}`);
    }
    if (state !== 'demo') continue;
    await now.takeOver(page).click();
    await now.sheet(page).waitFor();
    ok(await now.confirmButton(page).isDisabled(), 'the button of the sheet is off before a length is chosen');
    equal(await silentIn(page, 'dialog[open]'), [], 'take over');
  }
}, { timeout_s: 120 });

test('never a number without its age: each live value has it beside it, on every screen', async (t) => {
  const { page } = await show(t, 'two', 'now', { size: '1440' });
  const jars = await page.locator('.jars a').allInnerTexts();
  ok(jars.length === 2 && jars.every((words) => /\d s ago/.test(words.replace(/\u00a0/g, ' '))), `jars: ${jars}`);
  const values = { battery: '.facts dd:has(small):not(:has-text("EFC"))', nodes: '.list > li:has(.tag):has-text("reading")' };
  for (const [hash, selector] of Object.entries(values)) {
    await page.evaluate((to) => { location.hash = to; }, `#/${hash}`);
    await page.locator(`main ${selector.split(':')[0]}`).first().waitFor();
    await pause(500);
    const found = (await page.locator(`main ${selector}`).allInnerTexts()).map((words) => words.replace(/\s+/g, ' '));
    ok(found.length >= 4, `${hash}: ${found}`);
    const bare = found.filter((words) => /\d/.test(words) && !/\d ?(s|min) (ago|old)/.test(words));
    equal(bare, [], `without an age on ${hash}`);
  }
  ok(/\d s ago\|64 %, 24\.1 °C/.test((await page.evaluate(() => { location.hash = '#/battery'; }), await pause(700), (await page.locator('main .chart text').allTextContents()).join('|')).replace(/\u00a0/g, ' ')), 'the ring of where it lives');
  calm(page);
});

test('never text over a fill it was not tested on: the words of each picture stand out from what is under them', async (t) => {
  for (const scheme of ['light', 'dark']) {
    const { stage, page } = await show(t, 'charging', 'now', { scheme });
    const wrong = [];
    for (const width of [360, 1024]) {
      await page.setViewportSize({ width, height: width === 360 ? 780 : 600 });
      for (const state of ['charging', 'discharging', 'pending', 'releasing', 'mismatch', 'lying', 'stale', 'hot', 'nometer', 'meterlies', 'two']) {
        stage.reset();
        STATES[state](stage);
        stage.show();
        await pause(350);
        wrong.push(...(await swallowedWords(page)).map((one) => `${state} at ${width}: ${one}`));
      }
    }
    STATES.planned(stage);
    stage.show();
    for (const hash of ['plan', ...SCREENS.slice(2, 6)]) {
      await page.evaluate((to) => { location.hash = to; }, `#/${hash}`);
      await pause(900);
      wrong.push(...(await swallowedWords(page)).map((one) => `${hash}: ${one}`));
    }
    equal(wrong, [], scheme);
  }
  for (const lang of ['it', 'xx']) {
    const { page } = await show(t, 'stale', 'now', { lang });
    equal(await swallowedWords(page), [], `what is old in ${lang}`);
  }
}, { timeout_s: 180 });

test('never a place that a value does not fit: where a battery lives is told at each end of its scales', async (t) => {
  const { stage, page } = await show(t, 'charging', 'battery');
  for (const [soc_pct, temp_c] of [[100, 20], [96, 24], [0, 20], [50, -19], [97, 49], [3, 49], [98, -19]]) {
    Object.assign(stage.battery(), { soc_pct, temp_c, temp_max_c: temp_c, last: { ...stage.battery().last, soc_pct, temp_c, temp_max_c: temp_c } });
    stage.show();
    await until(async () => (await page.locator('main .chart text.hd').allTextContents()).join().replace(/\u00a0/g, ' ').includes(`${soc_pct} %, ${temp_c.toFixed(1)} °C`), `${soc_pct} %`, 8);
    equal(await whatDoesNotFit(page), [], `${soc_pct} % and ${temp_c} °C`);
  }
});

test('never a reason out of sight: in Settings it stays while one scrolls', async (t) => {
  const { page } = await show(t, 'viewer', 'settings');
  const field = page.locator('.par select, .par input').last();
  await field.scrollIntoViewIfNeeded();
  ok(await field.isDisabled(), 'the last field is off');
  const [why, main] = await page.evaluate(() => ['#settings-why', '#main'].map((one) => document.querySelector(one).getBoundingClientRect().toJSON()));
  ok(why.top >= main.top - 1 && why.bottom < main.bottom, `the reason from ${why.top} to ${why.bottom} px of ${main.top} to ${main.bottom}`);
  ok(/login/.test(await now.text(page.locator('#settings-why'))), 'the reason');
});

test('never a layout that jumps when a digit is added', async (t) => {
  const { stage, page } = await show(t, 'charging', 'now', { size: '1024x600' });
  const places = () => page.evaluate(() => [...document.querySelectorAll('.words dt, .acts .btn, .row h2, .verb h1')].map((one) => { const box = one.getBoundingClientRect(); return [Math.round(box.left), Math.round(box.top)]; }));
  const before = await places();
  Object.assign(stage.battery(), { age_s: 63, soc_pct: 100, temp_c: 44.9 });
  for (const meter of Object.values(stage.state.meters)) Object.assign(meter, { age_s: 63, power_w: Math.sign(meter.power_w) * 12345, last_power_w: Math.sign(meter.power_w) * 12345 });
  stage.relay('r1').heard_age_s = 63;
  stage.show();
  await until(async () => /12\.3/.test(await now.told(page)), 'the longer numbers');
  equal(await places(), before, 'places of what stands beside the numbers');
});

test('never a toast as the only trace: what failed stays until it is closed or over', async (t) => {
  const { stage, page } = await show(t, 'resting');
  stage.on('POST overrides', () => ({ status: 422, body: { type: '/problems/refused-by-limits', title: 'Refused by limits', status: 422, detail: 'the reserve is reached' } }));
  await now.choose(page, 'discharge', 0);
  await now.hold(page);
  await until(async () => /reserve is reached/.test(await now.text(page.locator('body'))), 'the refusal');
  await pause(10000);
  ok(/reserve is reached/.test(await now.text(page.locator('body'))), 'the refusal after 10 s');
});

test('never minus signs before power or charge, nor scolding words, on no other screen', async (t) => {
  const { stage, page } = await show(t, 'charging');
  const bare = (words) => words.replace(/did not arrive: [^.]*\./, ''); /* what a mail server said is quoted */
  for (const hash of ['plan', 'history', 'history/week', 'battery', 'nodes', 'alerts', 'settings', 'install', 'login', 'setup'])
    for (const state of ['planned', 'locked']) {
      stage.reset();
      STATES[state](stage);
      stage.show();
      await page.evaluate((to) => { location.hash = to; }, `#/${hash}`);
      await pause(400);
      const words = bare(await now.text(page.locator('body')));
      const minus = words.match(/(?:^|\s)[-−]\d[\d.]* ?(kW|kWh|W|%)(?=\W|$)/), bad = words.match(/\b(error|invalid|failed|oops|please wait)\b/i);
      ok(!minus && !bad, `${hash}, ${state}: "${minus?.[0] ?? bad?.[0]}"`);
    }
});

test('never minus signs before power or charge, nor scolding words, in no state', async (t) => {
  for (const state of ['charging', 'discharging', 'mismatch', 'lying', 'hot', 'stale', 'locked', 'nometer']) {
    const { page } = await show(t, state);
    const words = await now.text(page.locator('body'));
    ok(!/(^|\s)[-−]\d/.test(words.replace(/\d\d[-–]\d\d|[-−]\d+(\.\d)?\s?°/g, '')), `${state} has a minus: ${words.match(/.{20}(^|\s)[-−]\d.{10}/)?.[0]}`);
    const bad = words.match(/\b(error|invalid|failed|oops|please wait)\b/i);
    ok(!bad, `${state} says "${bad?.[0]}"`);
  }
});

/* How many different looks the arrows of what flows have in two and a half seconds. */
const looksOf = (page) => page.evaluate(async () => {
  const looks = new Set();
  for (let i = 0; i < 25; i++) {
    looks.add([...document.querySelectorAll('.run .chev')].map((one) => getComputedStyle(one).opacity).join());
    await new Promise((resolve) => { setTimeout(resolve, 100); });
  }
  return looks.size;
});

test('motion stops for who wants none, and on a page that nobody sees', async (t) => {
  const { page } = await show(t, 'charging', 'now', { motion: 'reduce' });
  equal(await looksOf(page), 1, 'looks where no motion is wanted');
  const running = await page.evaluate(() => document.getAnimations().filter((one) => one.playState === 'running' && one.effect?.getTiming().iterations === Infinity).length);
  equal(running, 0, 'animations without end');
  const { page: moving } = await show(t, 'charging', 'now', { motion: 'no-preference' });
  ok(await looksOf(moving) > 3, 'what flows moves');
  await moving.evaluate(() => Object.defineProperty(document, 'hidden', { get: () => true }));
  await moving.waitForTimeout(700);
  equal(await looksOf(moving), 1, 'looks on a page that nobody sees');
});
