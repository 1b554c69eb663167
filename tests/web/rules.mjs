/* Issue 6's rules on the Now screen, on a stage: what moves, what waits, what is old. */
import { equal, ok, pause, test, until } from './lib/suite.mjs';
import { calm } from './lib/browser.mjs';
import { show } from './lib/shared.mjs';
import { STATES, overrideOf } from './lib/states.mjs';
import * as now from './lib/now.mjs';

/* The daemon takes an override, and confirms when the test says so. */
function takeOverrides(stage) {
  stage.on('POST overrides', (body) => {
    const list = overrideOf(stage, { intent: body.intent, left_s: body.duration_s });
    return { status: 202, headers: { Location: '/api/v1/commands/5' }, body: { command: 5, state: 'pending', overrides: list, replaced: [], stored: true, relays: ['r1', 'r2'] } };
  });
  stage.on('GET commands/5', () => ({ body: { command: 5, state: 'pending' } }));
  stage.on('DELETE overrides/7', () => ({ status: 202, headers: { Location: '/api/v1/commands/6' }, body: { command: 6, state: 'pending' } }));
}

const change = (stage, state) => {
  STATES[state](stage);
  stage.show();
};

/* ---- a switch moves only on readback ---- */

test('pressing changes nothing on the picture: the lever and “is” move only when the relay confirms', async (t) => {
  const { stage, page } = await show(t, 'resting');
  takeOverrides(stage);
  const stands = async () => (await now.text(now.is(page))).split(' ')[0];
  equal(await stands(), 'off', '“is” before');
  await now.choose(page, 'charge', 0);
  await now.hold(page);
  await stage.until('POST overrides');
  await pause(700);
  equal(await stands(), 'off', '“is” after the press, before the daemon says anything');
  change(stage, 'pending');
  await until(async () => /^on\b/.test(await now.text(now.asked(page))), '“asked” to be on');
  ok(/^off\b/.test(await now.text(now.is(page))), `“is” while it is pending: ${await now.text(now.is(page))}`);
  change(stage, 'charging');
  await until(async () => /^on\b/.test(await now.text(now.is(page))), '“is” to be on after the readback');
  calm(page);
});

test('pending shows what was asked beside what is, and “…” between them', async (t) => {
  const { page } = await show(t, 'pending');
  ok(/^on\b/.test(await now.text(now.asked(page))), 'asked');
  ok(/^off\b/.test(await now.text(now.is(page))), 'is');
  equal(await now.text(now.sign(page)), '…', 'the sign');
  ok(/Starting/.test(await now.text(now.verb(page))), `the verb: ${await now.text(now.verb(page))}`);
  equal(await now.scene(page).locator('.ghost').count() > 0, true, 'a dashed lever where it was asked to be');
  calm(page);
});

test('going to rest is pending too: it still flows, and says so', async (t) => {
  const { page } = await show(t, 'releasing');
  ok(/Going to rest/.test(await now.text(now.verb(page))), `the verb: ${await now.text(now.verb(page))}`);
  ok(/^off\b/.test(await now.text(now.asked(page))) && /^on\b/.test(await now.text(now.is(page))), 'asked off, is on');
  ok(/2\.72/.test(await now.told(page)), `the meter's value stays: ${await now.told(page)}`);
  calm(page);
});

test('what is pending can be taken back', async (t) => {
  const { stage, page } = await show(t, 'pending');
  takeOverrides(stage);
  const button = page.getByRole('button', { name: /Take it back/ });
  await button.click();
  const again = page.locator('dialog[open] button.hold');
  if (await again.count() > 0) await now.hold(page);
  const asked = await stage.until('DELETE overrides/7');
  equal(asked.method, 'DELETE', 'what was asked');
  calm(page);
});

test('a relay that does not follow is “≠”, in words, with an alert', async (t) => {
  const { page } = await show(t, 'mismatch');
  equal(await now.text(now.sign(page)), '≠', 'the sign');
  ok(/Not charging/.test(await now.text(now.verb(page))), `the verb: ${await now.text(now.verb(page))}`);
  ok(await now.bar(page).isVisible(), 'the alert bar');
  ok((await now.text(now.said(page))).length > 10, 'words below');
  calm(page);
});

test('a relay that is asked once more after it did not follow still differs', async (t) => {
  const { stage, page } = await show(t, 'mismatch');
  stage.relay('r1').phase = 'sent';
  stage.show();
  await pause(500);
  equal(await now.text(now.sign(page)), '≠', 'the sign');
  ok(/Not charging/.test(await now.text(now.verb(page))), `the verb: ${await now.text(now.verb(page))}`);
});

