/* What many tests use and none changes: a house that charges, and the play that it gave. */
import { House } from './house.mjs';
import { Stage, recordPlay } from './stage.mjs';
import { STATES } from './states.mjs';
import { openPage } from './browser.mjs';
import { until } from './suite.mjs';

let house = null, play = null;

export const build = () => process.env.AMPHORA_BUILD;

export function theHouse() {
  house ??= (async () => {
    const opened = await House.open(build(), { isDemo: false, soc_pct: 30 });
    await opened.closed('source');
    await until(async () => (await opened.state()).batteries[0].power_w > 500, 'the battery to take power');
    return opened;
  })();
  return house;
}

export function thePlay() {
  play ??= theHouse().then(recordPlay);
  return play;
}

export async function closeShared() {
  if (house) await (await house.catch(() => null))?.close();
}

/* A stage in `state`, and a page on it. `hash` is where: 'now', 'history/week'. Options are openPage's, and lang, beside. */
export async function show(t, state, hash = 'now', { lang, clock = false, prepare, ...options } = {}) {
  const stage = await Stage.open(await thePlay());
  t.atEnd(() => stage.close());
  STATES[state](stage);
  prepare?.(stage);
  const page = await openPage(t, options);
  if (clock) await page.clock.install();
  await page.goto(`${stage.url}${lang ? `?lang=${lang}` : ''}#/${hash}`);
  await settled(page, state === 'first' ? 'now' : hash.split('/')[0]);
  return { stage, page };
}

/* Until the screen stands: its heading is there, and nothing says that it is being read. */
export async function settled(page) {
  await page.locator('main h1').first().waitFor();
  await page.locator('main [aria-busy=true]').first().waitFor({ state: 'detached' }).catch(() => {});
}
