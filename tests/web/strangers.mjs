/* Nodes that want to join: let in and forgotten from the page, when Amphora says so and not before. */
import { equal, ok, test, until } from './lib/suite.mjs';
import { calm, axe, whatDoesNotFit } from './lib/browser.mjs';
import { show } from './lib/shared.mjs';
import { STRANGER } from './lib/states.mjs';
import * as now from './lib/now.mjs';

const ADMISSIONS = 'POST nodes/admissions';
const CHEMISTRIES = [{ name: 'lfp', reserve_pct: 10, ceiling_pct: 95, charge_min_c: 5, charge_max_c: 45, discharge_min_c: -20, discharge_max_c: 50 }];

const rowOf = (page, words) => page.locator('main li').filter({ hasText: words });
const dialog = (page) => page.locator('dialog[open]');

/* What the daemon shows once it is let in. */
function letIn(stage) {
  const sensor = stage.nodes.find((node) => node.kind === 'sensor');
  stage.nodes = [...stage.nodes.filter((node) => node.kind !== 'unknown'), { ...sensor, node: 'shed', battery: 'shed', admitted: true }];
  stage.state.batteries.push({ ...stage.state.batteries[0], id: 'shed' });
  stage.explain.push({ ...stage.explain[0], battery: 'shed', relays: [], alerts: [] });
  stage.show();
}

const withStranger = (t, options) => show(t, 'charging', 'nodes', { prepare: (stage) => stage.nodes.push({ ...STRANGER }), ...options });

test('a stranger is let in from the page, once Amphora has stored it', async (t) => {
  const { stage, page } = await withStranger(t);
  await rowOf(page, 'shed wants to join').getByRole('button', { name: 'Let it in' }).click();
  ok(/watched only/.test(await now.text(dialog(page))), 'what comes of it is said before');
  let answer;
  stage.on(ADMISSIONS, () => answer ?? 'never');
  await dialog(page).getByRole('button', { name: 'Let it in' }).click();
  const { body, headers } = await stage.until(ADMISSIONS);
  equal(body, { node: 'shed' }, 'what is asked');
  ok((headers['idempotency-key'] ?? '').length >= 16, 'Idempotency-Key');
  await until(async () => /Waiting for Amphora/.test(await now.text(dialog(page))), 'that it was asked for', 5);
  ok(await rowOf(page, 'shed wants to join').count() === 1, 'a stranger before Amphora says otherwise');
  letIn(stage);
  await until(async () => await rowOf(page, 'shed, battery sensor').count() === 1 && await rowOf(page, 'wants to join').count() === 0, 'it among the sensors', 5);
  calm(page);
});

test('what Amphora refuses stays a stranger, with the reason, and can be asked again', async (t) => {
  const { stage, page } = await withStranger(t);
  await rowOf(page, 'shed wants to join').getByRole('button', { name: 'Let it in' }).click();
  stage.on(ADMISSIONS, () => ({ status: 503, body: { type: '/problems/not-now', title: 'Service Unavailable', status: 503, detail: 'nothing was done, since it could not be stored' } }));
  const button = dialog(page).getByRole('button', { name: 'Let it in' });
  await button.click();
  await until(async () => /could not be stored/.test(await now.text(dialog(page).getByRole('alert'))), 'the reason', 5);
  ok(await button.isEnabled(), 'the button');
  stage.on(ADMISSIONS, () => ({ status: 201, body: { node: 'shed', battery: 'shed', logic: 'monitor' } }));
  await button.click();
  await dialog(page).waitFor({ state: 'detached' }).catch(() => {});
  await until(async () => await dialog(page).count() === 0, 'the sheet to close', 5);
});

