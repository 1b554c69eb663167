/* History's week, month and year over a home's stored year: bars, what is missing of them, and what they say. */
import { readFile, writeFile } from 'node:fs/promises';
import { equal, ok, test, until } from './lib/suite.mjs';
import { calm, openPage } from './lib/browser.mjs';
import { show, theHouse } from './lib/shared.mjs';
import * as now from './lib/now.mjs';

const chart = (page) => page.locator('main .chart svg[role=img]');
const slider = (page) => page.locator('main input.scrub');
const read = (page) => now.text(page.locator('output.read'));
const facts = (page) => now.text(page.locator('main .facts'));
const plain = (text) => text.replace(/\u00a0/g, ' ');

async function open(t, hash, { state = 'years', ...options } = {}) {
  const { page, stage } = await show(t, state, hash, { size: '1440', ...options });
  await page.locator('main h2, main .lede').first().waitFor();
  await until(async () => await chart(page).count() > 0 || await page.locator('main table').count() > 0, 'what was stored', 10);
  return { page, stage };
}

/* In the page: what of a chart's texts the cursor lies on. */
const crossed = (page, of = 'text') => chart(page).evaluate((svg, of) => {
  const lines = [...svg.querySelectorAll('.g-cur')].flatMap((path) => [...path.getAttribute('d').matchAll(/M([\d.]+) ([\d.]+)V([\d.]+)/g)].map(([, x, a, b]) => ({ x: Number(x), from: Math.min(a, b), to: Math.max(a, b) })));
  return [...svg.querySelectorAll(of)].filter((text) => {
    const box = text.getBBox();
    return lines.some(({ x, from, to }) => to - from > 1 && x > box.x && x < box.x + box.width && to > box.y + 3 && from < box.y + box.height - 3);
  }).map((text) => text.textContent);
}, of);

test('a week stands as bars: up from the sun, down what the battery gave, each day with its number', async (t) => {
  const { page } = await open(t, 'history/week');
  const words = plain(await chart(page).textContent());
  for (const head of ['From the sun kWh', 'Used from the battery kWh']) ok(words.includes(head), `${head} in ${words}`);
  equal([await chart(page).locator('.b-sun').count(), await chart(page).locator('.b-bat').count()], [4, 4], 'whole days, up and down');
  for (const day of ['Thu 19', 'Fri 20', 'Sat 21', 'Sun 22', 'Mon 23', 'Tue 24', 'Wed 25']) ok(words.includes(day), `${day} in ${words}`);
  ok(/from the sun at least \d\d\.\d kWh \d\d\.\d % measured/.test(await facts(page)), await facts(page));
  ok(/used from the battery at least \d\d\.\d kWh/.test(await facts(page)) && /full cycles at least \d\.\d EFC/.test(await facts(page)), await facts(page));
  const label = await chart(page).getAttribute('aria-label');
  ok(/Energy by day: from the sun at least \d\d\.\d kWh; used from the battery/.test(plain(label)) && /table follows/.test(label), label);
  calm(page);
});

test('what was measured in part is pale, hatched and says how much, and a day that is not over is in part', async (t) => {
  const { page } = await open(t, 'history/week');
  equal([await chart(page).locator('.a-sun').count(), await chart(page).locator('.a-bat').count(), await chart(page).locator('.gap').count()], [3, 3, 6], 'Sunday, Tuesday and today');
  const words = plain(await chart(page).textContent());
  for (const share of ['61 %', '93 %', '48 %']) ok(words.includes(share), `${share} in ${words}`);
  ok(/partly or not measured/.test(await now.text(page.locator('.key'))), 'the key');
  await slider(page).fill('3');
  ok(/^Sun 22 Nov at least \d\.\d kWh from the sun .*61 % measured$/.test(await read(page)), await read(page));
  await slider(page).fill('0');
  ok(/^Thu 19 Nov \d+\.\d kWh from the sun \d\.\d kWh into the battery \d\.\d kWh out of it charge \d\d–90 % 100 % measured$/.test(await read(page)), await read(page));
});

