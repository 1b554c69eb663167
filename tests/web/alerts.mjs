/* Alerts: their numbers, seeing them, ending a lockout, and where they go. */
import { equal, ok, test, until } from './lib/suite.mjs';
import { calm } from './lib/browser.mjs';
import { show } from './lib/shared.mjs';
import * as now from './lib/now.mjs';

for (const [lang, wanted] of [['en', '51.8 °C; 45.0 °C is allowed.'], ['it', '51,8 °C; ammesso 45,0 °C.']]) {
  test(`an alert has its numbers in ${lang}`, async (t) => {
    const { page } = await show(t, 'hot', 'alerts', { lang });
    await until(async () => (await now.text(page.locator('main'))).includes(wanted), wanted, 5);
    calm(page);
  });
}

test('an alert that is acknowledged is seen once Amphora says so, and not before', async (t) => {
  const { stage, page } = await show(t, 'stale', 'alerts');
  stage.on('POST alerts/1/acknowledge', () => ({ status: 204 }));
  const row = page.locator('main li').filter({ hasText: 'b1 is silent' });
  await row.getByRole('button', { name: /Seen, keep watching/ }).click();
  const { headers } = await stage.until('POST alerts/1/acknowledge');
  ok((headers['idempotency-key'] ?? '').length >= 16, 'Idempotency-Key');
  await until(async () => /Waiting for Amphora/.test(await now.text(row)), 'that it was asked for', 5);
  ok(!/You have seen it/.test(await now.text(row)), 'not seen before Amphora says so');
  stage.state.alerts[0].acknowledged = true;
  stage.change({ kind: 'alert', subject: 'b1', parts: { alerts: stage.state.alerts } });
  await until(async () => /You have seen it/.test(await now.text(row)) && /seen/.test(await now.text(row.locator('.tag'))), 'that it is seen', 5);
  equal(await row.getByRole('button').count(), 0, 'buttons that are left');
  calm(page);
});

test('an alert that could not be acknowledged says why, and can be tried again', async (t) => {
  const { stage, page } = await show(t, 'stale', 'alerts');
  stage.on('POST alerts/1/acknowledge', () => ({ status: 503, body: { type: 'about:blank', title: 'Service Unavailable', status: 503, detail: 'nothing was done, since it could not be stored' } }));
  const row = page.locator('main li').filter({ hasText: 'b1 is silent' });
  await row.getByRole('button').click();
  await until(async () => /could not be stored/.test(await now.text(row.getByRole('alert'))), 'the reason', 5);
  ok(await row.getByRole('button', { name: /Seen, keep watching/ }).isEnabled(), 'the button');
});

test('a lockout cannot be ended while its limit holds, and can be afterwards', async (t) => {
  const begins = Date.UTC(2026, 0, 5, 12), temps = [50, 47, 44.5, 42.9, 41];
  const at = '13:00'; /* of the fourth quarter, in a house of UTC */
  const forecast = () => ({ body: { battery: 'b1', needs: [], columns: { t: temps.map((_, i) => begins / 1000 + 900 * (i + 1)), temp_p50_c: temps } } });
  const { stage, page } = await show(t, 'locked', 'alerts', { prepare: (one) => { Object.assign(one.state, { zone: 'UTC', utc_offset_s: 0, time: new Date(begins).toISOString() }); one.on('GET forecast', forecast); } });
  stage.on('POST alerts/2/acknowledge', () => ({ status: 204 }));
  const row = page.locator('main li').filter({ hasText: 'is locked' });
  const unlock = row.getByRole('button', { name: 'Unlock' });
  ok(await unlock.isDisabled(), 'off while it is hot');
  await until(async () => new RegExp(`Possible at 43\\.0 °C or less\\. Expected at about ${at}\\.`).test(await now.text(row)), `the reason, and until when: ${at}`, 5);
  temps.fill(50);
  await page.reload();
  await until(async () => /or less\. Not expected within a day\./.test(await now.text(row)), 'that it is not expected', 5);
  Object.assign(stage.state.alerts[0], { active: false, cleared: stage.state.time });
  stage.show();
  await until(() => unlock.isEnabled(), 'it to be on', 5);
  await unlock.click();
  await stage.until('POST alerts/2/acknowledge');
});

/* ---- where alerts go ---- */

test('alerts says of each outlet whether the last one arrived, and reads that anew after a test', async (t) => {
  const { stage, page } = await show(t, 'charging', 'alerts');
  const outlets = stage.outlets();
  const row = (name) => page.locator('.list li', { hasText: name }).innerText();
  stage.on('POST alerts/test', () => {
    outlets[1].last.ok = true;
    stage.on('GET alerts', () => ({ body: { alerts: [], outlets } }));
    return { body: { outlets } };
  });
  await until(async () => /works/.test(await row('phone')), 'the one that works');
  const post = await row('anna-at-work');
  ok(/did not arrive: RCPT failed: 550/.test(post) && /2 waiting/.test(post), `the one that fails: ${post}`);
  ok(/Nothing was sent yet/.test(await row('hook')), 'the one that is new');
  await page.getByRole('button', { name: 'Send a test' }).click();
  await stage.until('POST alerts/test');
  await until(async () => /works/.test(await row('anna-at-work')), 'that it arrived now');
  calm(page);
});

test('in Italian what has no Italian words is marked as English, and the sentence around it is Italian', async (t) => {
  const { stage, page } = await show(t, 'stale', 'alerts', { lang: 'it' });
  const detail = 'nothing was done, since it could not be stored';
  stage.on('POST alerts/1/acknowledge', () => ({ status: 503, body: { type: 'about:blank', title: 'Service Unavailable', status: 503, detail } }));
  const parts = (row) => row.evaluate((node) => {
    const marked = [...node.querySelectorAll('[lang="en"]')].map((one) => one.textContent), rest = node.cloneNode(true);
    rest.querySelectorAll('[lang="en"]').forEach((one) => one.remove());
    return { marked, rest: rest.textContent };
  });
  const row = page.locator('main li').filter({ hasText: 'anna-at-work' });
  await row.waitFor();
  const outlet = await parts(row);
  equal(outlet.marked, ['RCPT failed: 550'], 'what is English of the outlet');
  ok(/non è arrivato: \./.test(outlet.rest), outlet.rest);
  await page.locator('main li').filter({ hasText: 'b1' }).getByRole('button').first().click();
  const alert = page.locator('main [role="alert"]');
  await alert.waitFor();
  equal(await parts(alert), { marked: [detail], rest: 'Amphora non lo ha fatto: ' }, 'the refusal');
});
