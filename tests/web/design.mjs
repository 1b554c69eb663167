/* What the design page fixes in numbers: tokens, layout by width, the drawing's measures, motion; and the words of each state. */
import { equal, ok, test, until } from './lib/suite.mjs';
import { calm, launch, openPage } from './lib/browser.mjs';
import { show } from './lib/shared.mjs';
import { STATES } from './lib/states.mjs';
import { SCREENS } from './fit.mjs';
import * as now from './lib/now.mjs';

/* ---- tokens ---- */

const TOKENS = {
  bg: ['#f5f2eb', '#0f1211'], raised: ['#fffdf8', '#1a1e1c'], sky: ['#faf6ec', '#121716'], earth: ['#ebe5d8', '#1c1915'], ink: ['#1d1b17', '#f3efe6'],
  'ink-2': ['#565045', '#b0aa9c'], edge: ['#827b6b', '#7d837c'], line: ['#d9d2c2', '#2e322f'], sun: ['#e5a11a', '#f0b13c'], 'sun-t': ['#774f00', '#f5c566'],
  grid: ['#7a78e0', '#8e8cf2'], 'grid-t': ['#4643ad', '#b7b5ff'], bat: ['#2a9d8c', '#3fc2ad'], 'bat-t': ['#0a5f54', '#74e0ce'], liquid: ['#9fd8cc', '#11574d'],
  alarm: ['#ab2a17', '#ff917c'], 'alarm-bg': ['#fae5de', '#3b1811'], focus: ['#3532a8', '#c3c1ff'],
};