test('one that was let in says so, and is forgotten from the page', async (t) => {
  const { stage, page } = await withStranger(t);
  letIn(stage);
  const row = rowOf(page, 'shed, battery sensor');
  await until(async () => /watched only/.test(await now.text(row)), 'that it is watched only', 5);
  equal(await rowOf(page, 'b1, battery sensor').getByRole('button').count(), 0, 'buttons of the configuration’s own');
  await row.getByRole('button', { name: 'Forget it' }).click();
  stage.on('DELETE nodes/admissions/shed', () => ({ status: 204 }));
  await dialog(page).getByRole('button', { name: 'Forget it' }).click();
  await stage.until('DELETE nodes/admissions/shed');
  await until(async () => await dialog(page).count() === 0, 'the sheet to close', 5);
  calm(page);
});

test('a stranger that speaks while the page is open is shown', async (t) => {
  const { stage, page } = await show(t, 'charging', 'nodes');
  ok(await rowOf(page, 'wants to join').count() === 0, 'nobody at first');
  stage.change({ kind: 'reading', subject: 'shed', parts: { nodes: { shed: STRANGER } } });
  await until(async () => await rowOf(page, 'shed wants to join').count() === 1, 'the stranger', 5);
});

test('who may only look cannot let anybody in, and is told why', async (t) => {
  const { page } = await withStranger(t, { prepare: (stage) => { stage.nodes.push({ ...STRANGER }); stage.session = { ...stage.session, user: 'anna', role: 'view' }; } });
  await rowOf(page, 'shed wants to join').getByRole('button', { name: 'Let it in' }).click();
  ok(await dialog(page).getByRole('button', { name: 'Let it in' }).isDisabled(), 'the button');
  ok(/may look, not change/.test(await now.text(dialog(page))), 'the reason');
});

test('letting in and forgetting fit at 360 px in every language, for every eye', async (t) => {
  for (const lang of ['en', 'it', 'xx']) {
    const { stage, page } = await withStranger(t, { lang });
    stage.on('GET setup', () => ({ body: { chemistries: CHEMISTRIES } }));
    letIn(stage);
    stage.nodes.push({ ...STRANGER, node: 'attic' });
    stage.show();
    await until(async () => await rowOf(page, 'attic').count() === 1, 'the stranger', 5);
    for (const name of ['shed', 'attic']) {
      await rowOf(page, name).getByRole('button').first().click();
      await dialog(page).waitFor();
      if (name === 'attic') await dialog(page).locator('select').selectOption('lfp');
      await page.waitForTimeout(500);
      equal(await whatDoesNotFit(page), [], `${name} in ${lang}`);
      equal(await axe(page), [], `${name} in ${lang}: axe`);
      await page.keyboard.press('Escape');
    }
  }
});

test('a battery is let in with what it is made of, and its limits are shown before', async (t) => {
  const { stage, page } = await withStranger(t);
  stage.on('GET setup', () => ({ body: { chemistries: CHEMISTRIES } }));
  await rowOf(page, 'shed wants to join').getByRole('button', { name: 'Let it in' }).click();
  const button = dialog(page).getByRole('button', { name: 'Let it in' });
  ok(await button.isEnabled(), 'nothing has to be known');
  await dialog(page).getByLabel('What it is made of').selectOption('lfp');
  await until(() => button.isDisabled(), 'the button to be off for half of it', 5);
  ok(/Say what it holds and its power too/.test(await now.text(dialog(page))), 'the reason');
  await until(async () => /95\s%.*5\.0\s°C.*45\.0\s°C.*10\s%/.test(await now.text(dialog(page))), 'the limits', 5);
  await dialog(page).getByLabel('It holds').fill('5,2');
  equal(await dialog(page).getByLabel('It takes or gives').inputValue(), '2.6', 'half of it, until it is said');
  ok(/Half of what it holds is usual/.test(await now.text(dialog(page))), 'where that comes from');
  await dialog(page).getByLabel('It takes or gives').fill('twelve');
  await until(() => button.isDisabled(), 'the button to be off for what is no number', 5);
  await dialog(page).getByLabel('It takes or gives').fill('3');
  stage.on(ADMISSIONS, () => 'never');
  await button.click();
  equal((await stage.until(ADMISSIONS)).body, { node: 'shed', chemistry: 'lfp', capacity_kwh: 5.2, power_kw: 3 }, 'what is asked');
  calm(page);
});