test('a relay that lies is “=”, and the battery does not follow', async (t) => {
  const { page } = await show(t, 'lying');
  ok(/No effect/.test(await now.text(now.verb(page))), `the verb: ${await now.text(now.verb(page))}`);
  equal(await now.text(now.sign(page)), '=', 'the sign');
  equal(await now.scene(page).locator('.chev').count() > 0 && /0\.00 kW (into|out)/.test(await now.told(page)), false, 'flow in the picture');
  calm(page);
});

test('a relay that says off while power flows is not said to rest', async (t) => {
  const { page } = await show(t, 'welded');
  ok(/Not at rest/.test(await now.text(now.verb(page))), `the verb: ${await now.text(now.verb(page))}`);
  ok(/r1 says it is off/.test(await now.text(now.because(page))), `because: ${await now.text(now.because(page))}`);
  ok(/power flows/.test(await now.text(now.said(page))), `what is said of it: ${await now.text(now.said(page))}`);
  calm(page);
});

test('a relay that was not heard is “?”, neither on nor off', async (t) => {
  const { page } = await show(t, 'resting', 'now', { prepare: (stage) => {
    Object.assign(stage.relay('r1'), { state: null, phase: 'timeout', heard_age_s: 400 });
    stage.explain[0].relays = stage.state.relays;
  } });
  equal(await now.text(now.sign(page)), '?', 'the sign');
  ok(!/^(on|off)\b/.test(await now.text(now.is(page))), `“is”: ${await now.text(now.is(page))}`);
  calm(page);
});

/* ---- ages ---- */

test('every value on Now carries its age', async (t) => {
  const { page } = await show(t, 'charging', 'now', { size: '1024x600' });
  const texts = await page.locator('.scene svg text').allTextContents();
  const ages = texts.filter((one) => /\d+\s?s ago/.test(one.replace(/\u00a0/g, ' ')));
  ok(ages.length >= 5, `ages in the picture (sun, home, grid, charge, temperature): ${JSON.stringify(texts)}`);
  ok(/ago/.test(await now.text(now.is(page))), 'age of the readback');
  ok(/Live, \d+ s/.test(await now.text(now.live(page))), `age of the connection: ${await now.text(now.live(page))}`);
});

test('ages count on without a word from the daemon', async (t) => {
  const { stage, page } = await show(t, 'charging', 'now', { clock: true });
  stage.hush();
  await page.clock.runFor(6000);
  await until(async () => /9 s ago/.test(await now.told(page)) || /(8|9|10) s ago/.test(await page.locator('.scene').innerText().then((s) => s.replace(/\u00a0/g, ' '))), 'an age of 9 s');
});

test('a stale sensor is old in words and hatched, while the others live', async (t) => {
  const { page } = await show(t, 'stale');
  ok(/Waiting/.test(await now.text(now.verb(page))), `the verb: ${await now.text(now.verb(page))}`);
  ok(/6 min/.test(await now.told(page)), `the age in the picture: ${await now.told(page)}`);
  ok(await now.scene(page).locator('.stale').count() > 0, 'hatching of the liquid');
  ok(/3\.42 kW, 2 s ago|3\.42.*ago/.test(await now.told(page)), 'the sun lives');
  ok(await now.takeOver(page).isDisabled(), 'the control is off');
  const reason = await now.takeOver(page).getAttribute('aria-describedby');
  ok(reason && /\w{4}/.test(await now.text(page.locator(`#${reason}`))), 'with its reason');
});

test('a value that passes its limit of age turns old without a word from the daemon', async (t) => {
  const { stage, page } = await show(t, 'charging', 'now', { clock: true, prepare: (one) => { one.battery().age_s = 85; } });
  stage.hush();
  await page.clock.runFor(8000);
  await until(async () => await now.scene(page).locator('.stale').count() > 0, 'hatching after 90 s');
});

test('a meter that fell silent is old and hatched, and its flow does not move', async (t) => {
  const { page } = await show(t, 'charging', 'now', { prepare: ({ state }) => { state.meters.pv = { power_w: null, last_power_w: 3420, quality: 'missing', age_s: 400 }; } });
  ok(/6 min old/.test(await now.told(page)), `said: ${await now.told(page)}`);
});

/* ---- a silent stream ---- */

test('a silent stream turns the whole page stale within 12 s and disables control', async (t) => {
  const { stage, page } = await show(t, 'charging', 'now', { clock: true });
  ok(await now.takeOver(page).isEnabled(), 'enabled while it is live');
  stage.hush();
  await page.clock.runFor(13000);
  await until(async () => (await now.live(page).getAttribute('class')).includes('off'), 'the connection to be marked');
  ok(/Not known/.test(await now.text(now.verb(page))), `the verb: ${await now.text(now.verb(page))}`);
  equal(await now.text(now.sign(page)), '?', 'the sign');
  ok(await now.takeOver(page).isDisabled(), 'control is off');
  ok(await now.bar(page).isVisible(), 'the bar');
  ok(await now.scene(page).locator('.stale').count() > 0, 'the picture is hatched');
  calm(page);
});

