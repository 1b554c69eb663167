/* The drawer's six faults and the frozen sensor, on a real house: what a person sees, and that it passes. */
import { equal, ok, test, until } from './lib/suite.mjs';
import { calm, openPage } from './lib/browser.mjs';
import { House, start } from './lib/house.mjs';
import { build } from './lib/shared.mjs';
import { besides } from './speed.mjs';
import * as now from './lib/now.mjs';

/* A demo house, and a page that may control it and says `verb`. */
async function open(t, { verb = /Charging/, ...options } = {}) {
  const house = await House.open(build(), { isDemo: true, ...options });
  t.atEnd(() => house.close());
  const page = await openPage(t, { size: '1024x600' });
  await page.goto(await house.loginUrl());
  await now.verb(page).waitFor();
  if (verb.test('Charging')) await house.closed('source');
  await says(page, verb, 30);
  return { house, page };
}

async function press(page, name) {
  await page.locator('button.demo').click();
  await now.sheet(page).locator('button[aria-pressed]').filter({ hasText: name }).click();
  await until(async () => (await now.sheet(page).locator('button[aria-pressed=true]').filter({ hasText: name }).count()) > 0, `${name} to be on`, 5);
  await page.keyboard.press('Escape');
  await now.sheet(page).waitFor({ state: 'detached' });
}

const says = (page, pattern, seconds = 60) => until(async () => pattern.test(await now.text(now.verb(page))), `the verb ${pattern}`, seconds);
/* It charges for long enough, however slow the machine is; asked to rest by hand. */
const LONG = { soc_pct: 20, settings: { charge_until_pct: 90, discharge_above_pct: 94 } };
async function rest(page) {
  await now.choose(page, 'hold', 1);
  await now.hold(page);
}
const real = { timeout_s: 150 };

test('sensor silent: it waits, what is old is hatched, and it charges again when it speaks', async (t) => {
  const { house, page } = await open(t);
  await press(page, /sensor silent/i);
  await says(page, /Waiting/);
  ok(await now.scene(page).locator('.stale').count() > 0, 'hatched');
  await until(async () => /off/.test(await now.text(now.is(page))), 'the relay to be read back off');
  equal((await house.truth()).source_is_on, false, 'the true contact');
  await house.say('clear');
  await says(page, /Charging/);
  calm(page);
}, real);

test('an alert that is acknowledged on the page is so in the daemon, which keeps watching', async (t) => {
  const { house, page } = await open(t);
  await press(page, /sensor silent/i);
  await now.bar(page).getByRole('link').click();
  await page.getByRole('button', { name: /Seen, keep watching/ }).click();
  await until(async () => (await house.state()).alerts.some(({ code, acknowledged, active }) => code === 'sensor-stale' && acknowledged && active), 'the daemon to know it');
  await until(async () => /You have seen it/.test(await now.text(page.locator('main'))), 'the page to say it');
  await house.say('clear');
  await until(async () => /Nothing needs you/.test(await now.text(page.locator('main'))), 'it to be over', 30);
  calm(page);
}, real);

test('relay stuck: “≠”, with an alert, until it moves again', async (t) => {
  const { house, page } = await open(t, LONG);
  await press(page, /relay stuck/i);
  await rest(page);
  await until(async () => (await now.text(now.sign(page))) === '≠', 'the sign', 90);
  ok(await now.bar(page).isVisible(), 'the alert bar');
  equal((await now.text(now.is(page))).split(' ')[0], 'on', 'what the relay says');
  ok(/Not at rest/.test(await now.text(now.verb(page))), `the verb: ${await now.text(now.verb(page))}`);
  ok((await house.truth()).source_is_on, 'the true contact is still closed');
  await house.say('clear');
  await until(async () => (await now.text(now.sign(page))) === '=', 'them to agree again', 60);
  calm(page);
}, real);