/* ---- devices of other makes ---- */

const PLUG = { kind: 'relay', profile: 'z2m', id: 'cellar-plug', topic: 'zigbee2mqtt/cellar plug', values: { state: false, power_w: 0 }, only_retained: false, opens_by_itself: false, source: '- {id: cellar-plug, profile: z2m, name: "cellar plug"}\n', config: 'sources:\n- {id: cellar-plug, profile: z2m, name: "cellar plug"}\nrelays:\n- {id: cellar-plug, battery: b1, role: source, source: cellar-plug}\n' };
const told = (state, devices = []) => ({ state, detail: null, topics: state === 'done' ? 12 : null, left_out: 0, devices });

async function look(page, stage, answer) {
  stage.on('POST detections', () => ({ status: 202, body: told('listening') }));
  stage.on('GET detections', answer);
  await page.getByRole('button', { name: 'Look for devices' }).click();
}

test('devices on the broker are looked for when asked, and shown with their lines', async (t) => {
  const { stage, page } = await show(t, 'charging', 'nodes');
  let isDone = false;
  await look(page, stage, () => ({ status: 200, body: isDone ? told('done', [PLUG]) : told('listening') }));
  await until(async () => await page.getByText('Listening for 15 s.').count() === 1, 'that it listens', 5);
  equal(await page.getByRole('button', { name: 'Look for devices' }).count(), 0, 'buttons meanwhile');
  isDone = true;
  await until(async () => /off, 0/.test(await now.text(rowOf(page, 'cellar-plug, a switch'))), 'the plug and what it says', 5);
  await rowOf(page, 'cellar-plug').getByRole('button', { name: 'Show the lines' }).click();
  const words = await now.text(dialog(page));
  ok(words.includes('source: cellar-plug') && /does not open by itself/.test(words), 'its lines and its danger');
  calm(page);
});

test('a broker on which nobody is known says so, and one that fails says why', async (t) => {
  const { stage, page } = await show(t, 'charging', 'nodes');
  await look(page, stage, () => ({ status: 200, body: told('done') }));
  await until(async () => await page.getByText('Nobody it knows, among 12 topics.').count() === 1, 'that nobody is known', 5);
  await look(page, stage, () => ({ status: 200, body: { ...told('failed'), detail: 'the broker lets this user listen to no #' } }));
  await until(async () => await page.getByRole('alert').filter({ hasText: 'listen to no #' }).count() === 1, 'the reason', 5);
});

/* ---- relays ---- */

const RELAY = { node: 'r9', kind: 'unknown-relay', battery: null, transport: 'coap', address: 'coap://10.0.0.9:5683/relay', presence: 'online', age_s: 3, interval_s: null, on: false, trouble: null };

const withRelay = (t, changes, options) => show(t, 'charging', 'nodes', { prepare: (stage) => stage.nodes.push({ ...RELAY, ...changes }), ...options });

