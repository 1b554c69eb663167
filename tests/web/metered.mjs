/* Sun, home and grid in History's day, as their meters told them. */
import { equal, ok, test, until } from './lib/suite.mjs';
import { axe, calm, whatDoesNotFit } from './lib/browser.mjs';
import { show } from './lib/shared.mjs';
import { tellPast } from './lib/plans.mjs';
import * as now from './lib/now.mjs';

const STEP_MS = 5 * 60000, HOUR_MS = 3600000;
const WATTS = { pv: 3600, load: 520, grid: -310 };

/* The day so far in steps of 5 min: a battery at 55 %, meters but for two hours from 01:00 on. */
function store(stage, { without = [] } = {}) {
  const ends = Date.parse(stage.state.time);
  stage.on('GET series', (_, request) => {
    const query = new URL(request.url, 'http://stage').searchParams;
    const [kind, node] = [query.get('kind') ?? 'reading', query.get('node')];
    const begins = Number(query.get('from')), rows = [];
    for (let from = begins; from < Math.min(Number(query.get('to')), ends); from += STEP_MS) {
      const span = { from: new Date(from).toISOString(), to: new Date(from + STEP_MS).toISOString() };
      const isSilent = without.includes(node) || (from >= begins + HOUR_MS && from < begins + 3 * HOUR_MS);
      if (kind === 'reading') rows.push({ ...span, count: 30, soc_mean_pct: 55, soc_min_pct: 54.8, soc_max_pct: 55.2, soc_last_pct: 55, temp_mean_c: 21, temp_min_c: 20.5, temp_max_c: 21.5, power_mean_w: 1000, power_min_w: 900, power_max_w: 1100, charged_wh: 83.3, discharged_wh: 0 });
      else if (kind === 'meter' && !isSilent) rows.push({ ...span, count: 30, known_s: 300, quality: 'good', power_mean_w: WATTS[node], power_min_w: WATTS[node], power_max_w: WATTS[node], imported_wh: Math.max(0, WATTS[node]) / 12, exported_wh: Math.max(0, -WATTS[node]) / 12 });
    }
    return { body: { level: '1min', rolled_up_to: new Date(ends).toISOString(), cut: false, rows } };
  });
}

/* The house's evening, so that the day has something in it. */
const atEvening = (stage, options) => {
  stage.state.time = `${stage.state.time.slice(0, 10)}T20:00:00Z`;
  store(stage, options);
};

const open = (t, options = {}, more = {}) => show(t, 'charging', 'history/day', { size: '1440', prepare: (stage) => atEvening(stage, options), ...more });

test('sun, home and grid stand in History’s day, with their sums and what they said', async (t) => {
  const { page } = await open(t);
  const chart = page.locator('main svg[role=img]');
  await until(async () => /Sun and home/.test(await chart.textContent()), 'the lane', 10);
  ok(await chart.locator('path.a-sun').count() >= 1 && await chart.locator('path.l-load').count() >= 2, 'sun as an area, home as a line');
  ok(/Grid/.test(await chart.textContent()) && await chart.locator('path.l-grid').count() >= 1, 'the grid');
  ok(/meters silent/.test(await chart.textContent()), 'their gap, with its cause');
  const read = await now.text(page.locator('output.read'));
  for (const words of ['sun 3.60 kW', 'home 0.52 kW', 'grid giving 0.31 kW']) ok(read.includes(words), `${words} in "${read}"`);
  ok(!/-\d/.test(read), `a minus sign: ${read}`);
  ok(/at least/.test(await now.text(page.locator('main').getByText('from the sun').locator('..'))), 'that some of it is missing');
  await page.getByText('Show as a table').click();
  equal((await page.locator('table thead').first().innerText()).split(/\s+/).slice(0, 4), ['time', 'sun', 'home', 'Grid'], 'heads of the table');
  equal(await axe(page), [], 'axe');
  calm(page);
});

