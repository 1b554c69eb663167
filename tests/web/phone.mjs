/*
 * As a phone would: Chromium emulating one, through nginx with TLS on a sub-path. The
 * tests are the chapters of one story: install, watch, take over, get an alert, lose the
 * network, come back.
 */
import { createHash, createPublicKey, X509Certificate } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import https from 'node:https';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { equal, ok, skip, test, until } from './lib/suite.mjs';
import { calm, devices, launchWithProfile, watch } from './lib/browser.mjs';
import { House, freePort, run, start } from './lib/house.mjs';
import { build } from './lib/shared.mjs';
import * as now from './lib/now.mjs';

const NGINX = ['/usr/sbin/nginx', '/usr/bin/nginx'].find(existsSync);

/* As docs/remote.md shows it, in a directory of its own. */
function nginxConfig({ dir, port, target }) {
  return `daemon off; master_process off; pid ${dir}/nginx.pid; error_log ${dir}/error.log;
events { worker_connections 64; }
http {
  access_log off;
  client_body_temp_path ${dir}/body; proxy_temp_path ${dir}/proxy; fastcgi_temp_path ${dir}/f; uwsgi_temp_path ${dir}/u; scgi_temp_path ${dir}/s;
  server {
    listen 127.0.0.1:${port} ssl;
    server_name localhost;
    ssl_certificate ${dir}/cert.pem;
    ssl_certificate_key ${dir}/key.pem;
    location = /amphora { return 301 /amphora/; }
    location /amphora/ {
      proxy_pass ${target};
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-Host $http_host;
      proxy_set_header X-Forwarded-For $remote_addr;
      proxy_set_header X-Forwarded-Proto $scheme;
      proxy_buffering off;
      proxy_read_timeout 1h;
    }
  }
}
`;
}

class Story {
  static async begin() {
    const story = new Story();
    story.dir = await mkdtemp(path.join(tmpdir(), 'amphora-phone-'));
    story.port = await freePort();
    story.url = `https://localhost:${story.port}/amphora/`;
    const made = await run('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost', '-keyout', `${story.dir}/key.pem`, '-out', `${story.dir}/cert.pem`]);
    equal(made.code, 0, made.err);
    story.house = await House.open(build(), { isDemo: true, web: { proxy: ['127.0.0.1'] } });
    await writeFile(`${story.dir}/nginx.conf`, nginxConfig({ dir: story.dir, port: story.port, target: story.house.url }));
    await story.raise();
    const key = new X509Certificate(await readFile(`${story.dir}/cert.pem`)).publicKey;
    const spki = createHash('sha256').update(createPublicKey(key.export({ type: 'spki', format: 'pem' })).export({ type: 'spki', format: 'der' })).digest('base64');
    const { defaultBrowserType, ...phone } = devices['Pixel 7'];
    story.context = await launchWithProfile(`${story.dir}/profile`, { ...phone, locale: 'en-GB', args: ['--no-sandbox', '--disable-dev-shm-usage', `--ignore-certificate-errors-spki-list=${spki}`] });
    story.page = watch(story.context.pages()[0] ?? await story.context.newPage());
    return story;
  }

  /* Logs in with a code of the machine. */
  async enter() {
    const code = (await this.house.loginUrl()).split('/').pop();
    await this.page.goto(`${this.url}#/login/${code}`);
    await until(async () => (await session(this.page)).role === 'control', 'the session');
  }

  async raise() {
    this.nginx = start(NGINX, ['-e', `${this.dir}/error.log`, '-c', `${this.dir}/nginx.conf`]);
    await until(async () => await statusOf(this.url) === 200, `nginx (${this.nginx.said()})`);
  }

  async lose() {
    await this.nginx.end();
    this.nginx = null;
  }

  async end() {
    await this.context?.close();
    await this.nginx?.end();
    await this.house?.close();
    await rm(this.dir, { recursive: true, force: true });
  }
}

let story = null;

/* A chapter: skipped where there is no nginx. Alone it begins where the first one ends. */
function chapter(name, tell, { isLast = false } = {}) {
  test(`phone, nginx, TLS, sub-path: ${name}`, async (t) => {
    if (!NGINX) skip('nginx is not installed');
    story ??= Story.begin();
    const told = await story;
    if (told.page.url() === 'about:blank') await told.enter();
    if (isLast) t.atEnd(() => told.end());
    await tell(told);
  }, { alone: true, timeout_s: 120 });
}

/* Whatever the certificate: ours is signed by nobody. */
function statusOf(url, { method = 'GET', headers = {}, body } = {}) {
  return new Promise((resolve, reject) => {
    const request = https.request(url, { method, headers, rejectUnauthorized: false, agent: false }, (answer) => { answer.resume(); resolve(answer.statusCode); });
    request.on('error', reject);
    request.end(body);
  });
}