test('relay lying when it is asked on: “=”, and the page says that the battery does not follow', async (t) => {
  const { house, page } = await open(t, { verb: /Resting/, soc_pct: 45 });
  await press(page, /relay lying/i);
  await now.choose(page, 'charge', 2);
  await now.hold(page);
  await says(page, /No effect/, 60);
  equal([await now.text(now.sign(page)), (await now.text(now.is(page))).split(' ')[0]], ['=', 'on'], 'the two words');
  ok(await now.bar(page).isVisible(), 'the alert bar');
  equal((await house.truth()).source_is_on, false, 'the true contact');
  await house.say('clear');
  await until(async () => !/No effect/.test(await now.text(now.verb(page))), 'it to be over', 60);
  calm(page);
}, real);

test('relay lying when it is asked off: the page believes the charge, and not the relay', async (t) => {
  const { house, page } = await open(t, LONG);
  await press(page, /relay lying/i);
  await rest(page);
  await says(page, /Not at rest/, 90);
  equal((await now.text(now.is(page))).split(' ')[0], 'off', 'what the relay says');
  ok(/power flows/.test(await now.text(now.said(page))), `what is said of it: ${await now.text(now.said(page))}`);
  ok(await now.bar(page).isVisible(), 'the alert bar');
  ok((await house.truth()).source_is_on, 'the true contact is still closed');
  await house.say('clear');
  await until(async () => !/Not at rest/.test(await now.text(now.verb(page))), 'it to be over', 60);
  calm(page);
}, real);

test('battery hot: it stops, and says at which temperature', async (t) => {
  const { house, page } = await open(t);
  await press(page, /hot/i);
  await says(page, /Stopped/, 90);
  ok(/°C/.test(await now.text(now.because(page))), `because: ${await now.text(now.because(page))}`);
  equal((await house.truth()).source_is_on, false, 'the true contact');
  calm(page);
}, real);

test('cloud: the sun sinks on the picture, and nothing is said to be wrong that is not', async (t) => {
  const { page } = await open(t);
  const sun = async () => Number((await now.told(page)).match(/sun\D{0,20}(\d+\.\d+) kW/i)?.[1] ?? NaN);
  await until(async () => await sun() > 1, 'the sun to shine');
  const before = await sun();
  await press(page, /cloud/i);
  await until(async () => await sun() < before / 4, 'the sun to sink');
  calm(page);
}, real);

test('broker gone: every value turns old and an alert says why, and it lives again afterwards', async (t) => {
  const { house, page } = await open(t);
  await press(page, /broker gone/i);
  await until(async () => /broker/i.test(await now.text(now.bar(page))), 'the alert bar to name the broker', 60);
  await says(page, /Waiting|Stopped|Resting/, 60);
  await until(async () => await now.scene(page).locator('.stale').count() > 0, 'hatching');
  await house.say('clear');
  await says(page, /Charging/, 90);
  calm(page);
}, real);

test('sensor frozen: it is found out, and the page says so', async (t) => {
  const { house, page } = await open(t);
  await house.say('sensor-frozen');
  await until(async () => /values? of b1|b1.*(stand|stood) still|the same/i.test(`${await now.text(now.because(page))} ${await now.bar(page).count() ? await now.text(now.bar(page)) : ''}`), 'the page to say that values stand still', 100);
  ok((await house.state()).alerts.some(({ code, active }) => active && code === 'sensor-frozen'), 'the daemon’s alert');
  await says(page, /Waiting/);
  equal((await house.truth()).source_is_on, false, 'the true contact');
  calm(page);
}, real);

/* ---- what is real, end to end ---- */

test('taking over on a real house: pending, then confirmed by the relay, then taken back', async (t) => {
  const { house, page } = await open(t);
  await now.choose(page, 'hold', 0);
  await now.hold(page);
  await until(async () => /^off\b/.test(await now.text(now.is(page))), 'the relay to be read back off', 20);
  await until(async () => /you asked/i.test(await now.text(now.because(page))), 'the reason');
  equal((await house.truth()).source_is_on, false, 'the true contact');
  equal((await house.get('overrides')).overrides.length > 0, true, 'overrides that hold');
  calm(page);
}, real);