test('a relay is let in with its role and its battery, once Amphora has stored it', async (t) => {
  const { stage, page } = await withRelay(t);
  await rowOf(page, 'r9, a relay, wants to join').getByRole('button', { name: 'Let it in' }).click();
  const button = dialog(page).getByRole('button', { name: 'Let it in' });
  ok(await button.isDisabled(), 'nothing is taken for said');
  ok(/Say what it does/.test(await now.text(dialog(page))), 'the reason');
  await dialog(page).getByLabel('What does it do').selectOption('load');
  let answer;
  stage.on(ADMISSIONS, () => answer ?? 'never');
  await button.click();
  const { body } = await stage.until(ADMISSIONS);
  equal(body, { node: 'r9', role: 'load', battery: 'b1', address: RELAY.address, lease: 'own' }, 'what is asked');
  await until(async () => /Waiting for Amphora/.test(await now.text(dialog(page))), 'that it was asked for', 5);
  stage.nodes = [...stage.nodes.filter((node) => node.kind !== 'unknown-relay'), { node: 'r9', kind: 'relay', battery: 'b1', transport: 'coap', address: RELAY.address, presence: 'unknown', age_s: null, interval_s: null, admitted: true }];
  stage.state.relays.push({ ...stage.state.relays[0], id: 'r9', role: 'load', lease: 'none', state: false, wished: false });
  stage.show();
  const row = rowOf(page, 'r9, relay that feeds the house');
  await until(async () => await row.count() === 1, 'it among the relays', 5);
  await page.keyboard.press('Escape');

  /* Forgotten, though nobody reaches it: somebody has looked. */
  await row.getByRole('button', { name: 'Forget it' }).click();
  await dialog(page).getByLabel('I have looked').check();
  stage.on('DELETE nodes/admissions/r9?seen_open=true', () => ({ status: 204 }));
  stage.on('DELETE nodes/admissions/r9', () => ({ status: 204 }));
  await dialog(page).getByRole('button', { name: 'Forget it' }).click();
  await until(async () => await dialog(page).count() === 0, 'the sheet to close', 5);
  equal(await rowOf(page, 'r1, relay').getByRole('button', { name: 'Forget it' }).count(), 0, 'buttons of the configuration’s own');
  calm(page);
});

test('a relay that is on, or not read, is not let in, and says why', async (t) => {
  const { stage, page } = await withRelay(t, { on: true });
  const row = rowOf(page, 'r9, a relay, wants to join');
  ok(/It is on\./.test(await now.text(row)), 'that it is on');
  await row.getByRole('button', { name: 'Let it in' }).click();
  await dialog(page).getByLabel('What does it do').selectOption('source');
  ok(await dialog(page).getByRole('button', { name: 'Let it in' }).isDisabled(), 'the button while it is on');
  Object.assign(stage.nodes.find((node) => node.node === 'r9'), { on: null, trouble: 'no answer' });
  stage.show();
  await until(async () => /does not reach it \(no answer\)/.test(await now.text(row)), 'that it is out of reach', 5);
  Object.assign(stage.nodes.find((node) => node.node === 'r9'), { on: false, trouble: null });
  stage.show();
  await until(() => dialog(page).getByRole('button', { name: 'Let it in' }).isEnabled(), 'the button once it is off', 5);
});

test('relays are looked for at an address, and what came of it is said', async (t) => {
  const { stage, page } = await show(t, 'charging', 'nodes');
  const button = page.getByRole('button', { name: 'Look there' });
  ok(await button.isDisabled(), 'without an address');
  const look = (state, more) => ({ state, address: 'coap://10.0.0.9', found: 0, detail: null, ...more });
  let end = look('done', { found: 2 });
  stage.on('POST nodes/looks', () => ({ status: 202, body: look('looking') }));
  stage.on('GET nodes/looks', () => ({ status: 200, body: end }));
  await page.getByLabel('Address', { exact: true }).fill('10.0.0.9');
  await button.click();
  equal((await stage.until('POST nodes/looks')).body, { address: 'coap://10.0.0.9' }, 'what is asked');
  await until(async () => await page.getByText('coap://10.0.0.9 has 2 new relays.').count() === 1, 'what was found', 5);
  end = look('failed', { detail: 'no answer' });
  await button.click();
  await until(async () => await page.getByText('coap://10.0.0.9: no answer.').count() === 1, 'the reason', 5);
  calm(page);
});

test('letting a relay in fits at 360 px in every language, for every eye', async (t) => {
  for (const lang of ['en', 'it', 'xx']) {
    const { page } = await withRelay(t, {}, { lang });
    equal(await whatDoesNotFit(page), [], `the list in ${lang}`);
    await rowOf(page, 'r9').getByRole('button').first().click();
    await dialog(page).waitFor();
    await page.waitForTimeout(500);
    equal(await whatDoesNotFit(page), [], lang);
    equal(await axe(page), [], `${lang}: axe`);
    await page.keyboard.press('Escape');
  }
});
