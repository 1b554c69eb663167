/* The Plan screen with a plan: in force, void, run out, not asked for; and why at any time. */
import { equal, ok, test, until } from './lib/suite.mjs';
import { axe, calm, tooSmall, whatDoesNotFit } from './lib/browser.mjs';
import { show } from './lib/shared.mjs';
import { tellPlan } from './lib/plans.mjs';
import { decide } from './lib/states.mjs';
import * as now from './lib/now.mjs';

const atNoon = (stage) => Object.assign(stage.state, { time: `${stage.state.time.slice(0, 10)}T12:07:00Z`, zone: 'UTC', utc_offset_s: 0 });

async function open(t, plan = {}, { prepare, ...more } = {}) {
  const told = await show(t, 'charging', 'plan', { size: '1440', prepare: (stage) => { atNoon(stage); stage.answer = tellPlan(stage, plan); prepare?.(stage); }, ...more });
  await told.page.locator('main .chart svg[role=img]').waitFor();
  return told;
}

const reason = (code, value = 0, limit = 0) => ({ code, value, limit, words: 'in English', flip: 'In English.', flip_code: code, flip_value: value, flip_limit: limit });
const main = (page) => now.text(page.locator('main'));

test('a plan says what comes, in words, prices, bands and money', async (t) => {
  const { page } = await open(t);
  ok(/^Charge from the sun until 14:00, then rest until 17:00, then give to the grid down to 40 % until 19:00\.$/.test(await now.text(page.locator('.lede'))), await now.text(page.locator('.lede')));
  const chart = page.locator('main .chart svg[role=img]');
  for (const looks of ['rect.b-bat', 'rect.b-grid', 'rect.b-out', 'rect.b-sell', 'path.a-grid', 'path.l-grid.dash', 'path.a-sun', 'path.a-load', 'path.a-bat', 'path.gap']) ok(await chart.locator(looks).count() > 0, `${looks} in the chart`);
  const read = await now.text(page.locator('output.read'));
  for (const words of ['12:00', 'charge from the sun', '24.0 ct', 'sells at 8.0 ct', 'sun 3.47 kW (2.08–4.34)', 'home 0.32 kW', 'charge then 54 %', '21.4 °C']) ok(read.includes(words), `${words} in "${read}"`);
  const told = await main(page);
  for (const words of ['1.23 €', '0.40 €', 'less than without a battery', '0.17 € more than the plan', '0.02 € less than the plan', 'from 23 days of this home', 'Some prices are not known']) ok(told.includes(words), `${words} in "${told}"`);
  await page.getByText('Show as a table').click();
  equal(await page.locator('table tbody tr').count(), 192, 'rows of the table');
  ok(/\(assumed\)/.test(await page.locator('table tbody tr').nth(170).innerText()), 'that a price is assumed, in the table');
  equal(await axe(page), [], 'axe');
  calm(page);
});

const worth = (page) => page.locator('section.sec').filter({ has: page.getByRole('heading', { name: 'What it is worth' }) });

test('what a plan is worth has its range, what was measured beside what was expected, and what the paths cost', async (t) => {
  const { page, stage } = await open(t);
  await worth(page).getByText('6.4 of 7 days measured').waitFor();
  const words = await now.text(worth(page));
  for (const part of ['saved, expected 0.40 €', 'saved, likely 0.21–0.62 € 8 times in 10', 'saved in 7 days 6.02 € less than without a battery; 6.4 of 7 days measured', 'expected 1.23 € −0.31 € to 2.04 €, 8 times in 10', 'bill of 7 days 8.31 € measured; 7.95 € had been expected', '(paths: exclusive). In these hours that costs 0.12 € at least'])
    ok(words.includes(part), `${part} in "${words}"`);
  equal(stage.asked('GET plan/worth')[0].search, '?battery=b1', 'what was asked');
});