/* Notes when each new temperature stands in the picture: [words, ms since 1970]. */
const notePicture = (page) => page.evaluate(() => {
  window.seen = [];
  const look = () => {
    const words = [...document.querySelectorAll('.scene text')].map((one) => one.textContent).find((one) => /^-?\d+\.\d°$/.test(one));
    if (words && words !== window.seen.at(-1)?.[0]) window.seen.push([words, Date.now()]);
  };
  look();
  new MutationObserver(look).observe(document.querySelector('.scene'), { subtree: true, childList: true, characterData: true });
});

test('each reading that the broker has comes to the screen', async (t) => {
  const { house, page } = await open(t, { speed: 60, interval_s: 30, soc_pct: 20 });
  await notePicture(page);
  const heard = [];
  const ear = start('mosquitto_sub', ['-p', house.mqttPort, '-t', 'amphora/b1/battery', '-F', '%p'].map(String));
  t.atEnd(() => ear.end());
  let lines = 0;
  await until(() => {
    const all = ear.said().split('\n').slice(0, -1);
    for (const line of all.slice(lines)) {
      const words = `${JSON.parse(line).Temp.toFixed(1)}°`;
      if (words !== heard.at(-1)?.[0]) heard.push([words, Date.now()]);
    }
    lines = all.length;
    return heard.length >= 6;
  }, 'six temperatures', 60);
  await until(async () => (await page.evaluate(() => window.seen.at(-1)[0])) === heard.at(-1)[0], 'the last one on the screen', 10);
  const seen = await page.evaluate(() => window.seen);
  const late = heard.slice(1).map(([words, at]) => (seen.find(([one, when]) => one === words && when > at - 500)?.[1] ?? NaN) - at);
  ok(late.filter((ms) => !Number.isNaN(ms)).length >= late.length - 1, `what came: ${JSON.stringify(heard)}, what was seen: ${JSON.stringify(seen)}`);
  besides.reading_ms = Math.max(0, ...late.filter((ms) => !Number.isNaN(ms)));
  calm(page);
}, real);

test('first run: the code from the machine, a name and a password, and then it may control', async (t) => {
  const house = await House.open(build(), { isDemo: true });
  t.atEnd(() => house.close());
  const page = await openPage(t);
  await page.goto(house.url);
  await page.getByRole('link', { name: /log in/i }).first().click();
  const url = await house.loginUrl();
  const code = url.split('/').pop();
  const form = page.locator('form').filter({ has: page.locator('input[autocomplete=new-password]') });
  await form.locator('input[autocomplete=one-time-code]').fill(code);
  await form.locator('input[autocomplete=username]').fill('anna');
  await form.locator('input[type=password]').fill('a long and safe password');
  await form.locator('button[type=submit]').click();
  await until(async () => (await page.evaluate(() => fetch('api/v1/session').then((answer) => answer.json()))).user === 'anna', 'the session');
  await says(page, /Charging/, 20);
  await until(() => now.takeOver(page).isEnabled(), 'control');
  calm(page);
}, real);

test('a login lasts over a reload, and logging out ends it', async (t) => {
  const { page } = await open(t);
  const role = () => page.evaluate(() => fetch('api/v1/session').then((answer) => answer.json()).then((one) => one.role));
  await page.reload();
  await now.verb(page).waitFor();
  equal(await role(), 'control', 'after a reload');
  await page.evaluate(() => fetch('api/v1/session', { method: 'DELETE' }));
  ok((await role()) !== 'control', 'after logging out');
  const cookies = await page.context().cookies();
  ok(cookies.every(({ httpOnly, sameSite }) => httpOnly && sameSite === 'Strict'), JSON.stringify(cookies));
}, real);

test('a login code works once', async (t) => {
  const { house, page } = await open(t);
  const url = await house.loginUrl();
  const other = await openPage(t);
  await other.goto(url);
  await until(() => other.evaluate(() => fetch('api/v1/session').then((answer) => answer.json()).then((one) => one.role === 'control')), 'the first use');
  const third = await openPage(t);
  await third.goto(url);
  await third.waitForTimeout(1500);
  equal(await third.evaluate(() => fetch('api/v1/session').then((answer) => answer.json()).then((one) => one.role === 'control')), false, 'the second use');
  ok(page, 'the page');
}, real);
