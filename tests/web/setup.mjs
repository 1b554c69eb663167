/* The first run from the page: from a daemon that knows nothing to one that watches a home with a Tasmota plug. */
import { access, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { equal, ok, test, until } from './lib/suite.mjs';
import { axe, calm, openPage, whatDoesNotFit } from './lib/browser.mjs';
import { freePort, run, start } from './lib/house.mjs';
import { build, show } from './lib/shared.mjs';
import * as now from './lib/now.mjs';

const HOME = new URL('./tasmota_home.py', import.meta.url).pathname;

/* Broker, home, and a daemon whose file says nothing of batteries, nor of that broker. */
async function emptyHouse(t) {
  const dir = await mkdtemp(path.join(tmpdir(), 'amphora-setup-'));
  const at = (name) => path.join(dir, name);
  const parts = [];
  t.atEnd(async () => { for (const part of parts.reverse()) await part.end(); await rm(dir, { recursive: true, force: true }); });
  const [mqtt, web] = [await freePort(), await freePort()];
  await writeFile(at('passwords'), '', { mode: 0o600 });
  await run('mosquitto_passwd', ['-b', at('passwords'), 'amphora', 'se"cret']);
  await writeFile(at('mosquitto.conf'), `listener ${mqtt} 127.0.0.1\npassword_file ${at('passwords')}\nallow_anonymous true\n${process.getuid() === 0 ? 'user root\n' : ''}`);
  parts.push(start('mosquitto', ['-c', at('mosquitto.conf')], { env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` } }));
  await writeFile(at('amphora.yaml'), `# ours\nmqtt: {host: ""}\n# for the tablet\nweb: {listen: "127.0.0.1:${web}"}\nstore: {path: "${at('journal.db')}"}\napi: {socket: "${at('amphora.sock')}"}\n`);
  parts.push(start(path.join(build(), 'amphorad'), ['--config', at('amphora.yaml')]));
  await until(() => access(at('amphora.sock')).then(() => true, () => false), 'the daemon', 20);
  parts.push(await homeAt(mqtt));
  return { dir, at, mqtt, open: async () => JSON.parse((await run(path.join(build(), 'amphora'), ['--socket', at('amphora.sock'), 'open', '--json'])).out).url };
}

async function homeAt(port) {
  let part = start('python3', [HOME, String(port)]);
  await new Promise((resolve) => { setTimeout(resolve, 500); });
  for (let i = 0; i < 20 && part.said(); i++) part = start('python3', [HOME, String(port)]);
  return part;
}

const field = (page, label) => page.locator('main').getByLabel(label, { exact: true });

test('a Tasmota home is set up from the page, and runs', async (t) => {
  const house = await emptyHouse(t);
  const page = await openPage(t, { size: '1024x600' });
  await page.goto(await house.open());
  await page.getByRole('link', { name: 'Set it up' }).click();
  await field(page, 'Where it is').fill('127.0.0.1');
  await field(page, 'Port').fill(String(house.mqtt));
  await field(page, 'Our user there, if any').fill('amphora');
  await field(page, 'Password').fill('wrong');
  await page.getByRole('button', { name: 'Connect and look' }).click();
  await until(async () => await page.getByRole('alert').count() === 1, 'why the broker does not take us', 20);
  await field(page, 'Password').fill('se"cret');
  await page.getByRole('button', { name: 'Connect and look' }).click();
  await until(async () => /The broker has taken us/.test(await now.text(page.getByRole('status').last())), 'that it is connected', 8);
  await until(async () => await field(page, 'Which one').count() === 1, 'a battery', 20);
  ok(/b1, amphora: 54\.5/.test(await now.text(field(page, 'Which one'))), 'what it says');
  await field(page, 'It holds, in kWh').fill('10');
  await field(page, 'It takes or gives at most, in kW').fill('3,5');
  await field(page, 'Lets the source (panels, grid) charge it').selectOption('garage');
  await field(page, 'Time zone').fill('Europe/Rome');
  equal(await axe(page), [], 'axe');
  await page.getByRole('button', { name: 'Show the file' }).click();
  await until(async () => /profile: tasmota/.test(await now.text(page.locator('pre.lines'))), 'the file', 5);
  const shown = await page.locator('pre.lines').textContent();
  ok(!/cret/.test(shown), 'no password in it');
  equal((await readdir(house.dir)).filter((name) => /before|password$/.test(name)), [], 'nothing is written yet');
  await page.getByRole('button', { name: 'Write it and start' }).click();
  await until(async () => /only watches/.test(await now.text(page.getByRole('status').last())), 'that it runs', 30);
  const text = await readFile(house.at('amphora.yaml'), 'utf8');
  equal(text, shown, 'what was shown is what was written');
  ok(/# for the tablet\nweb: \{listen/.test(text) && /power_kw: 3\.5/.test(text), text);
  const kept = (await readdir(house.dir)).find((name) => name.includes('before'));
  ok((await readFile(house.at(kept), 'utf8')).startsWith('# ours'), 'the file of before');
  equal((await stat(house.at('mqtt-password'))).mode & 0o777, 0o600, 'mode of the password');
  await page.getByRole('link', { name: 'Nodes' }).first().click();
  await until(async () => await page.locator('main li').filter({ hasText: 'garage, relay that charges' }).count() === 1, 'the plug', 10);
  calm(page);
  await page.goto(await house.open()); /* logged in again, where the start has ended that */
  await until(() => /#\/now$/.test(page.url()), 'the login', 10);
  await page.getByRole('link', { name: 'Nodes' }).first().click();
  const row = page.locator('main li').filter({ hasText: 'garage, relay that charges' });
  await row.getByRole('button', { name: 'Try it' }).click();
  const dialog = page.locator('dialog[open]');
  for (let i = 0; i < 8 && await dialog.getByRole('status').count() === 0; i++) { /* until the gate has two good readings */
    await dialog.getByRole('button', { name: 'Close it now' }).click();
    await page.waitForTimeout(800);
  }
  await until(async () => /opened by itself/.test(await now.text(dialog)), 'that the plug opens by itself', 25);
  equal(await axe(page), [], 'axe of the trial');
});

/* ---- on a stage ---- */

const ABOUT = { file: '/var/lib/amphora/amphora.yaml', exists: true, must_confirm: true, why: null, zone: 'UTC', broker: { host: '127.0.0.1', port: 1883, user: 'amphora', has_password: true },
  chemistries: [{ name: 'lfp', reserve_pct: 10, ceiling_pct: 95, charge_min_c: 5, charge_max_c: 45, discharge_min_c: -20, discharge_max_c: 50 }, { name: 'lead-acid', reserve_pct: 50, ceiling_pct: 100, charge_min_c: 0, charge_max_c: 40, discharge_min_c: -15, discharge_max_c: 50 }],
  kinds: [{ kind: null, words: 'ours', value: null }, { kind: 'lwm2m', words: 'IPSO', value: '/3306/0/5850' }] };
const FOUND = { state: 'done', connected: true, detail: null, topics: 3, left_out: 0, devices: [
  { kind: 'battery', profile: 'amphora', id: 'b1', topic: 't', values: { soc_pct: 54.5 }, only_retained: false, opens_by_itself: null, source: '', config: '' },
  { kind: 'relay', profile: 'z2m', id: 'bulb', topic: 't', values: { state: false }, only_retained: false, opens_by_itself: false, source: 's', config: '' }] };

async function asked(t, options) {
  const { stage, page } = await show(t, 'charging', 'setup', { prepare: (one) => { one.on('GET setup', () => ({ status: 200, body: ABOUT })); one.on('POST detections', () => ({ status: 202, body: FOUND })); }, ...options });
  await page.locator('main form button').first().click();
  await until(async () => await page.locator('#s-battery').count() === 1, 'the battery', 5);
  return { stage, page };
}

test('a switch that does not open by itself needs the owner’s word, and a house that is there a confirmation', async (t) => {
  const { stage, page } = await asked(t);
  equal((await stage.until('POST detections')).body, { broker: { host: '127.0.0.1', port: 1883, user: 'amphora' } }, 'without a password it is the one that is used now');
  await field(page, 'Lets it feed the house').selectOption('bulb');
  await field(page, 'It holds, in kWh').fill('5');
  await field(page, 'It takes or gives at most, in kW').fill('2');
  stage.on('POST setup', () => ({ status: 422, body: { type: '/problems/owners-word-needed', title: '', status: 422, detail: 'bulb does not open by itself' } }));
  await page.getByRole('button', { name: 'Write it and start' }).click();
  await until(async () => /bulb does not open/.test(await now.text(page.getByRole('alert'))), 'the refusal', 5);
  equal((await stage.until('POST setup')).body.relays, [{ role: 'load', device: 'bulb' }], 'no word was given');
  await field(page, 'I use it all the same').check();
  await page.getByLabel('Take the place of').check();
  await page.getByRole('button', { name: 'Write it and start' }).click();
  await until(() => stage.asked('POST setup').length === 2, 'the second try', 5);
  const { body } = stage.asked('POST setup')[1];
  equal([body.relays, body.replace, body.preview], [[{ role: 'load', device: 'bulb', lease: 'none' }], true, false], 'what is asked');
});

test('setting up fits at 360 px in every language, for every eye', async (t) => {
  for (const lang of ['en', 'it', 'xx']) {
    const { page } = await asked(t, { lang, scheme: lang === 'it' ? 'dark' : 'light' });
    await page.locator('#s-source').selectOption('coap');
    await page.locator('#s-sourceKind').selectOption('lwm2m');
    await page.locator('#s-load').selectOption('bulb');
    await page.waitForTimeout(200);
    equal(await whatDoesNotFit(page), [], lang);
    equal(await axe(page), [], `${lang}: axe`);
  }
});

test('who may only look is told why nothing can be set up', async (t) => {
  const { page } = await show(t, 'viewer', 'setup');
  ok(await page.locator('main').getByRole('button').isDisabled(), 'the button');
});