test('the page lives again when the stream speaks again', async (t) => {
  const { stage, page } = await show(t, 'charging', 'now', { clock: true });
  stage.fall();
  await page.clock.runFor(13000);
  await until(async () => /Not known/.test(await now.text(now.verb(page))), 'the page to be cut off');
  stage.raise();
  await page.clock.runFor(16000);
  await until(async () => /Charging/.test(await now.text(now.verb(page))), 'it to live again');
  ok(await now.takeOver(page).isEnabled(), 'control is on again');
});

test('a sheet that is open when the stream falls silent cannot command any more', async (t) => {
  const { stage, page } = await show(t, 'resting', 'now', { clock: true });
  await now.choose(page, 'charge', 0);
  ok(await now.confirmButton(page).isEnabled(), 'enabled before');
  stage.hush();
  await page.clock.runFor(13000);
  await until(() => now.confirmButton(page).isDisabled(), 'the button to be off');
});

/* ---- overrides ---- */

test('an override has no preset length, and cannot be confirmed without one', async (t) => {
  const { stage, page } = await show(t, 'resting');
  await now.choose(page, 'charge');
  equal(await now.sheet(page).locator('input[name=long]:checked').count(), 0, 'lengths chosen before');
  ok(await now.confirmButton(page).isDisabled(), 'the button without a length');
  await now.sheet(page).locator('input[name=long]').first().check({ force: true });
  ok(await now.confirmButton(page).isEnabled(), 'the button with one');
  equal(stage.asked('POST overrides').length, 0, 'what was sent meanwhile');
});

test('what is sent has its end, and an idempotency key', async (t) => {
  const { stage, page } = await show(t, 'resting');
  takeOverrides(stage);
  await now.choose(page, 'charge', 0);
  await now.hold(page);
  const { body, headers } = await stage.until('POST overrides');
  ok(body.duration_s > 0 && body.duration_s <= 86400, `duration ${body.duration_s}`);
  equal([body.battery, body.intent], ['b1', 'charge'], 'the wish');
  ok((headers['idempotency-key'] ?? '').length >= 16, 'Idempotency-Key');
});

test('a short press sends nothing; held for a second it does', async (t) => {
  const { stage, page } = await show(t, 'resting');
  takeOverrides(stage);
  await now.choose(page, 'charge', 0);
  await now.hold(page, 300);
  await pause(1200);
  equal(stage.asked('POST overrides').length, 0, 'sent after a short press');
});

test('pressing again after more than five seconds is a first press', async (t) => {
  const { stage, page } = await show(t, 'resting', 'now', { clock: true });
  takeOverrides(stage);
  await now.choose(page, 'charge', 0);
  await now.confirmButton(page).focus();
  await page.keyboard.press('Enter');
  await until(async () => /again/i.test(await now.text(now.confirmButton(page))), 'it to ask for the second press', 5);
  await page.clock.runFor(5500);
  ok(!/again/i.test(await now.text(now.confirmButton(page))), 'it does not wait for it any more');
  await page.keyboard.press('Enter');
  await pause(400);
  equal(stage.asked('POST overrides').length, 0, 'what was sent');
});

test('pressing twice within half a second and five does it too, once', async (t) => {
  const { stage, page } = await show(t, 'resting');
  takeOverrides(stage);
  await now.choose(page, 'charge', 0);
  await now.confirmButton(page).focus();
  await page.keyboard.press('Enter');
  await pause(150);
  await page.keyboard.press('Enter');
  await pause(300);
  equal(stage.asked('POST overrides').length, 0, 'after two presses too close');
  await pause(600);
  await page.keyboard.press('Enter');
  await stage.until('POST overrides');
  await pause(500);
  equal(stage.asked('POST overrides').length, 1, 'how often it was sent');
});

test('an override shows until when it lasts, and can be ended', async (t) => {
  const { stage, page } = await show(t, 'override');
  takeOverrides(stage);
  const said = `${await now.text(now.because(page))} ${await now.text(page.locator('main'))}`;
  ok(/you asked for it until \d\d:\d\d|until \d\d:\d\d/.test(said), `its end: ${said.slice(0, 300)}`);
  ok(/Resting/.test(await now.text(now.verb(page))), 'the verb');
  await now.takeOver(page).click();
  await now.sheet(page).waitFor();
  const end = now.sheet(page).getByRole('button', { name: /end|give back|hand back/i }).first();
  await end.click();
  await pause(300);
  if (stage.asked('DELETE overrides/7').length === 0 && await now.confirmButton(page).count() > 0) await now.hold(page);
  await stage.until('DELETE overrides/7');
});

