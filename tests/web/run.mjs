/*
 * All tests of the page in a real browser: node tests/web/run.mjs [--only WORDS] [--no-shots]
 * [--shots WORDS] [--hour]; scripts/check-web says where things are (AMPHORA_BUILD, WEB_TOOLS, CHROMIUM).
 */
import path from 'node:path';
import { PATIENCE, runAll } from './lib/suite.mjs';
import { axeTotals, closeBrowser } from './lib/browser.mjs';
import { build, closeShared } from './lib/shared.mjs';
import { takeShots } from './shots.mjs';
import { besides, measured, overBudget } from './speed.mjs';
import './serving.mjs';
import './rules.mjs';
import './settings.mjs';
import './alerts.mjs';
import './never.mjs';
import './design.mjs';
import './fit.mjs';
import './access.mjs';
import './closer.mjs';
import './history.mjs';
import './drawer.mjs';
import './strangers.mjs';
import './metered.mjs';
import './setup.mjs';
import './planned.mjs';
import './faults.mjs';
import './phone.mjs';
import './tablet.mjs';

const value = (name) => { const at = process.argv.indexOf(name); return at < 0 ? undefined : process.argv[at + 1]; };

async function pictures() {
  const began = Date.now();
  const folder = path.join(build(), 'web-shots');
  const missed = await takeShots(folder, process.env.AMPHORA_MOCK_SHOTS || null, value('--shots'));
  for (const one of missed) console.log(`# no picture: ${one}`);
  console.log(`# pictures in ${folder} (${Math.round((Date.now() - began) / 1000)} s)`);
}

const only = value('--only') ?? '', shots = value('--shots');
const outcomes = shots ? [] : await runAll({ only, atOnce: PATIENCE > 1 ? 1 : 3 });
if (shots || (!only && !process.argv.includes('--no-shots'))) await pictures();
await closeShared();
await closeBrowser();
const count = (state) => outcomes.filter((one) => one.state === state).length;
for (const { name, why, state } of outcomes) if (state === 'skipped') console.log(`# skipped: ${name}: ${why}`);
const numbers = Object.entries(measured).map(([name, found]) => `${name}=${found ?? 'none'}`).join(' ');
console.log(`# beside: ${Object.entries(besides).map(([name, found]) => `${name}=${found ?? 'none'}`).join(' ')}; over budget: ${overBudget().join(', ') || 'none'}`);
console.log(`web: passed=${count('passed')} failed=${count('failed')} ${numbers} axe=${axeTotals.violations}`);
process.exit(count('failed') > 0 ? 1 : 0);
