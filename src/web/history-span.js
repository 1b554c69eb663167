/* The spans of History: which days, how they are called, what is before and after, and what is drawn of them. */
import { clock, day, t } from './words.js';
import { DAY_MS, HOUR_MS, dateOf, dateText, fromWall, offset_s, offsetAt, readDate, startOf, weekdayOf } from './zone.js';

export const KINDS = ['day', 'week', 'month', 'year'];
const ZOOM_LEAST_MS = 10 * 60000;
const LANES_MOST_MS = 8.5 * DAY_MS;
const DAYS_MOST = 70; /* bars by day up to here, by month beyond */

const first = { day: (date) => date, week: (date) => dateOf(startOf({ ...date, day: date.day - 6 })), month: ({ year, month }) => ({ year, month, day: 1 }), year: ({ year }) => ({ year, month: 1, day: 1 }) };
const moved = { day: (d, n) => ({ ...d, day: d.day + n }), week: (d, n) => ({ ...d, day: d.day + 7 * n }), month: (d, n) => ({ ...d, month: d.month + n }), year: (d, n) => ({ ...d, year: d.year + n }) };

/* A week is called by its last day, the others by their first. */
const nameOf = (kind, date) => dateText(kind === 'week' ? dateOf(startOf({ ...date, day: date.day + 6 })) : date);

/* { kind, date, from, to, base: { from, to }, isZoomed } of the address ['month', '2026-11-01', zoom]; today where it says nothing. */
export function spanOf(args, now) {
  const kind = KINDS.includes(args[0]) ? args[0] : 'day';
  const date = first[kind](readDate(args[1]) ?? dateOf(now));
  const base = { from: startOf(date), to: startOf(moved[kind](date, 1)) };
  const zoom = /^(\d+)-(\d+)$/.exec(args[2] ?? '');
  const span = { kind, date: dateOf(base.from), base, ...base, isZoomed: false };
  if (!zoom) return span;
  const within = clamped({ from: Number(zoom[1]) * 1000, to: Number(zoom[2]) * 1000 }, base);
  return isWhole(within, base) ? span : { ...span, ...within, isZoomed: true };
}

export const isWhole = ({ from, to }, base) => to - from > 0.98 * (base.to - base.from);

/* Within `base`, not closer than ten minutes. */
export function clamped({ from, to }, base) {
  const length = Math.min(Math.max(to - from, ZOOM_LEAST_MS), base.to - base.from);
  const start = Math.min(Math.max(base.from, from + (to - from - length) / 2), base.to - length);
  return { from: start, to: start + length };
}

const zoomText = ({ from, to }) => `${Math.round(from / 1000)}-${Math.round(to / 1000)}`;

/* The address of a span, to be given to go('history', …). */
export const argsOf = (span) => [span.kind, nameOf(span.kind, span.date), ...(span.isZoomed ? [zoomText(span)] : [])];

/* The same kind of span around `at`. */
export const argsAt = (kind, at) => [kind, nameOf(kind, first[kind](dateOf(at)))];

/* Earlier (-1) or later (1): the neighbour, or as much again where it is zoomed. */
export function neighbour(span, n) {
  if (!span.isZoomed) return [span.kind, nameOf(span.kind, moved[span.kind](span.date, n))];
  const by = n * (span.to - span.from), from = span.from + by, to = span.to + by;
  return [...argsAt(span.kind, (from + to) / 2), zoomText({ from, to })];
}

export const zoomed = (span, view) => (isWhole(view, span.base) ? argsOf({ ...span, isZoomed: false }) : argsOf({ ...span, ...clamped(view, span.base), isZoomed: true }));

/* 'lanes', or bars by 'day' or 'month'. */
export function drawnAs({ kind, from, to, isZoomed }) {
  if (kind === 'day' || (isZoomed && to - from <= LANES_MOST_MS)) return 'lanes';
  return (to - from) / DAY_MS > DAYS_MOST ? 'month' : 'day';
}

/* The bars of a span: [{ from, to }]. */
export function barsOf({ from, to }, unit) {
  const bars = [];
  let date = first[unit](dateOf(from));
  for (let at = startOf(date); at < to;) {
    date = moved[unit](date, 1);
    const end = startOf(date);
    bars.push({ from: at, to: end });
    at = end;
    date = dateOf(end);
  }
  return bars;
}

/* ---- words ---- */

const monthOf = (ms, isLong) => (isLong ? t(`date.monthsLong.${dateOf(ms).month - 1}`) : t(`date.months.${dateOf(ms).month - 1}`));

export function titleOf(span) {
  const { from, to, kind } = span, last = to - 1;
  if (span.isZoomed || kind === 'week') {
    if (to - from <= 26 * HOUR_MS) return `${day(from, offset_s(from))}, ${clock(from, offset_s(from))}–${clock(to, offset_s(to))}`;
    const a = dateOf(from), b = dateOf(last);
    return a.month === b.month ? t('history.days', { from: a.day, to: b.day, month: monthOf(last), year: b.year }) : t('history.months', { from: a.day, fromMonth: monthOf(from), to: b.day, month: monthOf(last), year: b.year });
  }
  if (kind === 'day') return day(from, offset_s(from));
  return kind === 'month' ? `${monthOf(from, true)} ${dateOf(from).year}` : String(dateOf(from).year);
}

/* What stands below a bar, from the longest to the shortest. */
export function barWords({ from }, unit) {
  if (unit === 'month') return { texts: [monthOf(from), monthOf(from), monthOf(from)[0].toUpperCase()] };
  const weekday = t(`date.weekdays.${weekdayOf(from)}`);
  return { texts: [`${weekday} ${dateOf(from).day}`, weekday, String(dateOf(from).day)] };
}

export const barTitle = ({ from }, unit) => (unit === 'month' ? `${monthOf(from, true)} ${dateOf(from).year}` : day(from, offset_s(from)));

/* ---- the axis ---- */

const MINUTE_MS = 60000;
const STEPS = [1, 2, 5, 10, 15, 30, 60, 180, 360, 720, 1440, 2880].map((minutes) => minutes * MINUTE_MS);

/* Marks on the house's clock, not closer than `least` pixels. */
export function ticksOf({ from, to }, width, least = 76) {
  const step = STEPS.find((ms) => (ms / (to - from)) * width >= least) ?? STEPS[STEPS.length - 1];
  const ticks = [];
  const wallEnd = to + offsetAt(to);
  for (let wall = Math.ceil((from + offsetAt(from)) / step) * step; wall <= wallEnd; wall += step) {
    const at = fromWall(wall), isStrong = wall % DAY_MS === 0;
    if (at >= from && at <= to) ticks.push({ at, isStrong, text: isStrong && to - from > 26 * HOUR_MS ? day(at, offset_s(at)) : clock(at, offset_s(at)) });
  }
  return ticks;
}

/* So that a table of the span has about thirty rows. */
export const tableStep = ({ from, to }) => STEPS.find((ms) => (to - from) / ms <= 30) ?? DAY_MS;
