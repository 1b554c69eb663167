/*
 * Pictures of every screen and state, and a sheet that lays them beside the mock's where
 * its pictures are there (AMPHORA_SHARED/ui/shots). They are for people: no test.
 */
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { SIZES, browser, watch } from './lib/browser.mjs';
import { Stage } from './lib/stage.mjs';
import { STATES } from './lib/states.mjs';
import { thePlay } from './lib/shared.mjs';

const LOOKS = [['360', 'light'], ['360', 'dark'], ['1024x600', 'light'], ['1024x600', 'dark'], ['1440', 'light'], ['1440', 'dark']];

/* name (as the mock's), state, hash; `then` does what a person would. */
const VIEWS = [
  ['now-charging', 'charging'], ['now-night', 'discharging'], ['now-resting', 'resting'], ['now-pending', 'pending'], ['now-releasing', 'releasing'],
  ['now-mismatch', 'mismatch'], ['now-lying', 'lying'], ['now-stale', 'stale'], ['now-safe', 'hot'], ['now-nometer', 'nometer'], ['now-meterlies', 'meterlies'],
  ['now-override', 'override'], ['now-two', 'two'], ['now-demo', 'demo'], ['now-insecure', 'insecure'], ['now-viewer', 'viewer'], ['now-untimed', 'untimed'], ['first-run', 'empty'], ['first-login', 'first'],
  ['plan', 'planned', 'plan'], ['plan-none', 'charging', 'plan'], ['plan-no-meter', 'nometer', 'plan'], ['history-day', 'years', 'history/day/2026-11-24'], ['history-week', 'years', 'history/week'],
  ['history-month', 'years', 'history/month'], ['history-year', 'years', 'history/year'], ['history-today', 'foreseen', 'history/day'], ['history-no-meter', 'noMeters', 'history/day/2026-11-24'],
  ['history-week-no-sun', 'noSun', 'history/week'], ['history-week-no-power', 'noPower', 'history/week'], ['history-week-no-meter', 'noMeters', 'history/week'],
  ['battery', 'charging', 'battery'], ['battery-hot', 'hot', 'battery'], ['nodes', 'charging', 'nodes'], ['nodes-stale', 'stale', 'nodes'],
  ['settings', 'charging', 'settings'], ['alerts', 'charging', 'alerts'], ['alerts-hot', 'locked', 'alerts'], ['login', 'charging', 'login'], ['install', 'charging', 'install'],
  ['sheet-override', 'resting', 'now', (page) => page.locator('.acts .btn.pri').first().click()],
  ['sheet-why', 'charging', 'now', (page) => page.locator('.acts .btn.by').first().click()],
  ['sheet-plan-why', 'planned', 'plan', (page) => page.locator('.list.when button').nth(1).click()],
  ['sheet-admit', 'watched', 'nodes', (page) => page.getByRole('button', { name: 'Let it in' }).click()],
  ['sheet-trial', 'watched', 'nodes', (page) => page.getByRole('button', { name: 'Try it' }).first().click()],
  ['sheet-demo', 'demo', 'now', (page) => page.locator('button.demo').click()],
];

async function take(look, folder, views) {
  const [size, scheme] = look;
  const stage = await Stage.open(await thePlay());
  const context = await (await browser()).newContext({ viewport: SIZES[size], colorScheme: scheme, reducedMotion: 'reduce', locale: 'en-GB' });
  const page = watch(await context.newPage());
  const missed = [];
  for (const [name, state, hash = 'now', then] of views) {
    try {
      stage.reset();
      STATES[state](stage);
      await page.goto('about:blank');
      await page.goto(`${stage.url}#/${hash}`);
      await page.locator('main h1').first().waitFor({ timeout: 6000 });
      if (then) {
        await then(page);
        await page.locator('dialog[open]').waitFor({ timeout: 4000 });
      }
      await page.waitForTimeout(350);
      await page.screenshot({ path: path.join(folder, `${name}--${size}-${scheme}.png`) });
    } catch (error) {
      missed.push(`${name} at ${size} ${scheme}: ${error.message.split('\n')[0]}`);
    }
  }
  await context.close();
  await stage.close();
  return missed;
}

function figure(folder, file, words) {
  if (!existsSync(path.join(folder, file))) return `<figure><div class="none">not there</div><figcaption>${words}</figcaption></figure>`;
  return `<figure><img src="${pathToFileURL(path.join(folder, file))}" loading="eager"><figcaption>${words}</figcaption></figure>`;
}

function sheet(folder, mock, views) {
  const rows = views.map(([name]) => `<section><h2>${name}</h2><div>${LOOKS.map(([size, scheme]) => {
    const file = `${name}--${size}-${scheme}.png`;
    const beside = mock && existsSync(path.join(mock, file)) ? figure(mock, file, 'mock') : '';
    return figure(folder, file, `${size} ${scheme}`) + beside;
  }).join('')}</div></section>`);
  return `<!doctype html><meta charset="utf-8"><title>Amphora beside its mock</title><style>
    body { font: 14px system-ui; margin: 16px; background: #888; } section div { display: flex; gap: 8px; align-items: start; flex-wrap: wrap; }
    figure { margin: 0; } img { height: 300px; display: block; } figcaption { color: #fff; } .none { width: 140px; height: 300px; background: #999; } h2 { margin: 12px 0 4px; color: #fff; }
    </style>${rows.join('\n')}`;
}

/* Takes those with `only` in their name into `folder`, which is emptied where that is all; returns what could not be taken. */
export async function takeShots(folder, mock, only = '') {
  if (!only) rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const missed = [], queue = [...LOOKS], views = VIEWS.filter(([name]) => new RegExp(only).test(name));
  await Promise.all([0, 1].map(async () => {
    for (let look = queue.shift(); look; look = queue.shift()) missed.push(...await take(look, folder, views));
  }));
  const index = path.join(folder, 'index.html');
  writeFileSync(index, sheet(folder, mock, views));
  const page = await (await browser()).newPage({ viewport: { width: 2400, height: 1200 } });
  await page.goto(String(pathToFileURL(index)));
  await page.screenshot({ path: path.join(folder, 'contact-sheet.png'), fullPage: true });
  await page.close();
  return missed;
}
