/* In which minutes of the last hour a sensor or a meter was heard. (Of relays only changes are stored, not each readback.) */
import { get } from './api.js';
import { house } from './live.js';

const MINUTE_MS = 60000;
const MINUTES = 60;
const METER_LATE = 7; /* so many minutes may pass until a meter's is stored */

const rowsOf = (node, level, from, limit) => get(`series?node=${node}&level=${level}&from=${Math.round(from)}&limit=${limit}`);

/* 60 × true, false, or null (from before Amphora ran), the newest last; the minute that runs is left out. */
export async function minutesOf(node, isMeter = false) {
  const { time, uptime_s } = house.value.state;
  const now = Date.parse(time);
  const end = Math.floor(now / MINUTE_MS) * MINUTE_MS, from = end - MINUTES * MINUTE_MS;
  const times = isMeter ? timesOf(await rowsOf(`${node}&kind=meter`, 'raw', from, 200)) : await readingTimes(node, from);
  const heard = new Set(times.map((at) => Math.floor((at - from) / MINUTE_MS)));
  const first = Math.ceil((now - uptime_s * 1000 - from) / MINUTE_MS), last = isMeter ? Math.max(MINUTES - METER_LATE, ...heard) : MINUTES;
  return Array.from({ length: MINUTES }, (_, i) => (heard.has(i) ? true : i < first || i > last ? null : false));
}

const timesOf = ({ rows }) => rows.map((row) => Date.parse(row.at));

/* Minutes that are summed up already, and rows of those since. */
async function readingTimes(node, from) {
  const summed = await rowsOf(encodeURIComponent(node), '1min', from, 200);
  const until = summed.rolled_up_to ? Math.max(from, Math.floor(Date.parse(summed.rolled_up_to) / MINUTE_MS) * MINUTE_MS) : from;
  const fresh = await rowsOf(encodeURIComponent(node), 'raw', until, 1000);
  return [...summed.rows.filter((row) => row.count > 0).map((row) => Date.parse(row.from)), ...timesOf(fresh)];
}
