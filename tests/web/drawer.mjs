/* The demo's drawer on a stage: six faults, how long each has been on, and no doubt that it is a demo. */
import { equal, ok, test, until } from './lib/suite.mjs';
import { calm } from './lib/browser.mjs';
import { show } from './lib/shared.mjs';
import * as now from './lib/now.mjs';

test('the demo says so on every screen', async (t) => {
  const { page } = await show(t, 'demo');
  for (const name of ['now', 'plan', 'history', 'battery', 'nodes', 'alerts', 'settings']) {
    await page.evaluate((hash) => { location.hash = hash; }, `#/${name}`);
    ok(await page.locator('button.demo').isVisible(), `the badge on ${name}`);
  }
});

test('real batteries have no badge and no drawer', async (t) => {
  const { page } = await show(t, 'charging');
  equal(await page.locator('button.demo').count(), 0, 'badges');
});

test('the drawer has the six faults, says which are on and for how long, and sends what is pressed', async (t) => {
  const { stage, page } = await show(t, 'demo');
  await page.locator('button.demo').click();
  const toggles = now.sheet(page).locator('button[aria-pressed]');
  await toggles.first().waitFor();
  ok(await toggles.count() >= 6, `toggles: ${await toggles.count()}`);
  const cloud = toggles.filter({ hasText: /cloud/i });
  equal(await cloud.getAttribute('aria-pressed'), 'true', 'the cloud');
  ok(/\d+\s?(s|min)/.test(await now.text(cloud)), `how long: ${await now.text(cloud)}`);
  const silent = toggles.filter({ hasText: /sensor silent/i });
  await silent.click();
  const { body } = await stage.until('POST demo/faults');
  equal(body, { fault: 'sensor-silent', on: true }, 'what was sent');
  await until(async () => await silent.getAttribute('aria-pressed') === 'true', 'the toggle to be on');
  await cloud.click();
  await until(async () => await cloud.getAttribute('aria-pressed') === 'false', 'the cloud to be over');
  calm(page);
});
