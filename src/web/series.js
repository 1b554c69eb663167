/*
 * Stored history as the charts want it: points in order of time, and the gaps
 * between them. What is not known stays null; nothing is filled in.
 */
import { get } from './api.js';

const MINUTE_MS = 60000;
const COARSER = { raw: '1min', '1min': '15min', '15min': '1day' };
const ROWS_MAX = 10000;

/* The finest level that a screen can show of so much time. */
export const levelFor = (span_ms) => (span_ms <= 2 * 60 * MINUTE_MS ? 'raw' : span_ms <= 26 * 60 * MINUTE_MS ? '1min' : '15min');

const fromRow = (row) => {
  const at = Date.parse(row.at);
  return { from: at, to: at, soc: row.soc_pct, socMin: row.soc_pct, socMax: row.soc_pct, temp: row.temp_c, tempMin: row.temp_c, tempMax: row.temp_max_c ?? row.temp_c, power: row.power_w, powerMin: row.power_w, powerMax: row.power_w, charged: null, discharged: null, count: 1 };
};

const fromRollup = (row) => ({
  from: Date.parse(row.from), to: Date.parse(row.to), soc: row.soc_mean_pct, socMin: row.soc_min_pct, socMax: row.soc_max_pct, socLast: row.soc_last_pct,
  temp: row.temp_mean_c, tempMin: row.temp_min_c, tempMax: row.temp_max_c, power: row.power_mean_w, powerMin: row.power_min_w, powerMax: row.power_max_w,
  charged: row.charged_wh, discharged: row.discharged_wh, count: row.count,
});

/* Below: the middle of each point stands for it. */
export const middle = (point) => (point.from + point.to) / 2;

async function ask(node, from, to, level, options, kind = '') {
  return get(`series?node=${encodeURIComponent(node)}${kind}&level=${level}&from=${Math.round(from)}&to=${Math.round(to)}&limit=${ROWS_MAX}`, options);
}

/* { level, rolledUpTo, points }: of `level`, or of the next coarser one that reaches so far back. */
export async function readings(node, from, to, level, options) {
  const answer = await ask(node, from, to, level, options);
  if (!answer.rows.length && COARSER[level] && level !== '15min') return readings(node, from, to, COARSER[level], options);
  const points = answer.rows.map(level === 'raw' ? fromRow : fromRollup).sort((a, b) => a.from - b.from);
  return { level, rolledUpTo: answer.rolled_up_to ? Date.parse(answer.rolled_up_to) : null, points };
}

/* What a meter said, as points; a meter has minutes and nothing finer. */
export async function meterPoints(meter, from, to, level, options) {
  const answer = await ask(meter, from, to, level === 'raw' ? '1min' : level, options, '&kind=meter');
  return answer.rows.map((row) => ({ from: Date.parse(row.from), to: Date.parse(row.to), power: row.power_mean_w, powerMin: row.power_min_w, powerMax: row.power_max_w, imported: row.imported_wh, exported: row.exported_wh, known_ms: (row.known_s ?? 60) * 1000 })).sort((a, b) => a.from - b.from);
}

/* A relay's spans: [{ from, to, part }], `part` the share of it that it was on. */
export async function relayTimes(relay, from, to, level, options) {
  const answer = await ask(relay, from, to, level === 'raw' ? '1min' : level, options, '&kind=relay');
  return answer.rows.map((row) => ({ from: Date.parse(row.from), to: Date.parse(row.to), part: Math.min(1, (row.on_s * 1000) / (Date.parse(row.to) - Date.parse(row.from))), closings: row.closings })).sort((a, b) => a.from - b.from);
}

const median = (numbers) => (numbers.length ? [...numbers].sort((a, b) => a - b)[numbers.length >> 1] : 0);

/*
 * Where nothing is known between `from` and `to`: [{ from, to }]. A point stands for the
 * usual distance between two; what is missing longer than a reading counts is a gap.
 */
export function gapsOf(points, from, to, patience_ms) {
  const usual_ms = median(points.slice(1).map((point, i) => point.from - points[i].from));
  const most_ms = Math.max(patience_ms, usual_ms / 2);
  const gaps = [];
  let known = from;
  const add = (next) => { if (next - known > most_ms) gaps.push({ from: known, to: next }); };
  for (const point of points) {
    if (point.to <= from || point.from >= to) continue;
    add(Math.min(point.from, to));
    known = Math.max(known, point.to, point.from + usual_ms);
  }
  add(to);
  return gaps;
}

/* The points in pieces without a gap inside. */
export function segments(points, gaps) {
  const pieces = [];
  let piece = [];
  let next = 0;
  for (const point of points) {
    while (next < gaps.length && gaps[next].to <= point.from) {
      next++;
      if (piece.length) pieces.push(piece);
      piece = [];
    }
    piece.push(point);
  }
  if (piece.length) pieces.push(piece);
  return pieces;
}

/* Of each screen column the least and the most, so that no peak is lost. */
export function thinned(points, columns) {
  if (points.length <= columns * 2) return points;
  const from = points[0].from;
  const width = (points[points.length - 1].to - from) / columns || 1;
  const out = [];
  let column = -1;
  for (const point of points) {
    const here = Math.min(columns - 1, Math.floor((point.from - from) / width));
    const last = out[out.length - 1];
    if (here !== column) {
      column = here;
      out.push({ ...point, n: 1 });
      continue;
    }
    for (const name of ['soc', 'temp', 'power']) {
      const low = `${name}Min`, high = `${name}Max`;
      last[name] = last[name] === null || point[name] === null ? last[name] ?? point[name] : (last[name] * last.n + point[name]) / (last.n + 1);
      last[low] = least(last[low], point[low]);
      last[high] = most(last[high], point[high]);
    }
    last.n++;
    last.to = point.to;
  }
  return out;
}

const least = (a, b) => (a === null ? b : b === null ? a : Math.min(a, b));
const most = (a, b) => (a === null ? b : b === null ? a : Math.max(a, b));

export const sum = (points, name) => points.reduce((total, point) => (point[name] === null || point[name] === undefined ? total : (total ?? 0) + point[name]), null);

/*
 * How much of a day was measured, 0 to 1, where only the number of its readings is known:
 * beside the usual number of the days around it. `elapsed`: the part of it that is past, and the most that can be measured.
 */
export function coverages(days, elapsed) {
  return days.map((day, i) => {
    if (!day?.count) return 0;
    const around = days.slice(Math.max(0, i - 7), i + 8).filter((other, j) => other?.count && elapsed[Math.max(0, i - 7) + j] === 1).map((other) => other.count);
    const usual = Math.max(median(around), day.count * (around.length ? 0 : 1)) || day.count;
    const share = day.count / (usual * elapsed[i] || 1);
    return elapsed[i] * (share > 0.985 ? 1 : share);
  });
}