test('what a plan is worth says what is not known yet, losses, and that there is no price', async (t) => {
  const young = { paths: { cost: 0.001 }, expected: { bill: -0.5, saved: -0.1, bill_between: null, saved_between: null, rules: [] }, worth: { measured_s: 0, currency: 'EUR', bill: null, without_battery: null, expected_bill: null } };
  for (const [plan, parts] of [
    [young, ['expected 0.10 € more than without a battery', 'likely not known yet needs five whole days', 'saved in 7 days not known yet needs an hour that was planned', 'earned 0.50 € what is left in it counts', 'costs nothing worth telling']],
    [{ expected: { bill: null, saved: null, bill_between: null, saved_between: null, rules: [] }, paths: null }, ['Not known: there is no price']]]) {
    const { page } = await open(t, plan);
    for (const part of parts) await until(async () => (await now.text(worth(page))).includes(part), part, 10);
    const words = await now.text(worth(page));
    ok(!/NaN|null|undefined/.test(words), words);
    await page.context().close();
  }
});

test('a tap, Enter on the slider and a change to come each ask the plan why', async (t) => {
  const { page, stage } = await open(t);
  const box = await page.locator('main .chart').boundingBox();
  await page.mouse.click(box.x + (13.3 / 48) * box.width, box.y + 60); /* 01:15 */
  const sheet = page.locator('dialog[open]');
  await sheet.locator('.else').waitFor();
  const words = await now.text(sheet);
  for (const part of ['01:15: charge from the grid to 80 %', 'power costs 12.8 ct now and 36.0 ct at', 'below your reserve of 20 %', 'a limit that this page does not know yet', 'Rest 0.12 € more', 'Cover the home and store the sun 0.03 € less', 'Charge from the sun the same', 'Plan number 412']) ok(words.includes(part), `${part} in "${words}"`);
  ok(stage.asked('GET plan/explain')[0].search.includes('battery=b1&at='), 'what was asked');
  equal(await axe(page), [], 'axe');
  await page.keyboard.press('Escape');
  await sheet.waitFor({ state: 'detached' });
  await page.locator('input.scrub').focus();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  await sheet.locator('.else').waitFor();
  await page.keyboard.press('Escape');
  await page.locator('.list.when button').first().click();
  await sheet.locator('.else').waitFor();
  calm(page);
});

test('a plan that has run out, is void, not asked for or waits says so, and who decides', async (t) => {
  for (const [plan, prepare, words] of [
    [{ state: 'expired', why: 'the plan expired 10 min ago', why_reason: reason('plan-expired', 600000) }, null, /run out.* was good until .* the rule decides.*The plan expired 10 min ago\./],
    [{ state: 'void', why: 'the plan is void since the charge leapt', why_reason: reason('plan-leapt') }, null, /void.*the rule decides.*The plan is void since the charge leapt\./],
    [{ state: 'not-asked' }, null, /not asked for.*what a plan would do\. Now the rule decides.*Let the plan decide/],
    [{}, (stage) => decide(stage, { winner: 'safety', code: 'charge-hot' }), /paused.*safety decides now/],
    [{}, (stage) => decide(stage, { winner: 'override', code: 'override', value: 60000 }), /paused.*you decide now/],
  ]) {
    const { page } = await open(t, plan, { prepare });
    ok(words.test(await main(page)), `${words} in "${(await main(page)).slice(0, 300)}"`);
    equal(await axe(page), [], `axe, ${plan.state}`);
    await page.context().close();
  }
}, { timeout_s: 120 });

