/*
 * A home's stored year, made up and always the same: a battery of 10 kWh with sun, home and grid, heard from
 * 9 March 2026 on, in Rome. It is Wednesday, 25 November, 11:46. With what a year has: a morning without
 * its sensor, meters that were silent, days in part, one without power, clocks that changed.
 */
const MINUTE_MS = 60000, STEP_MS = 5 * MINUTE_MS, DAY_MS = 86400000, STEP_H = 1 / 12;
const ZONE = 'Europe/Rome', BEGINS = Date.parse('2026-03-09T00:00+01:00');
export const NOW = Date.parse('2026-11-25T11:46+01:00');
const CAPACITY_WH = 10000;

/* What was not heard: [from, to, of]; `of` the sensor, the meters, or both. */
const at = (text) => Date.parse(`2026-${text}`);
const GAPS = [
  [at('11-24T02:10+01:00'), at('11-24T03:40+01:00'), 'sensor'], [at('11-24T15:30+01:00'), at('11-24T16:05+01:00'), 'meters'],
  [at('11-22T00:00+01:00'), at('11-22T09:20+01:00'), 'both'], [at('11-04T09:00+01:00'), at('11-04T19:05+01:00'), 'both'],
  [at('11-11T00:00+01:00'), at('11-12T00:00+01:00'), 'both'], [at('11-18T00:00+01:00'), at('11-19T00:00+01:00'), 'meters'],
  [at('08-01T00:00+02:00'), at('08-09T00:00+02:00'), 'both'],
];

