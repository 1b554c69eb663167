/* How the page is served: its files, their sizes and headers, and nobody else's. */
import { equal, ok, test, until } from './lib/suite.mjs';
import { calm, openPage } from './lib/browser.mjs';
import { theHouse } from './lib/shared.mjs';

const get = (path, headers = {}) => theHouse().then(({ url }) => fetch(new URL(path, url), { headers, redirect: 'manual' }));

async function assetNames() {
  const text = await (await get('')).text();
  return [...text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, name]) => name);
}

test('files have their hash in the name and are kept for a year', async () => {
  const names = (await assetNames()).filter((name) => name.startsWith('assets/'));
  ok(names.length >= 2, `assets in the page: ${names}`);
  for (const name of names) {
    ok(/\.[0-9A-Za-z]{8,}\.\w+$/.test(name), `${name} has no hash`);
    const answer = await get(name);
    equal(answer.status, 200, name);
    ok(/max-age=31536000/.test(answer.headers.get('cache-control')) && /immutable/.test(answer.headers.get('cache-control')), `${name}: ${answer.headers.get('cache-control')}`);
  }
});

test('files are compressed for who takes that, and plain for who does not', async () => {
  const name = (await assetNames()).find((one) => /\.css$/.test(one));
  const small = await get(name, { 'Accept-Encoding': 'gzip' });
  const plain = await get(name, { 'Accept-Encoding': 'identity' });
  equal(small.headers.get('content-encoding'), 'gzip', 'encoding');
  equal(plain.headers.get('content-encoding'), null, 'encoding without gzip');
  equal(await small.text(), await plain.text(), 'what is in them');
  ok(/Accept-Encoding/i.test(small.headers.get('vary') ?? ''), 'Vary');
});

test('the page itself is asked for anew, and costs nothing while it is the same', async () => {
  const first = await get('');
  equal(first.headers.get('cache-control'), 'no-cache', 'Cache-Control');
  const again = await get('', { 'If-None-Match': first.headers.get('etag') });
  equal(again.status, 304, 'status with the ETag');
});

test('there is no inline code and no foreign origin in the page', async () => {
  const answer = await get('');
  const text = await answer.text();
  const csp = answer.headers.get('content-security-policy') ?? '';
  for (const part of ["default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"]) ok(csp.includes(part), `CSP has no ${part}: ${csp}`);
  ok(!/unsafe|https?:|\*/.test(csp), `CSP: ${csp}`);
  ok(!/<script(?![^>]*src=)[^>]*>/.test(text) && !/ style="| on\w+="/.test(text), 'inline code in index.html');
  ok(!/(src|href)="(https?:)?\/\//.test(text), 'a foreign address in index.html');
  equal(answer.headers.get('x-content-type-options'), 'nosniff', 'nosniff');
  equal(answer.headers.get('referrer-policy'), 'no-referrer', 'Referrer-Policy');
});

test('addresses in the page are relative, so that a sub-path works', async () => {
  for (const name of await assetNames()) ok(!name.startsWith('/'), `${name} begins with /`);
  const manifest = await (await get('manifest.webmanifest')).json();
  for (const { src } of manifest.icons) ok(!src.startsWith('/'), `icon ${src}`);
  ok(!manifest.start_url.startsWith('/') && !(manifest.scope ?? './').startsWith('/'), 'start_url and scope');
});

test('a browser asks nobody but the daemon', async (t) => {
  const house = await theHouse();
  const page = await openPage(t, { size: '1440' });
  const foreign = [];
  page.on('request', (request) => { if (!request.url().startsWith(house.url) && !request.url().startsWith('data:')) foreign.push(request.url()); });
  for (const name of ['now', 'plan', 'history', 'battery', 'nodes', 'alerts', 'settings']) {
    await page.goto(`${house.url}#/${name}`);
    await page.waitForTimeout(300);
  }
  equal(foreign, [], 'foreign requests');
  calm(page);
});

test('the words of one language come, as data, and the other’s when it is chosen', async (t) => {
  const house = await theHouse();
  const page = await openPage(t, { size: '1440' });
  const words = [];
  page.on('response', (answer) => { if (/words/.test(answer.url())) words.push(answer); });
  const loaded = () => words.map((answer) => `${answer.status()} ${answer.headers()['content-type']} ${answer.url().replace(/^.*assets\/|\.\w+\.json$/g, '')}`);
  await page.goto(`${house.url}#/settings`);
  await page.locator('main h1').waitFor();
  equal(loaded(), ['200 application/json words-en'], 'words of an English page');
  // It is checked once the words are there, so that "checked" is what they show, not what was clicked.
  await page.getByRole('radio', { name: 'Italiano' }).click({ force: true });
  await until(() => words.length === 2, 'Italian words');
  equal(loaded()[1], '200 application/json words-it', 'words after Italian was chosen');
  calm(page);
});

test('the manifest makes it an app: standalone, icons for every launcher, the page’s colours', async () => {
  const answer = await get('manifest.webmanifest');
  ok(/manifest\+json/.test(answer.headers.get('content-type')), `type ${answer.headers.get('content-type')}`);
  const manifest = await answer.json();
  equal(manifest.display, 'standalone', 'display');
  ok(manifest.name && manifest.short_name, 'names');
  const has = (size, purpose) => manifest.icons.some((icon) => icon.sizes.includes(size) && (icon.purpose ?? 'any').includes(purpose));
  for (const [size, purpose] of [['192x192', 'any'], ['512x512', 'any'], ['512x512', 'maskable']]) ok(has(size, purpose), `no icon ${size} ${purpose}`);
  for (const icon of manifest.icons) {
    const found = await get(icon.src);
    equal(found.status, 200, icon.src);
    equal(found.headers.get('content-type'), icon.type, icon.src);
  }
  ok(['#f5f2eb', '#0f1211'].includes(manifest.background_color.toLowerCase()), manifest.background_color);
});

test('the icon for iOS is there, 180 px', async () => {
  const text = await (await get('')).text();
  const [, name] = text.match(/rel="apple-touch-icon" href="([^"]+)"/) ?? [];
  const bytes = Buffer.from(await (await get(name)).arrayBuffer());
  equal([bytes.readUInt32BE(16), bytes.readUInt32BE(20)], [180, 180], 'its size');
});