test('what was forecast stands beside what happened, in History’s day, its table and its CSV', async (t) => {
  const { page, stage } = await open(t, {}, { prepare: (stage) => { atEvening(stage, {}); tellPast(stage); } });
  const chart = page.locator('main .chart svg[role=img]');
  for (const looks of ['path.l-sun.dash', 'path.l-load.dash', 'path.l-bat.dash', 'path.a-sun', 'path.a-bat', 'path.l-sun:not(.dash)', 'path.l-bat:not(.dash)']) await until(async () => await chart.locator(looks).count() > 0, looks, 10);
  ok(/ahead=24h/.test(stage.asked('GET plan/past')[0].search), 'how far ahead');
  ok(/forecast up to a day ahead/.test(await now.text(page.locator('.key'))), 'the legend');
  const slider = page.locator('input.scrub');
  await slider.fill('500');
  const read = await now.text(page.locator('output.read'));
  for (const words of ['sun 3.60 kW', 'sun was to be 2.58 kW (1.55–3.23)', 'home was to be 0.32 kW', 'State of charge was to be 42 % (39–45)']) ok(read.includes(words), `${words} in "${read}"`);
  const past = page.locator('section.sec').filter({ hasText: 'Forecast up to a day ahead' });
  ok(/Within its range: sun \d+ %, home 100 %, State of charge \d+ % of the time; 80 % were to be/.test(await now.text(past)), await now.text(past));
  await past.getByText('Show as a table').click();
  equal(await past.locator('tbody tr').count(), 96, 'rows of the forecast');
  equal(await axe(page), [], 'axe');
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'CSV' }).click()]);
  const lines = (await (await import('node:fs/promises')).readFile(await download.path(), 'utf8')).split('\r\n');
  ok(lines[0].endsWith('forecast_pv_p10_w,forecast_pv_p50_w,forecast_pv_p90_w,forecast_load_p10_w,forecast_load_p50_w,forecast_load_p90_w,forecast_soc_p10_pct,forecast_soc_p50_pct,forecast_soc_p90_pct'), lines[0]);
  equal(lines[1].split(',').length, lines[0].split(',').length, 'cells of a line');
  calm(page);
});

test('without a meter History’s day says so, dotted, and shows no sum of it', async (t) => {
  const { page } = await open(t, { without: ['pv', 'load', 'grid'] });
  const chart = page.locator('main svg[role=img]');
  await until(async () => /needs a meter/.test(await chart.textContent()), 'that it needs one', 10);
  equal(await chart.locator('.a-sun, .l-grid').count(), 0, 'what no meter measured');
  equal(await page.locator('main').getByText('from the sun').count(), 0, 'its sum');
});

test('the lanes of the meters fit at 360 px in every language', async (t) => {
  for (const lang of ['en', 'it', 'xx']) {
    const { page } = await open(t, {}, { size: '360', lang, prepare: (stage) => { atEvening(stage, {}); tellPast(stage); } });
    await until(async () => await page.locator('main svg path.l-sun.dash').count() > 0, 'the lane', 10);
    equal(await whatDoesNotFit(page), [], lang);
  }
});

/* ---- several meters of a kind ---- */

/* Two of three roofs are heard; the grid's meter contradicts the others. */
const partly = (stage) => {
  Object.assign(stage.state.meters.pv, { of: 3, silent: ['roof-2'], quality: 'assumed' });
  Object.assign(stage.state.meters.grid, { of: 1, silent: [], quality: 'suspect' });
  stage.show?.();
};

test('of several meters Nodes says how many are heard, which is silent, and which cannot be right', async (t) => {
  const { stage, page } = await show(t, 'charging', 'nodes', { prepare: partly });
  const row = (words) => page.locator('main li').filter({ hasText: words });
  const sun = await now.text(row('Meter of the sun')), grid = await now.text(row('Meter at the grid'));
  ok(/2 of 3 heard/.test(sun) && /One is silent, and not in the sum: roof-2\./.test(sun), sun);
  ok(/not believed/.test(grid) && /Turn it round/.test(grid), grid);
  ok(/heard/.test(await now.text(row('Meter of the home'))), 'the one that is well');
  Object.assign(stage.state.meters.pv, { silent: ['roof-2', 'roof-3'] });
  stage.show();
  await until(async () => /1 of 3 heard.*2 are silent, and not in the sum: roof-2, roof-3\./.test(await now.text(row('Meter of the sun'))), 'two that are silent', 5);
  Object.assign(stage.state.meters.pv, { silent: [], quality: 'good' });
  stage.show();
  await until(async () => !/of 3/.test(await now.text(row('Meter of the sun'))), 'all of them', 5);
  calm(page);
});

test('Now says beside the sun that its value is of two meters of three', async (t) => {
  for (const lang of ['en', 'it', 'xx']) {
    const { page } = await show(t, 'charging', 'now', { prepare: partly, lang });
    const picture = page.locator('svg[role=img]').first();
    ok(/2 \w+ 3/.test(await picture.textContent()) && /2 (of|di|\w+) 3/.test(await picture.getAttribute('aria-label')), `the picture and its words in ${lang}: ${await picture.textContent()}`);
    equal(await whatDoesNotFit(page), [], `fits in ${lang}`);
    await page.context().close();
  }
}, { timeout_s: 120 });