const ROME = new Intl.DateTimeFormat('en-GB', { timeZone: ZONE, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric' });
function offsetOf(ms) {
  const part = Object.fromEntries(ROME.formatToParts(ms).map(({ type, value }) => [type, Number(value)]));
  return Date.UTC(part.year, part.month - 1, part.day, part.hour, part.minute) - Math.floor(ms / MINUTE_MS) * MINUTE_MS;
}

/* A number between 0 and 1 that always comes out the same for the same number. */
const chance = (n) => { const x = Math.sin(n * 12.9898) * 43758.5453; return x - Math.floor(x); };
const hump = (hour, peak, width) => Math.exp(-(((hour - peak) / width) ** 2));

function sunAt(hour, day) {
  const season = 0.5 - 0.5 * Math.cos((2 * Math.PI * (day + 10)) / 365), half = 4.4 + 3.2 * season;
  if (Math.abs(hour - 12.6) >= half) return 0;
  const cloud = 0.35 + 0.65 * Math.min(1, chance(day) * 1.6);
  return (2500 + 1300 * season) * cloud * Math.cos(((hour - 12.6) / half) * (Math.PI / 2)) ** 1.4;
}

/* Five minutes each: { from, pv, load, grid, power, soc, temp, sensor, meters }; the last two whether it was heard. */
function simulate() {
  const steps = [];
  let soc = 45, offset = 0;
  for (let from = BEGINS, i = 0; from < NOW - STEP_MS; from += STEP_MS, i++) {
    if (i % 12 === 0) offset = offsetOf(from);
    const wall = from + offset, hour = (wall % DAY_MS) / 3600000, day = Math.floor((wall - Date.UTC(2026, 0, 1)) / DAY_MS);
    const pv = Math.max(0, sunAt(hour, day) * (1 + 0.08 * (chance(i) - 0.5)));
    const load = (300 + 420 * hump(hour, 7.6, 1.1) + 800 * hump(hour, 19.2, 1.9) + 200 * hump(hour, 12.6, 1)) * (0.85 + 0.3 * chance(i + 7)) + (chance(i + 3) > 0.97 ? 1300 : 0);
    const isNight = hour >= 17 || hour < 8;
    const power = pv > load + 150 && soc < 90 ? Math.min(2700, pv - load) : isNight && soc > 20.5 ? -Math.min(2700, load) : 0;
    soc = Math.max(20, Math.min(90, soc + ((power * STEP_H * (power > 0 ? 0.95 : 1.05)) / CAPACITY_WH) * 100));
    const season = 0.5 - 0.5 * Math.cos((2 * Math.PI * (day + 10)) / 365);
    const silent = GAPS.filter(([begins, ends]) => from >= begins && from < ends).map(([, , of]) => of);
    const isHeard = (of) => !silent.includes(of) && !silent.includes('both');
    steps.push({ from, pv, load, grid: load + power - pv, power, soc, temp: 14 + 10 * season + 3 * hump(hour, 14.6, 4), sensor: isHeard('sensor'), meters: isHeard('meters') });
  }
  return steps;
}

let made = null;
const steps = () => (made ??= simulate());

const mean = (list, name) => list.reduce((sum, one) => sum + one[name], 0) / list.length;
const least = (list, name) => list.reduce((low, one) => Math.min(low, one[name]), Infinity);
const most = (list, name) => list.reduce((high, one) => Math.max(high, one[name]), -Infinity);
const energy = (list, name, sign) => list.reduce((sum, one) => sum + Math.max(0, one[name] * sign) * STEP_H, 0);

function readingRow(list, hasPower) {
  const heard = list.filter((one) => one.sensor);
  if (!heard.length) return null;
  const quantity = (name, key, unit) => ({ [`${key}_mean_${unit}`]: mean(heard, name), [`${key}_min_${unit}`]: least(heard, name), [`${key}_max_${unit}`]: most(heard, name) });
  const power = hasPower ? { ...quantity('power', 'power', 'w'), charged_wh: energy(heard, 'power', 1), discharged_wh: energy(heard, 'power', -1) } : { power_mean_w: null, power_min_w: null, power_max_w: null, charged_wh: null, discharged_wh: null };
  return { count: heard.length * 30, ...quantity('soc', 'soc', 'pct'), soc_last_pct: heard[heard.length - 1].soc, ...quantity('temp', 'temp', 'c'), ...power };
}

function meterRow(list, name) {
  const heard = list.filter((one) => one.meters);
  if (!heard.length) return null;
  return { count: heard.length * 60, known_s: heard.length * 300, quality: 'good', power_mean_w: mean(heard, name), power_min_w: least(heard, name), power_max_w: most(heard, name), imported_wh: energy(heard, name, 1), exported_wh: energy(heard, name, -1) };
}

function relayRow(list, sign) {
  const on = list.filter((one) => one.power * sign > 0);
  return { on_s: on.length * 300, closings: list.filter((one, i) => one.power * sign > 0 && !(list[i - 1]?.power * sign > 0)).length };
}

/* The end of the row that begins at `from`: of the house's day, or of as many steps. */
function endOf(from, level) {
  if (level !== '1day') return from + (level === '15min' ? 3 : 1) * STEP_MS;
  const noon = from + DAY_MS + DAY_MS / 2, wall = noon + offsetOf(noon);
  const guess = Math.floor(wall / DAY_MS) * DAY_MS;
  return guess - offsetOf(guess - offsetOf(noon));
}

/* Rows as GET /series has them; single readings are told as steps, as if they were not kept any more. */
function rowsOf(kind, node, level, from, to, { without }) {
  if (kind === 'meter' && without.includes(node)) return [];
  const first = level === '1day' ? BEGINS : Math.max(BEGINS, Math.ceil((from - BEGINS) / STEP_MS / 3) * 3 * STEP_MS + BEGINS);
  const all = steps(), rows = [];
  for (let begins = first, ends; begins < Math.min(to, NOW - STEP_MS); begins = ends) {
    ends = endOf(begins, level);
    if (ends <= from) continue;
    const list = all.slice((begins - BEGINS) / STEP_MS, (ends - BEGINS) / STEP_MS);
    const row = list.length && (kind === 'meter' ? meterRow(list, node) : kind === 'relay' ? relayRow(list, node === 'r1' ? 1 : -1) : readingRow(list, !without.includes('power')));
    if (row) rows.push({ from: new Date(begins).toISOString(), to: new Date(ends).toISOString(), ...row });
  }
  return rows;
}

/* The stage stands in that November, and tells of that year; without: meters that there are none of, or 'power'. */
export function tellYears(stage, { without = [] } = {}) {
  stage.state.time = new Date(NOW).toISOString();
  Object.assign(stage.state, { zone: ZONE, utc_offset_s: 3600 });
  stage.on('GET series', (_, request) => {
    const query = new URL(request.url, 'http://stage').searchParams, level = query.get('level');
    const rows = level === 'raw' ? [] : rowsOf(query.get('kind') ?? 'reading', query.get('node'), level, Number(query.get('from')), Number(query.get('to')), { without });
    return { body: { level, rolled_up_to: new Date(NOW - STEP_MS).toISOString(), cut: false, rows } };
  });
  stage.on('GET alerts', () => ({ body: { outlets: [], alerts: [
    { id: 9, code: 'sensor-stale', subject: 'b1', level: 'alarm', active: false, acknowledged: true, count: 1, raised: new Date(GAPS[0][0]).toISOString(), cleared: new Date(GAPS[0][1]).toISOString(), words: 'b1: no good reading for 90 s', values: null }] } }));
}