test('a month has its missing days hatched over their height, and nothing where it is still to come', async (t) => {
  const { page } = await open(t, 'history/month');
  const boxes = (looks) => chart(page).locator(looks).evaluateAll((all) => all.map((one) => ({ x: Number(one.getAttribute('x')), height: Number(one.getAttribute('height')) })));
  const [suns, gaps] = [await boxes('.b-sun, .a-sun'), await boxes('.gap')];
  equal(suns.length, 23, 'days with a sun: without the 11th and the 18th');
  const step = (await chart(page).evaluate((svg) => svg.clientWidth)) / 30, dayOf = ({ x }) => Math.floor(x / step) + 1;
  equal(gaps.filter(({ height }) => height > 250).map(dayOf), [11], 'the day that is missing whole');
  equal(gaps.filter(({ height, x }) => height > 120 && height < 250 && !suns.some((one) => one.x === x)).map(dayOf), [18], 'the day whose meters alone were silent');
  ok(suns.every(({ x }) => x < 25 * step), 'bars of days that are to come');
  ok(/no data 1 of 25 Wed 11 Nov/.test(await facts(page)), await facts(page));
  equal(await chart(page).locator('text').evaluateAll((all) => all.map((one) => one.textContent).filter((text) => /^\d+$/.test(text))), ['1', '5', '10', '15', '20', '25', '30'], 'names below');
  const numbers = await chart(page).locator('text.num').evaluateAll((all) => all.map((one) => one.textContent).filter((text) => /^\d+\.\d$/.test(text)));
  equal(numbers.length, 1, `the number of the highest alone: ${numbers}`);
  for (const place of [0, 1, 2, 3, 24]) {
    await slider(page).fill(String(place));
    equal(await crossed(page), [], `what the cursor lies on, bar ${place}`);
  }
  await slider(page).fill('10');
  equal(await read(page), 'Wed 11 Nov no data', 'the 11th');
  await slider(page).fill('17');
  ok(/^Wed 18 Nov no data from the sun \d\.\d kWh into the battery/.test(await read(page)), await read(page));
  await slider(page).fill('29');
  equal(await read(page), 'Mon 30 Nov still to come', 'the 30th');
});

test('nothing from the sun is a thin line, which a day that is to come has not, nor one that nobody measured', async (t) => {
  const dark = (stage) => {
    const tell = stage.handlers.get('GET series');
    stage.on('GET series', (body, request) => {
      const answer = tell(body, request);
      if (/kind=meter/.test(request.url)) for (const row of answer.body.rows) if (row.from.startsWith('2026-11-19')) row.imported_wh = 0;
      return answer;
    });
  };
  const { page } = await open(t, 'history/month', { prepare: dark });
  const thin = await chart(page).locator('.b-sun').evaluateAll((all) => all.map((one) => Number(one.getAttribute('height'))).filter((height) => height < 3));
  equal(thin, [1.5], 'heights');
  await slider(page).fill('19');
  ok(/^Fri 20 Nov 0\.0 kWh from the sun/.test(await read(page)), await read(page));
});

test('a year with gaps has bars by month, in whole numbers, and names what is missing', async (t) => {
  const { page } = await open(t, 'history/year');
  equal([await chart(page).locator('.b-sun').count(), await chart(page).locator('.a-sun').count()], [6, 3], 'whole months, and March, August and November');
  equal((await chart(page).locator('.gap').evaluateAll((all) => all.filter((one) => Number(one.getAttribute('height')) > 250).length)), 2, 'January and February');
  equal((await chart(page).locator('text.num').evaluateAll((all) => all.map((one) => one.textContent).filter((text) => /^[\d.,]+$/.test(text) && !/^\d+$/.test(text)))), [], 'numbers with decimals');
  ok(plain(await chart(page).textContent()).includes('74 %'), 'March, of which 23 days of 31');
  ok(/no data 2 of 11 January 2026, February 2026/.test(await facts(page)), await facts(page));
});

test('the cursor of bars lies on no number, stands above its slider, and moves by tap and by key', async (t) => {
  for (const size of ['360', '1440']) {
    const { page } = await open(t, 'history/week', { size });
    const box = await chart(page).boundingBox();
    for (const i of [0, 3, 6]) {
      await page.mouse.click(box.x + (box.width / 7) * (i + 0.5), box.y + 150);
      await until(async () => await slider(page).inputValue() === String(i), `the tap on bar ${i}`, 5);
      equal(await crossed(page), [], `what it lies on at ${size}, bar ${i}`);
      const track = await slider(page).boundingBox(), thumb = track.x + 12 + ((track.width - 24) * i) / 6;
      ok(Math.abs(thumb - (box.x + (box.width / 7) * (i + 0.5))) < 2, `the slider at ${thumb}, the bar at ${box.x + (box.width / 7) * (i + 0.5)}`);
    }
    await slider(page).focus();
    await page.keyboard.press('ArrowLeft');
    ok(/^Tue 24 Nov/.test(await read(page)), await read(page));
    ok((await slider(page).getAttribute('aria-valuetext')).startsWith('Tue 24 Nov; '), 'what a screen reader hears');
    await page.keyboard.press('Enter');
    await until(async () => /history\/day\/2026-11-24/.test(await page.evaluate(() => location.hash)), 'Enter to open the day', 5);
    await page.context().close();
  }
});

