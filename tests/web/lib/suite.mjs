/*
 * Tests and how they are run: named by the rule that they hold, a few at a time, each
 * with an end to what it opened. Prints TAP.
 */
const tests = [];

/* How much slower than usual the machine may be: all waiting is so much longer. */
export const PATIENCE = Number(process.env.AMPHORA_PATIENCE ?? 1);

/* Adds a test. `run` gets { atEnd, skip }; `options`: alone (nothing beside it), timeout_s. */
export function test(name, run, options = {}) {
  tests.push({ name, run, timeout_s: 60, ...options });
}

class Skip extends Error {}

export function skip(why) {
  throw new Skip(why);
}

async function within(seconds, promise, words) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${words} took more than ${seconds * PATIENCE} s`)), seconds * PATIENCE * 1000);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

async function runOne({ name, run, timeout_s }) {
  const ends = [];
  const began = Date.now();
  const outcome = { name, state: 'passed' };
  try {
    await within(timeout_s, run({ atEnd: (end) => ends.push(end) }), 'the test');
  } catch (error) {
    if (error instanceof Skip) Object.assign(outcome, { state: 'skipped', why: error.message });
    else Object.assign(outcome, { state: 'failed', why: error.stack ?? String(error) });
  }
  for (const end of ends.reverse()) await within(20, Promise.resolve(end()), 'the end').catch(() => {});
  outcome.seconds = (Date.now() - began) / 1000;
  return outcome;
}

function tell(outcome, number) {
  const { name, state, why, seconds } = outcome;
  if (state === 'failed') {
    console.log(`not ok ${number} - ${name} (${seconds.toFixed(1)} s)`);
    console.log(why.split('\n').slice(0, 14).map((line) => `# ${line}`).join('\n'));
  } else {
    console.log(`ok ${number} - ${name}${state === 'skipped' ? ` # SKIP ${why}` : ` (${seconds.toFixed(1)} s)`}`);
  }
}

/* Runs what was added and matches `only` by its name, `atOnce` at a time; returns the outcomes. */
export async function runAll({ only = '', atOnce = 3 } = {}) {
  const chosen = tests.filter(({ name }) => new RegExp(only, 'i').test(name));
  const outcomes = [];
  const work = async (queue) => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      const outcome = await runOne(next);
      outcomes.push(outcome);
      tell(outcome, outcomes.length);
    }
  };
  const together = chosen.filter(({ alone }) => !alone);
  await Promise.all(Array.from({ length: atOnce }, () => work(together)));
  await work(chosen.filter(({ alone }) => alone));
  console.log(`1..${outcomes.length}`);
  return outcomes;
}

/* ---- what tests say ---- */

export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export function equal(found, wanted, words) {
  const [a, b] = [JSON.stringify(found), JSON.stringify(wanted)];
  if (a !== b) throw new Error(`${words}: ${a} instead of ${b}`);
}

export function ok(condition, words) {
  if (!condition) throw new Error(words);
}

/* Until `look` gives something true; its last word is in the complaint. */
export async function until(look, words, seconds = 20) {
  const end = Date.now() + seconds * PATIENCE * 1000;
  let last;
  for (;;) {
    try {
      const found = await look();
      if (found) return found;
      last = JSON.stringify(found);
    } catch (error) {
      last = error.message;
    }
    if (Date.now() > end) throw new Error(`waited ${seconds} s for ${words}; last: ${last}`);
    await pause(50);
  }
}