test('colours are the design’s in light and in dark, by the device and by choice', async (t) => {
  for (const [i, scheme] of ['light', 'dark'].entries()) {
    const { page } = await show(t, 'charging', 'now', { scheme });
    const read = () => page.evaluate((names) => names.map((name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim()), Object.keys(TOKENS));
    equal(await read(), Object.values(TOKENS).map((pair) => pair[i]), scheme);
    await page.getByRole('button', { name: /light and dark/i }).click();
    equal(await read(), Object.values(TOKENS).map((pair) => pair[1 - i]), `chosen against ${scheme}`);
  }
});

test('nothing is written smaller than 12 px, on any screen at any width', async (t) => {
  for (const size of ['360', '1024x600']) {
    const { page } = await show(t, 'two', 'now', { size });
    for (const hash of SCREENS) {
      await page.evaluate((to) => { location.hash = to; }, `#/${hash}`);
      await page.waitForTimeout(400);
      const small = await page.evaluate(() => [...document.querySelectorAll('body *')].filter((one) => [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim()) && one.getClientRects().length && parseFloat(getComputedStyle(one).fontSize) < 12).map((one) => `${one.textContent.trim().slice(0, 30)} ${getComputedStyle(one).fontSize}`));
      equal(small, [], `${hash} at ${size}`);
    }
  }
}, { timeout_s: 120 });

/* ---- layout ---- */

const boxes = (page) => page.evaluate(() => {
  const box = (selector) => { const one = document.querySelector(selector)?.getBoundingClientRect(); return one ? { x: one.left, y: one.top, w: Math.round(one.width), h: Math.round(one.height) } : null; };
  const isSeen = (one) => one.getClientRects().length > 0;
  return { nav: box('.nav'), scene: box('.scene'), why: box('.why'), main: box('main'), tabs: [...document.querySelectorAll('.nav a, .nav button')].filter(isSeen).map((one) => one.textContent), ladder: isSeen(document.querySelector('.why .ladder') ?? document.createElement('i')) };
});

const ALL = ['Now', 'Plan', 'History', 'Battery', 'Nodes', 'Alerts', 'Settings'];

test('tabs below or a rail, the picture and the text each have the design’s place, at every width', async (t) => {
  const { page } = await show(t, 'charging');
  const at = async (width, height) => { await page.setViewportSize({ width, height }); await page.waitForTimeout(300); return boxes(page); };
  const phone = await at(360, 780);
  equal([phone.tabs, phone.scene.h, phone.nav.w], [['Now', 'Plan', 'History', 'Alerts', 'More'], 424, 360], 'a phone');
  ok(phone.nav.y > phone.main.y && phone.why.y >= phone.scene.y + 424, 'tabs below, text under the picture');
  const upright = await at(768, 1024);
  equal([upright.tabs, upright.nav.w, upright.scene.h], [ALL, 84, 600], 'a tablet held upright');
  const wall = await at(1024, 600);
  equal([wall.tabs, wall.nav.w, wall.why.w, wall.scene.h, wall.ladder], [ALL, 84, 372, wall.main.h, false], 'a wall tablet');
  const wide = await at(1440, 900);
  equal([wide.nav.w, wide.why.w, wide.ladder], [104, 480, false], 'a desk');
  equal((await at(1440, 960)).ladder, true, 'whether the deciders stand open from 960 px height');
  calm(page);
});

test('other pages are one column, two from 960 px, at most 1240 px; and main alone scrolls', async (t) => {
  const { page } = await show(t, 'locked', 'battery');
  for (const hash of ['battery', 'nodes', 'settings', 'alerts', 'history', 'plan']) {
    await page.evaluate((to) => { location.hash = to; }, `#/${hash}`);
    await page.locator('main h1').first().waitFor();
    await page.locator('main .split').first().waitFor({ timeout: 4000 }).catch(() => {});
    for (const width of [700, 1300, 1920]) {
      await page.setViewportSize({ width, height: 600 });
      await page.waitForTimeout(150);
      const found = await page.evaluate(() => ({ columns: [...document.querySelectorAll('main .split')].map((one) => getComputedStyle(one).gridTemplateColumns.split(' ').length), wide: Math.round(document.querySelector('.page').getBoundingClientRect().width), scrolls: document.scrollingElement.scrollHeight > innerHeight }));
      ok(found.columns.every((n) => n === (width < 960 ? 1 : 2)), `columns of ${hash} at ${width} px: ${found.columns}`);
      if (['nodes', 'alerts'].includes(hash)) equal(found.columns.length, 1, `that ${hash} has columns`);
      ok(found.wide <= 1240, `${hash} is ${found.wide} px wide at ${width}`);
      equal(found.scrolls, false, `whether the page itself scrolls on ${hash}`);
    }
  }
});

/* ---- the drawing's measures ---- */

const power = (w) => ({ power_w: w, last_power_w: w, quality: 'good', age_s: 2 });

test('a ribbon is as wide as its power, 40u at 5 kW, never under 4 px; below 20 W a thin line without arrows', async (t) => {
  const { stage, page } = await show(t, 'charging', 'now', { size: '1024x600' });
  const wire = async (w) => {
    stage.state.meters.pv = power(w);
    stage.show();
    await until(async () => (await now.told(page)).includes(`Sun ${(w / 1000).toFixed(2)} kW`), `${w} W`);
    return page.evaluate(() => {
      const wires = document.querySelectorAll('.scene svg > g')[1], rib = wires.querySelector('path.rib.sun:not(.edge)');
      const { width, height } = document.querySelector('.scene').getBoundingClientRect();
      return { u: Math.min(width / 400, height / 440, 1.75), thick: rib ? Number(rib.getAttribute('stroke-width')) : 0, thin: wires.querySelectorAll('path.s-mut:not(.dot)').length, arrows: wires.querySelectorAll('.chev').length };
    });
  };
  for (const w of [1000, 2500, 5000]) {
    const { u, thick, arrows } = await wire(w);
    ok(Math.abs(thick - w / 5000 * 40 * u) < 0.2 && arrows === 3, `${w} W: ${thick} of ${(w / 5000 * 40 * u).toFixed(1)}, ${arrows} arrows`);
  }
  equal((await wire(100)).thick, 4, 'the least');
  const { thick, thin, arrows } = await wire(19);
  equal([thick, thin, arrows], [0, 1, 0], 'under 20 W: ribbon, thin line, arrows');
});

test('the jar’s liquid is linear in the charge, and the pointer keeps its place where its words dodge', async (t) => {
  const { stage, page } = await show(t, 'charging', 'now', { size: '1024x600' });
  const at = async (soc_pct, temp_c) => {
    Object.assign(stage.battery(), { soc_pct, temp_c, temp_max_c: temp_c });
    stage.show();
    await until(async () => (await now.told(page)).includes(`${temp_c.toFixed(1)} °C`), `${temp_c} °C`);
    return page.evaluate(() => ({ liquid: Number(document.querySelector('.scene .liq').getAttribute('y')), pointer: Number(document.querySelector('.scene .ptr').getAttribute('d').match(/ ([\d.]+)l/)[1]), words: [...document.querySelectorAll('.scene text')].find((one) => /\d\.\d°/.test(one.textContent)).getBoundingClientRect().top }));
  };
  const [empty, half, full] = [await at(0, 10), await at(50, 25), await at(100, 44)];
  ok(Math.abs((empty.liquid - full.liquid) / 2 - (empty.liquid - half.liquid)) < 0.3, `levels ${empty.liquid}, ${half.liquid}, ${full.liquid}`);
  ok(Math.abs((empty.pointer - half.pointer) / 15 - (half.pointer - full.pointer) / 19) < 0.05, `pointer ${empty.pointer}, ${half.pointer}, ${full.pointer}`);
});

test('what flows pulses in order, 2.8 s a round, and stands still where the data is old', async (t) => {
  const { stage, page } = await show(t, 'charging', 'now', { motion: 'no-preference', clock: true });
  const look = () => page.evaluate(() => [...document.querySelectorAll('.scene .run .chev')].slice(0, 3).map((one) => Number(getComputedStyle(one).opacity)));
  await page.clock.pauseAt(new Date(Date.now() + 2000));
  const round = [];
  for (let i = 0; i < 8; i++) {
    await page.clock.runFor(700);
    round.push((await look()).join());
  }
  equal(round.slice(0, 4), round.slice(4), 'the next 2.8 s are as the first');
  const order = [0, 1, 2].map((place) => round.findIndex((one) => Number(one.split(',')[place]) === 0.25));
  equal([(order[1] - order[0] + 4) % 4, (order[2] - order[1] + 4) % 4], [1, 1], `each arrow after the one before it: ${round.slice(0, 4).join(' | ')}`);
  stage.hush();
  await page.clock.runFor(13000);
  await until(async () => /Not known/.test(await now.text(now.verb(page))), 'the page to be cut off');
  equal(await look(), [], 'arrows that go on');
});

/* ---- what each state says ---- */

/* State: the verb, then what the reason, what would flip it, the relay, what comes next and the bar have to say; and what is (not) drawn. */
const SAID = {
  charging: ['Charging', { because: /^because it is 64 % full; .* 80 %\.$/, flip: /^It would stop at 80 %/, next: /^Next \d\d:\d\d .*80 % in about 17 min/ }, { '.rib.bat': 2, '.ghost': 0 }],
  discharging: ['Discharging', { because: /^because .* 38 %/, picture: /0\.87 kW out of the battery/ }, { '.rib.bat': 2 }],
  pending: ['Starting to charge', { said: /Waiting for the relay to confirm: asked \d+ s ago, \d s left/, acts: /^Take it back/, next: /now Charging, once the relay confirms/, picture: /0\.00 kW/ }, { '.ghost': 1, '.rib.bat': 0 }],
  releasing: ['Going to rest', { acts: /^Take it back/, picture: /2\.72 kW into the battery/ }, { '.ghost': 1, '.rib.bat': 2 }],
  mismatch: ['Not charging', { because: /^although asked to/, bar: /Relay r1 does not follow/, said: /They disagree\. Asked/ }, { '.ghost': 1, '.lever.al-s': 1 }],
  lying: ['No effect', { said: /They agree, but the battery does not follow/, picture: /0\.00 kW nothing flows/ }, { '.rib.bat': 0, '.lever.al-s': 1 }],
  stale: ['Waiting', { because: /^because battery sensor b1 has said nothing for 6 min 1\d s/, acts: /Not until b1 is heard/, picture: /64 %, 6 min old.*Sun 3\.42 kW, \d s ago/ }, { '.stale .liq': 1, '.rib.sun': 3 }],
  hot: ['Stopped', { because: /51\.8 °C; charging is allowed up to 45\.0 °C/ }, { '.ptr.al-f': 1, 'text.al-f': 1 }],
  nometer: ['Charging', { because: /^because it is 64 % full/, next: /No time known: that needs a meter/, picture: /Sun unknown, needs a meter; Home unknown/ }, { '.dot': 5, '.lever': 3, '.rib': 0 }],
  override: ['Resting', { because: /^because you asked for it until \d\d:\d\d\.$/, next: /\d\d:\d\d Back to the rule/ }, {}],
  locked: ['Stopped', { acts: /Locked: unlock it in Alerts first/, bar: /b1 is locked/ }, {}],
};

test('each state of Now says and draws what the design has for it', async (t) => {
  const { stage, page } = await show(t, 'charging');
  const text = (selector) => page.locator(selector).first().innerText({ timeout: 1000 }).then((words) => words.replace(/\s+/g, ' ').trim(), () => '');
  const places = { because: '.because', flip: '.flip', said: '.said', next: '.next', acts: '.acts', bar: 'main .bar' };
  const wrong = [];
  for (const [state, [verb, words, counts]] of Object.entries(SAID)) {
    stage.reset();
    STATES[state](stage);
    stage.show();
    await until(async () => await now.text(now.verb(page)) === verb, `${state}: ${verb}`);
    await page.waitForTimeout(200);
    for (const [name, pattern] of Object.entries(words)) {
      const found = name === 'picture' ? await now.told(page) : await text(places[name]);
      if (!pattern.test(found)) wrong.push(`${state}, ${name}: "${found}" is not ${pattern}`);
    }
    for (const [selector, wanted] of Object.entries(counts)) {
      const found = await now.scene(page).locator(selector).count();
      if (found !== wanted) wrong.push(`${state} has ${found} ${selector} instead of ${wanted}`);
    }
  }
  equal(wrong, [], 'what is not as designed');
  calm(page);
}, { timeout_s: 120 });

test('a house that knows nothing yet is dotted, with “–” for the charge, the steps of pairing, and the way to the code', async (t) => {
  const { page } = await show(t, 'empty');
  const drawn = await page.evaluate(() => { const svg = document.querySelector('.scene svg'); return { dotted: svg.querySelectorAll('.dot').length, ribbons: svg.querySelectorAll('.rib').length, rim: svg.querySelectorAll('.rim.unk').length, words: svg.textContent }; });
  ok(drawn.dotted >= 4 && drawn.rim >= 3 && drawn.ribbons === 0, JSON.stringify(drawn));
  ok(/–/.test(drawn.words) && !/\d/.test(drawn.words), `numbers in the picture: ${drawn.words}`);
  equal(await page.locator('.steps > li').count(), 4, 'steps');
  for (const name of ['Set it up', 'Log in']) ok(await page.getByRole('link', { name }).count() > 0, name);
  calm(page);
});

/* ---- an hour in minutes ---- */

test('each sensor and meter has its last hour in minutes: full where heard, tall and hollow where missed, a point where not known', async (t) => {
  const missed = { reading: [17], meter: [20, 21, 22, 23, 24] };
  const prepare = (stage) => {
    Object.assign(stage.state, { time: `${stage.state.time.slice(0, 17)}30Z`, uptime_s: 7200 });
    const end = Math.floor(Date.parse(stage.state.time) / 60000) * 60000;
    stage.on('GET series', (_, request) => {
      const query = new URL(request.url, 'http://stage').searchParams, kind = query.get('kind') ?? 'reading';
      const minutes = Array.from({ length: kind === 'meter' ? 57 : 60 }, (__, i) => i).filter((i) => !(missed[kind] ?? []).includes(i)); /* a meter's are stored late */
      const rows = query.get('level') === 'raw' ? minutes.map((i) => ({ at: new Date(end - (60 - i) * 60000).toISOString() })) : [];
      return { body: { level: query.get('level'), rolled_up_to: null, cut: false, rows } };
    });
  };
  const { page } = await show(t, 'charging', 'nodes', { prepare });
  for (const [row, said, counts] of [['b1, battery sensor', 'The last hour: 1 of 60 minutes without a word.', [59, 1, 0]], ['Meter of the sun', 'The last hour: 5 of 57 minutes without a word.', [52, 5, 3]], ['Meter at the grid', 'The last hour: 5 of 57 minutes without a word.', [52, 5, 3]]]) {
    const beat = page.locator('main li').filter({ hasText: row }).locator('svg.beat');
    await beat.waitFor();
    equal(await beat.getAttribute('aria-label'), said, `${row}, in words`);
    equal(await beat.evaluate((svg) => ['y', 'x', 'n'].map((name) => svg.querySelectorAll(`rect.${name}`).length)), counts, `${row}: full, hollow, points`);
    const [full, hollow] = await beat.evaluate((svg) => ['.y', '.x'].map((name) => [svg.querySelector(name).height.baseVal.value, getComputedStyle(svg.querySelector(name)).fill]));
    ok(hollow[0] > full[0] && hollow[1] === 'none' && full[1] !== 'none', `shapes: ${full}, ${hollow}`);
  }
  calm(page);
});

test('each relay says for how long it was on today, also one that said nothing, and not what is not known', async (t) => {
  const on_s = { r1: 4800, r2: null };
  const prepare = (stage) => stage.on('GET series', (_, request) => {
    const query = new URL(request.url, 'http://stage').searchParams;
    return { body: { rows: [], rolled_up_to: null, columns: { t: [0], on_s: [on_s[query.get('node')]] } } };
  });
  const { stage, page } = await show(t, 'charging', 'nodes', { prepare });
  const row = (id) => page.locator('main li').filter({ hasText: `${id}, relay` });
  await until(async () => /on today for 1 h 20 min/.test(await now.text(row('r1'))), 'r1', 10);
  await until(async () => /on today for 0 s/.test(await now.text(row('r2'))), 'r2, off all day', 10);
  stage.change({ kind: 'relay', subject: 'r2', parts: { relays: { r2: { ...stage.relay('r2'), state: null } } } });
  await until(async () => !/on today for/.test(await now.text(row('r2'))), 'that it is not known', 10);
  calm(page);
});

/* ---- what plain HTTP cannot do ---- */

test('over plain HTTP in the house the page says what that cannot do and how to get HTTPS, and has no service worker', async (t) => {
  const own = await launch(['--host-resolver-rules=MAP house.test 127.0.0.1']);
  t.atEnd(() => own.close());
  const { stage } = await show(t, 'charging', 'now');
  const page = await openPage(t, { browser: own });
  await page.goto(`${stage.url.replace('127.0.0.1', 'house.test')}#/install`);
  const main = page.locator('main');
  await main.locator('h1').waitFor();
  const told = await now.text(main);
  for (const words of ['Over plain HTTP this page cannot be installed', 'does not open without the network', 'can read along', 'How to get HTTPS', 'web.certificate', 'web.proxy', 'VPN']) ok(told.includes(words), `${words} in "${told}"`);
  ok(!/can be installed and|This page can be installed/.test(told), 'what it cannot is not promised');
  equal(await page.evaluate(() => 'serviceWorker' in navigator), false, 'whether there is a service worker');
  await page.evaluate(() => { location.hash = '#/settings'; });
  await until(async () => /Over plain HTTP this page works, but it cannot be installed/.test(await now.text(main)), 'the note in Settings');
  await page.getByRole('link', { name: 'How to get HTTPS' }).waitFor();
  await page.evaluate(() => { location.hash = '#/now'; });
  await until(async () => /Charging/.test(await now.text(now.verb(page))), 'that it works all the same');
});
