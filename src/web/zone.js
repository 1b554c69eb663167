/*
 * The house's days: they begin at its midnight and have 23 or 25 hours when clocks
 * change. Times are ms since 1970; dates are { year, month (1–12), day }.
 */
import { house } from './live.js';

export const HOUR_MS = 3600000;
export const DAY_MS = 24 * HOUR_MS;
const PIECE_MS = 15 * 60000; /* no zone changes its clocks within a quarter of an hour */

let format = null;
let known = new Map();

function formatOf(zone) {
  if (format?.zone === zone) return format.of;
  known = new Map();
  try {
    format = { zone, of: new Intl.DateTimeFormat('en-GB', { timeZone: zone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' }) };
  } catch {
    format = { zone, of: null }; /* a zone that this browser does not know */
  }
  return format.of;
}

/* How far the house's wall clock is from UTC at that time, in ms. */
export function offsetAt(ms) {
  const state = house.value?.state;
  const of = state?.zone && formatOf(state.zone);
  if (!of) return (state?.utc_offset_s ?? 0) * 1000;
  const piece = Math.floor(ms / PIECE_MS);
  if (!known.has(piece)) {
    const at = piece * PIECE_MS;
    const part = Object.fromEntries(of.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
    known.set(piece, Date.UTC(part.year, part.month - 1, part.day, part.hour, part.minute, part.second) - at);
  }
  return known.get(piece);
}

export function dateOf(ms) {
  const at = new Date(ms + offsetAt(ms));
  return { year: at.getUTCFullYear(), month: at.getUTCMonth() + 1, day: at.getUTCDate() };
}

/* When that date begins; a month or day beyond its range counts on: day 0 is the last of the month before. */
export const startOf = ({ year, month = 1, day = 1 }) => fromWall(Date.UTC(year, month - 1, day));

/* When the house's clock shows what UTC shows at `wall`. */
export const fromWall = (wall) => wall - offsetAt(wall - offsetAt(wall));

export const weekdayOf = (ms) => new Date(ms + offsetAt(ms)).getUTCDay();

/* The seconds that words.js wants for clock() and day(). */
export const offset_s = (ms) => offsetAt(ms) / 1000;

const two = (n) => String(n).padStart(2, '0');
export const dateText = ({ year, month, day }) => `${year}-${two(month)}-${two(day)}`;

/* "2026-11-30", "2026-11" or "2026"; null for what is no date. */
export function readDate(text) {
  const match = /^(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?$/.exec(text ?? '');
  return match && { year: Number(match[1]), month: Number(match[2] ?? 1), day: Number(match[3] ?? 1) };
}