test('an override that the limits refuse is said in words, stays on the page, and nothing moves', async (t) => {
  const { stage, page } = await show(t, 'resting');
  stage.on('POST overrides', () => ({ status: 422, body: { type: '/problems/refused-by-limits', title: 'Refused by limits', status: 422, detail: 'no charging: 51.8 °C > 45 °C' } }));
  await now.choose(page, 'charge', 0);
  await now.hold(page);
  await stage.until('POST overrides');
  await until(async () => /51\.8/.test(await now.text(page.locator('body'))), 'the refusal in words');
  await pause(6500);
  ok(/51\.8/.test(await now.text(page.locator('body'))), 'it is still there after some seconds');
  ok(/^off\b/.test(await now.is(page).innerText()), 'is');
});

test('a command that nobody answered is not said to be done', async (t) => {
  const { stage, page } = await show(t, 'resting');
  stage.on('POST overrides', () => ({ status: 503, body: { type: 'about:blank', title: 'Service Unavailable', status: 503, detail: 'nothing was done, since it could not be stored' } }));
  await now.choose(page, 'charge', 0);
  await now.hold(page);
  await until(async () => /could not be stored/.test(await now.text(page.locator('body'))), 'the reason');
});

/* ---- who may ---- */

test('who may only look finds control off, with the reason', async (t) => {
  const { page } = await show(t, 'viewer');
  ok(await now.takeOver(page).isDisabled(), 'control is off');
  const reason = await now.takeOver(page).getAttribute('aria-describedby');
  ok(/login/i.test(await now.text(page.locator(`#${reason}`))), 'the reason');
});

test('who is not logged in may look on loopback, and finds the way to log in', async (t) => {
  const { page } = await show(t, 'charging', 'now', { prepare: (stage) => { stage.session = { user: null, role: 'view', first_run: false, insecure: false, transport: 'loopback', login_needed: true }; } });
  ok(/Charging/.test(await now.text(now.verb(page))), 'it is shown');
  ok(await now.takeOver(page).isDisabled(), 'control is off');
  ok(await page.getByRole('link', { name: /log in/i }).count() > 0, 'a way to log in');
});

test('an unencrypted page says so on every screen', async (t) => {
  const { page } = await show(t, 'insecure');
  for (const name of ['now', 'plan', 'history', 'battery', 'nodes', 'alerts', 'settings']) {
    await page.evaluate((hash) => { location.hash = hash; }, `#/${name}`);
    await until(async () => /encrypted/i.test(await now.text(page.locator('body'))), `the warning on ${name}`, 5);
  }
});

/* ---- a reading reaches the screen ---- */

test('a reading that comes is on the screen', async (t) => {
  const { stage, page } = await show(t, 'charging');
  const battery = { ...stage.battery(), soc_pct: 77.1, age_s: 0.1, last: { soc_pct: 77.1, temp_c: 24.1, temp_max_c: 24.1, power_w: 2720 } };
  stage.change({ kind: 'reading', subject: 'b1', parts: { batteries: { b1: battery } } });
  await page.waitForFunction(() => /77/.test(document.querySelector('.scene svg')?.textContent ?? ''), null, { polling: 20, timeout: 5000 });
});

/* ---- several batteries ---- */

test('several batteries and their relays are each reached, and the page says which one it shows', async (t) => {
  const { page } = await show(t, 'two');
  const jars = page.locator('.jars a');
  equal(await jars.count(), 2, 'jars');
  await jars.filter({ hasText: 'b2' }).click();
  equal(await jars.filter({ hasText: 'b2' }).getAttribute('aria-current'), 'true', 'which one is shown');
  await until(async () => /8[12]/.test(await page.locator('.scene').first().innerText()) , 'the charge of b2');
  ok(await now.words(page, 'r3').count() > 0, 'the words of its relay');
  calm(page);
});

test('a meter that contradicts the others for a while is said to lie', async (t) => {
  const { stage, page } = await show(t, 'meterlies', 'now', { clock: true });
  for (let i = 0; i < 6; i++) {
    stage.tellBeat();
    await pause(100);
    await page.clock.runFor(3000);
  }
  const said = `${await now.text(page.locator('main'))} ${await now.told(page)}`;
  ok(/do not add up|does not add up|contradict|cannot be|disagree/i.test(said), `what is said: ${said.slice(0, 400)}`);
});