test('dragging over a month’s bars looks closer at whole days, and a few of them become lanes', async (t) => {
  const { page } = await open(t, 'history/month');
  const box = await chart(page).boundingBox(), x = (bar) => box.x + (box.width / 30) * (bar + 0.5), y = box.y + 120;
  const drag = async (from, to) => {
    await page.mouse.move(from, y);
    await page.mouse.down();
    await page.mouse.move((from + to) / 2, y, { steps: 3 });
    await page.mouse.move(to, y, { steps: 3 });
    ok(await page.locator('.picked').count() === 1, 'what is picked is seen');
    await page.mouse.up();
  };
  await drag(x(4), x(15));
  await until(async () => /^5–16 Nov/.test(plain(await page.locator('main h2').first().innerText())), 'twelve whole days', 10);
  await until(async () => await chart(page).locator('.b-sun').count() === 11, 'their bars, but for the 11th', 10);
  await page.locator('.back a').click();
  await until(async () => await chart(page).locator('.b-sun, .a-sun').count() === 23, 'the month again', 10);
  await drag(x(18), x(20));
  await until(async () => await chart(page).locator('path.l-sun').count() > 0, 'three days as lanes', 10);
  calm(page);
});

test('where no meter measures the sun, bars are what went into the battery and out of it', async (t) => {
  const { page } = await open(t, 'history/week', { state: 'noSun' });
  const words = plain(await chart(page).textContent());
  ok(/Into the battery kWh/.test(words) && /Out of the battery kWh/.test(words) && !/sun/.test(words), words);
  equal(await chart(page).locator('.b-sun, .a-sun').count(), 0, 'what nobody measured');
  ok(/^into the battery at least/.test(await facts(page)), await facts(page));
  const black = await chart(page).locator('rect:not(.gap)').evaluateAll((all) => all.filter((one) => getComputedStyle(one).fill === 'rgb(0, 0, 0)').length);
  equal(black, 0, 'bars without a colour');
});

test('where nobody measures the battery’s power, its half is dotted and says what it needs', async (t) => {
  const { page } = await open(t, 'history/week', { state: 'noPower' });
  ok(/Used from the battery/.test(plain(await chart(page).textContent())), await chart(page).textContent());
  const [words, line] = [await chart(page).getByText('needs a power meter').boundingBox(), await chart(page).locator('path.dot').boundingBox()];
  ok(words.y < line.y && line.y < words.y + words.height, `words from ${words.y} on a line at ${line.y}`);
  equal([await chart(page).locator('.b-bat, .a-bat').count(), await chart(page).locator('path.dot').count()], [0, 1], 'bars of it, and the dotted line');
  ok(/used from the battery needs a power meter/.test(await facts(page)), await facts(page));
});

test('without any meter History’s week says so, draws no bar, and keeps charge in its table', async (t) => {
  const { page } = await open(t, 'history/week', { state: 'noMeters' });
  ok(/Energy by day, month and year needs a meter\. Charge and temperature are kept: see Day\./.test(await now.text(page.locator('.lede'))), 'the words');
  equal(await chart(page).count(), 0, 'charts');
  await page.getByText('Show as a table').click();
  ok(/Thu 19 Nov \d\d–90 100 %/.test(await now.text(page.locator('table'))), await now.text(page.locator('table')));
});

test('the file of a month has a line a day with its sums and shares, and nothing where nothing is known', async (t) => {
  const { page } = await open(t, 'history/month');
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'CSV' }).click()]);
  equal(download.suggestedFilename(), 'amphora-b1-2026-11-01.csv', 'its name');
  const [head, ...lines] = (await readFile(await download.path(), 'utf8')).trim().split('\r\n').map((line) => line.split(','));
  equal(head.join(','), 'from,to,charged_wh,discharged_wh,soc_min_pct,soc_max_pct,temp_min_c,temp_max_c,measured,pv_wh,pv_measured', 'columns');
  equal([lines.length, lines[0][0], lines[0][8], lines[0][10]], [25, '2026-10-31T23:00:00.000Z', '1', '1'], 'lines, and the first');
  equal(lines[10].slice(2), ['', '', '', '', '', '', '0', '', '0'], 'the 11th');
  const sun = lines.reduce((sum, line) => sum + Number(line[9]), 0) / 1000;
  ok((await facts(page)).includes(`from the sun at least ${Math.round(sun)} kWh`), `${sun} in ${await facts(page)}`);
});