const session = (page) => page.evaluate(() => fetch('api/v1/session').then((answer) => answer.json()));

chapter('logging in with a code from the machine', async ({ page }) => {
  equal((await session(page)).transport, 'proxy', 'transport');
  const [cookie] = await page.context().cookies();
  ok(cookie.secure && cookie.httpOnly && cookie.sameSite === 'Strict', JSON.stringify(cookie));
});

chapter('it can be installed, and a service worker keeps its files', async ({ page, url }) => {
  await page.goto(url);
  await page.evaluate(() => navigator.serviceWorker.ready);
  const cdp = await page.context().newCDPSession(page);
  const { installabilityErrors } = await cdp.send('Page.getInstallabilityErrors');
  equal(installabilityErrors.filter(({ errorId }) => errorId !== 'in-incognito'), [], 'what stands against installing');
  const { data, errors } = await cdp.send('Page.getAppManifest');
  equal(errors, [], 'errors of the manifest');
  equal(JSON.parse(data).display, 'standalone', 'display');
  const kept = await page.evaluate(async () => {
    const requests = await Promise.all((await caches.keys()).map(async (name) => (await (await caches.open(name)).keys()).map((one) => one.url)));
    return requests.flat();
  });
  ok(kept.some((one) => /assets\/.*\.js$/.test(one)), `kept: ${kept}`);
  equal(kept.filter((one) => one.includes('/api/')), [], 'answers of the API that are kept');
  calm(page);
});

chapter('watching: values come by the stream, through the proxy, without a wait', async ({ house, page }) => {
  const stream = page.waitForResponse((answer) => answer.url().endsWith('/api/v1/events'));
  await page.reload();
  ok(/^text\/event-stream/.test((await stream).headers()['content-type']), 'the stream is used');
  const asked = [];
  page.on('request', (request) => asked.push(request.url()));
  await house.closed('source');
  await until(async () => /Charging/.test(await now.text(now.verb(page))), 'Charging', 30);
  const before = await now.told(page);
  await until(async () => (await now.told(page)) !== before, 'a new value', 15);
  ok(/Live/.test(await now.text(now.live(page))), 'live');
  equal(asked.filter((url) => /\/(state|events|nodes|explain)$/.test(url)), [], 'what was asked for beside it');
  calm(page);
});

chapter('taking over, with a thumb held for a second', async ({ house, page }) => {
  await now.choose(page, 'hold', 0);
  await now.hold(page);
  await until(async () => /^off\b/.test(await now.text(now.is(page))), 'the readback', 20);
  equal((await house.truth()).source_is_on, false, 'the true contact');
  ok(/you asked/i.test(await now.text(now.because(page))), await now.text(now.because(page)));
});

chapter('an alert is on the screen when it is raised', async ({ house, page }) => {
  await house.say('sensor-silent');
  await until(async () => await now.bar(page).isVisible() && /b1/.test(await now.text(now.bar(page))), 'the alert bar', 40);
  await house.say('clear');
  await until(async () => !(await now.bar(page).isVisible()), 'it to be over', 40);
});

chapter('without the network the page opens, says that it is cut off, and controls nothing', async (told) => {
  const { page } = told;
  await told.lose();
  await page.reload();
  await page.locator('main h1').first().waitFor();
  await until(async () => /Not known|cut off|No word/i.test(await now.text(page.locator('body'))), 'it to say so', 25);
  ok(!/\d s ago/.test((await page.locator('main').innerText()).replace(/\u00a0/g, ' ')), 'nothing looks live');
  const control = page.locator('.acts .btn.pri');
  ok(await control.count() === 0 || await control.first().isDisabled(), 'control is off');
});

chapter('with the network again it lives by itself', async (told) => {
  const { page } = told;
  await told.raise();
  await until(async () => /Live/.test(await now.text(now.live(page))), 'it to be live', 30);
  await until(async () => !/Not known/.test(await now.text(now.verb(page))), 'the verb', 20);
  equal((await session(page)).role, 'control', 'still logged in');
});

chapter('a foreign page cannot send commands, and a foreign name is not answered', async ({ url, port }) => {
  const target = `${url}api/v1/overrides`;
  const forged = await statusOf(target, { method: 'POST', body: '{}', headers: { Origin: 'https://evil.example', 'Content-Type': 'application/json' } });
  ok([401, 403].includes(forged), `a forged Origin: ${forged}`);
  const named = await statusOf(`https://127.0.0.1:${port}/amphora/api/v1/state`, { headers: { Host: 'evil.example' } });
  ok([401, 421].includes(named), `a foreign Host: ${named}`);
}, { isLast: true });
