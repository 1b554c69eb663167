/*
 * The wall tablet: Now at 1024×600, motion on. An hour's messages come faster than they
 * would (all of them with --hour), and what the page holds must not grow; then they come
 * at their true pace, and the browser's share of a core is counted.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { ok, pause, test } from './lib/suite.mjs';
import { openPage } from './lib/browser.mjs';
import { Stage } from './lib/stage.mjs';
import { thePlay } from './lib/shared.mjs';
import { besides } from './speed.mjs';
import { STATES } from './lib/states.mjs';

const { chromium } = createRequire(path.join(process.env.WEB_TOOLS, 'package.json'))('playwright-core');
const isWhole = process.argv.includes('--hour');
const HOUR_MESSAGES = isWhole ? 12000 : 2400; /* three meters a second, a reading every 10 s */
const WATCH_S = isWhole ? 300 : 20;
const TICKS = 100; /* of the kernel's clock, a second */

/* CPU seconds of a process and all below it. */
function cpuOf(root) {
  const stats = readdirSync('/proc').filter((name) => /^\d+$/.test(name)).flatMap((pid) => {
    try {
      const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
      const rest = text.slice(text.lastIndexOf(')') + 2).split(' ');
      return [{ pid: Number(pid), parent: Number(rest[1]), ticks: Number(rest[11]) + Number(rest[12]) }];
    } catch { return []; }
  });
  const family = new Set([root]);
  for (let size = 0; size !== family.size;) {
    size = family.size;
    for (const { pid, parent } of stats) if (family.has(parent)) family.add(pid);
  }
  return stats.filter(({ pid }) => family.has(pid)).reduce((sum, { ticks }) => sum + ticks, 0) / TICKS;
}

function message(stage, i) {
  if (i % 31 === 0) {
    const soc_pct = 40 + (i / 31) % 40;
    const battery = { ...stage.battery(), soc_pct, age_s: 0.1, last: { soc_pct, temp_c: 24.1, temp_max_c: 24.1, power_w: 2720 } };
    stage.change({ kind: 'reading', subject: 'b1', parts: { batteries: { b1: battery } } });
    return;
  }
  const name = ['pv', 'load', 'grid'][i % 3];
  const power_w = { pv: 3420, load: 640, grid: -60 }[name] + (i * 7) % 50;
  stage.change({ kind: 'meter', subject: name, parts: { meters: { [name]: { power_w, last_power_w: power_w, quality: 'good', age_s: 0.1 } } } });
}

async function held(cdp) {
  await cdp.send('HeapProfiler.collectGarbage');
  const { usedSize } = await cdp.send('Runtime.getHeapUsage');
  const { nodes, jsEventListeners } = await cdp.send('Memory.getDOMCounters');
  return { heap_kb: Math.round(usedSize / 1000), nodes, listeners: jsEventListeners };
}

test('an hour on the wall: what it holds does not grow', async (t) => {
  const stage = await Stage.open(await thePlay());
  t.atEnd(() => stage.close());
  STATES.charging(stage);
  const server = await chromium.launchServer({ executablePath: process.env.CHROMIUM, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
  t.atEnd(() => server.close());
  const own = await chromium.connect(server.wsEndpoint());
  const page = await openPage(t, { browser: own, size: '1024x600', motion: 'no-preference' });
  const cdp = await page.context().newCDPSession(page);
  await page.goto(stage.url);
  await page.locator('.scene svg').first().waitFor();
  let sent = 0;
  const send = async (count) => { for (const end = sent + count; sent < end;) { message(stage, ++sent); if (sent % 12 === 0) await pause(100); } };
  await send(HOUR_MESSAGES / 3);
  await pause(500);
  const early = await held(cdp);
  await send(HOUR_MESSAGES * 2 / 3);
  await pause(500);
  const late = await held(cdp);
  const before = cpuOf(server.process().pid);
  const began = Date.now();
  while (Date.now() - began < WATCH_S * 1000) {
    for (let i = 0; i < 3; i++) message(stage, ++sent);
    await pause(1000);
  }
  const share = 100 * (cpuOf(server.process().pid) - before) / ((Date.now() - began) / 1000);
  besides.tablet_cpu_pct = share.toFixed(1);
  console.log(`# after ${HOUR_MESSAGES / 3} messages ${early.heap_kb} KB, ${early.nodes} nodes; after ${HOUR_MESSAGES} ${late.heap_kb} KB, ${late.nodes} nodes; ${share.toFixed(1)} % of a core`);
  ok(late.heap_kb < early.heap_kb * 1.1 + 300, `heap ${early.heap_kb} to ${late.heap_kb} KB`);
  ok(late.nodes < early.nodes * 1.1 + 100 && late.listeners <= early.listeners + 20, `nodes ${early.nodes} to ${late.nodes}, listeners ${early.listeners} to ${late.listeners}`);
}, { alone: true, timeout_s: isWhole ? 1200 : 120 });