test('why a plan does not count and what the limits refuse are said in Italian, without the daemon’s English', async (t) => {
  for (const [plan, words] of [
    [{ state: 'void', why: 'the plan is void since you took over', why_reason: reason('plan-overridden') }, 'Il piano'],
    [{ state: 'void', why: 'the meter of the home’s load is silent', why_reason: null, why_meter: { meter: 'load', quality: 'missing' } }, 'Contatore della casa tace.'],
    [{ state: 'not-asked', why: 'logic is threshold', why_reason: null }, 'Adesso decide la regola'],
  ]) {
    const { page } = await open(t, plan, { lang: 'it' });
    const told = await main(page);
    ok(told.includes(words) && !/\b(void|since|meter|silent|logic|threshold|you)\b/.test(told), `${words} in ${told.slice(0, 400)}`);
  }
  const { stage, page } = await show(t, 'resting', 'now', { lang: 'it' });
  stage.on('POST overrides', () => ({ status: 422, body: { type: '/problems/refused-by-limits', title: 'Unprocessable Content', status: 422, detail: 'refused, and nothing was changed', reason: reason('charge-hot', 51800, 45000) } }));
  await now.choose(page, 'charge', 0);
  await now.hold(page);
  await until(async () => /51,8.*45,0/.test(await now.text(page.locator('dialog'))), 'the refusal');
  ok(!/refused|changed|battery/.test(await now.text(page.locator('dialog'))), await now.text(page.locator('dialog')));
});

test('what if tells what would be beside what is, and says what cannot be', async (t) => {
  const { page, stage } = await open(t);
  const section = page.locator('section.sec').filter({ has: page.getByRole('heading', { name: 'What if' }) });
  await section.getByLabel('reserve').fill('30');
  await section.getByLabel('one price').fill('25,5');
  await section.getByLabel('reserve').press('Enter');
  await section.getByText('is 0.90').waitFor();
  const words = await now.text(section);
  for (const part of ['bill would be 1.31 € is 1.23 €', 'saved, would be 0.32 € is 0.40 €', 'full cycles 0.71 is 0.90']) ok(words.includes(part), `${part} in "${words}"`);
  equal(stage.asked('GET plan/what-if')[0].search, '?battery=b1&reserve_pct=30&import=0.255', 'what was asked');
  await section.getByLabel('reserve').fill('300');
  await section.getByRole('button').click();
  await until(async () => /is 0 to 95 %/.test(await now.text(section)), 'why not', 10);
  equal(await axe(page), [], 'axe');
  calm(page);
});

test('without a plan the screen names what is missing, also by a word it does not know', async (t) => {
  const { page } = await show(t, 'nometer', 'plan', { prepare: (stage) => stage.on('GET plan', () => ({ body: { battery: 'b1', plan: null, needs: ['meters.load', 'prices', 'moonlight'], meanwhile: 'threshold' } })) });
  await until(async () => /moonlight/.test(await main(page)), 'the last need', 10);
  for (const words of ['A meter of what the home uses', 'Add a price list', 'Until then the rule decides', 'not there']) ok((await main(page)).includes(words), words);
  equal(await axe(page), [], 'axe');
});

test('a plan and why fit at 360 px in every language, and can be pressed', async (t) => {
  for (const lang of ['en', 'it', 'xx']) {
    const { page } = await open(t, { state: lang === 'it' ? 'not-asked' : 'in-force' }, { size: '360', lang });
    await page.waitForTimeout(250);
    equal(await whatDoesNotFit(page), [], lang);
    equal(await tooSmall(page), [], `too small, ${lang}`);
    await page.locator('.list.when button').first().click();
    await page.locator('dialog .else').waitFor();
    await page.waitForTimeout(500);
    equal(await whatDoesNotFit(page), [], `why in ${lang}`);
    calm(page);
    await page.context().close();
  }
  for (const [size, scheme] of [['1024x600', 'dark'], ['1440', 'light']]) {
    const { page } = await open(t, { isSunless: true, currency: 'GBP' }, { size, scheme, lang: 'it' });
    await page.waitForTimeout(250);
    equal(await whatDoesNotFit(page), [], size);
    ok(/GBP\/kWh/.test(await main(page)), 'the currency');
    await page.context().close();
  }
}, { timeout_s: 120 });
