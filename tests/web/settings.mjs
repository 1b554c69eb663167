/* Settings: asked until it is read back, ranges in words, and what somebody else changed meanwhile. */
import { equal, ok, pause, test, until } from './lib/suite.mjs';
import { calm } from './lib/browser.mjs';
import { show } from './lib/shared.mjs';
import * as now from './lib/now.mjs';

const firstOf = (page) => page.locator('.par:has(input[inputmode=decimal])').first();
const firstField = (page) => firstOf(page).locator('input[inputmode=decimal]');

test('a setting shows “asked” and “is” until it is read back, then the value that holds', async (t) => {
  const { stage, page } = await show(t, 'charging', 'settings');
  stage.settings = JSON.parse(JSON.stringify(stage.play.answers.settings));
  let isDone = false;
  stage.on('PATCH settings', () => (isDone ? { body: {} } : 'never'));
  const field = firstField(page), par = firstOf(page);
  await field.waitFor();
  const before = Number(await field.inputValue());
  await field.fill(String(before - 1));
  await field.press('Enter');
  equal((await stage.until('PATCH settings')).body.value, before - 1, 'the wish');
  await until(async () => (await now.text(par)).includes(`Asked ${before - 1} %, is ${before} %`), '“asked …, is …”');
  await pause(1500);
  ok((await now.text(par)).includes(`is ${before} %`), 'what is, as long as nothing was read back');

  /* It is held at another value than asked: that one is shown, and not the wish. */
  isDone = true;
  await page.reload();
  await field.waitFor();
  await field.fill(String(before - 1));
  stage.settings.settings.find((one) => one.name === 'charge_below_pct').set = before - 3;
  await field.press('Enter');
  await until(async () => await field.inputValue() === String(before - 3) && !/Asked/.test(await now.text(par)), 'the value read back after the change', 10);
  calm(page);
});

test('a setting that someone changed meanwhile is shown with the other’s value, and asked about once more', async (t) => {
  const { stage, page } = await show(t, 'charging', 'settings');
  stage.settings = JSON.parse(JSON.stringify(stage.play.answers.settings));
  const matches = [];
  const field = firstField(page);
  await field.waitFor();
  const name = await field.getAttribute('aria-label');
  const parameter = stage.settings.settings.find((one) => one.name === 'charge_below_pct');
  const before = Number(await field.inputValue());
  equal([name, before], ['charge below', parameter.set ?? parameter.file ?? parameter.default], 'the first field');
  stage.on('PATCH settings', (body, request) => {
    matches.push(request.headers['if-match']);
    if (matches.length === 1) {
      Object.assign(stage, { etag: '"2"' });
      parameter.set = before - 5;
      return { status: 412, body: { type: '/problems/changed-meanwhile', title: 'Precondition Failed', status: 412, detail: 'the settings have changed meanwhile' } };
    }
    parameter.set = body.value;
    return { body: {} };
  });
  await field.fill(String(before - 1));
  await field.press('Enter');
  const par = firstOf(page);
  await until(async () => new RegExp(`changed.*${before - 5} %`).test(await now.text(par.locator('[role=alert]'))), 'the other’s value');
  equal(await field.inputValue(), String(before - 1), 'what was typed is still there');
  equal(matches, ['"1"'], 'nothing is sent again by itself');
  await par.getByRole('button', { name: new RegExp(`Set ${before - 1}`) }).click();
  await until(() => matches.length === 2, 'the second try');
  equal(matches[1], '"2"', 'If-Match of the second try');
  await until(async () => await par.locator('.wait').count() === 0 || !/asked/i.test(await now.text(par)), 'it to be read back');
  calm(page);
});

test('the other’s value can be left as it is', async (t) => {
  const { stage, page } = await show(t, 'charging', 'settings');
  let count = 0;
  stage.on('PATCH settings', () => { count++; return { status: 412, body: { type: '/problems/changed-meanwhile', title: 'Precondition Failed', status: 412, detail: 'the settings have changed meanwhile' } }; });
  const field = firstField(page), before = await field.inputValue();
  await field.fill(String(Number(before) - 1));
  await field.press('Enter');
  const par = firstOf(page);
  await par.locator('[role=alert]').waitFor();
  await par.getByRole('button', { name: /Leave/ }).click();
  await until(async () => await field.inputValue() === before && await par.locator('[role=alert]').count() === 0, 'the value that holds');
  equal(count, 1, 'tries');
});

test('a setting out of its range is said with the range, and not sent', async (t) => {
  const { stage, page } = await show(t, 'charging', 'settings');
  const field = firstField(page);
  await field.fill('999');
  await field.press('Enter');
  const hint = firstOf(page).locator('[role=alert]');
  await until(async () => /0 % to 100 %/.test(await now.text(hint)), 'the range in words', 6);
  equal(await field.getAttribute('aria-describedby'), await hint.getAttribute('id'), 'the field’s description');
  equal(stage.asked('PATCH settings').length, 0, 'what was sent');
});

test('a range that only Amphora knows is said, too', async (t) => {
  const { stage, page } = await show(t, 'charging', 'settings');
  stage.on('PATCH settings', () => ({ status: 422, body: { type: '/problems/out-of-range', title: 'Out of range', status: 422, detail: 'charge_below_pct must be 10 to 40', pointer: '/value', range: { min: 10, max: 40 } } }));
  const field = firstField(page);
  await field.fill('41');
  await field.press('Enter');
  await until(async () => /10 % to 40 %/.test(await now.text(page.locator('.par [role=alert]'))), 'the range in words', 6);
});