test('days of 23 and 25 hours are as long as they were, on the axis, in the table and in the week', async (t) => {
  for (const [date, hours, row] of [['2026-03-29', 23, '03:00'], ['2026-10-25', 25, '02:00']]) {
    const { page } = await open(t, `history/day/${date}`);
    await page.getByText('Show as a table').first().click();
    const times = await page.locator('table').first().locator('tbody tr td:first-child').allInnerTexts();
    equal([times.length, times[0], times[times.length - 1]], [hours, '00:00', '23:00'], `hours of ${date}`);
    equal(times[hours === 23 ? 2 : 3], row, 'the hour after the change');
    const ticks = await chart(page).locator('text').evaluateAll((all) => all.map((one) => one.textContent).filter((text) => /^\d\d:\d\d$/.test(text)));
    equal(new Set(ticks).size, ticks.length, `marks of ${date}: ${ticks}`);
    await page.goto(page.url().replace(/#.*/, `#/history/week/${date}`));
    await until(async () => await chart(page).locator('.b-sun').count() === 7, 'the week with that day', 10);
    await page.context().close();
  }
});

test('a day’s lanes break where nothing was heard, hatched, with time and cause, and say how much was measured', async (t) => {
  const { page } = await open(t, 'history/day/2026-11-24');
  await until(async () => await chart(page).locator('.gap').count() >= 4, 'the gaps', 10);
  const words = plain(await chart(page).textContent());
  for (const said of ['no data 02:10–03:40', 'sensor b1 silent', 'no data 15:30–16:05', 'meters silent']) ok(words.includes(said), `${said} in ${words}`);
  ok(/from the sun at least \d+\.\d kWh 97\.5 % measured/.test(await facts(page)) && /into the battery at least \d\.\d kWh 93\.7 % measured/.test(await facts(page)), await facts(page));
  ok(/Gaps: 02:10 to 03:40, sensor b1 silent/.test(plain(await chart(page).getAttribute('aria-label'))), 'what a screen reader hears');
  await slider(page).fill('120');
  ok(/no data sensor b1 silent/.test(await read(page)), await read(page));
  equal(await chart(page).locator('.past').count(), 0, 'a day that is over needs no tint');
  for (const place of ['10', '120', '400', '990']) {
    await slider(page).fill(place);
    equal(await crossed(page, '.hd'), [], `names that the cursor lies on at ${place}`);
  }
});

test('what was stored is in the week, whole way: readings and meters brought in, rolled up, drawn', async (t) => {
  const house = await theHouse();
  const day = new Date(Date.parse((await house.state()).time) - 12 * 86400000).toISOString().slice(0, 10), noon = Date.parse(`${day}T12:00Z`);
  const at = (minutes) => new Date(noon + minutes * 60000).toISOString();
  const steps = (count, line) => Array.from({ length: count }, (_, i) => line(i)).join('\n');
  const readings = house.path('readings.csv'), minutes = house.path('minutes.csv');
  await writeFile(readings, `at,node,soc_pct,temp_c,power_w\n${steps(91, (i) => `${at(i * 2)},b1,${50 + i / 10},21.5,1000`)}\n`);
  await writeFile(minutes, `at,meter,power_w,known_s\n${steps(180, (i) => `${at(i)},pv,2000,60`)}\n`);
  for (const file of [readings, minutes]) { const { code, err } = await house.cli('import', file); equal([code, err], [0, ''], file); }
  const page = await openPage(t, { size: '1440' });
  await page.goto(`${house.url}#/history/week/${day}`);
  await until(async () => { if (await page.locator('.b-sun, .a-sun').count()) return true; await page.reload(); await page.waitForTimeout(400); return false; }, 'the bar', 20);
  ok(/from the sun at least 6\.0 kWh/.test(await facts(page)), await facts(page));
  ok(/into the battery/.test(await read(page)) || await chart(page).locator('.a-bat').count() === 1, 'what it gave');
  calm(page);
});
