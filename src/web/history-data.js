/* What History reads of a span, and the causes of what is missing in it. */
import { get } from './api.js';
import { house } from './live.js';
import { has, t } from './words.js';
import { DAY_MS } from './zone.js';
import { readPast } from './history-past.js';
import { barsOf } from './history-span.js';
import { coverages, gapsOf, levelFor, meterPoints, readings, relayTimes, segments } from './series.js';

const METERS = ['pv', 'load', 'grid'];
const METER_LATE_MS = 10 * 60000; /* minutes are stored some at a time */
const AROUND_DAYS = 8; /* before the first bar: to know how many readings a day has */
const PAST_MOST_MS = 1.5 * DAY_MS; /* beyond that a forecast cannot be told from what happened */
const TOLD_LATE_MS = 10 * 60000; /* an alert comes some time after its cause */

const relaysOf = (battery) => (house.value?.state.relays ?? []).filter((relay) => relay.battery === battery);

/* All alerts in the book, also those that are over. */
const alerts = (options) => get('alerts', options).then((answer) => answer.alerts, () => []);

function causeOf(gap, book, about) {
  const names = new Set([about.id, about.node, '']);
  const found = book.find((alert) => names.has(alert.subject) && has(`history.causes.${alert.code}`) && Date.parse(alert.raised) - TOLD_LATE_MS < gap.to && (alert.cleared ? Date.parse(alert.cleared) : Infinity) > gap.from);
  return found ? t(`history.causes.${found.code}`, { name: about.node }) : t('history.causes.unknown');
}

/* The share without gaps; null where nothing can be known yet. */
const measuredOf = (gaps, from, until) => (until > from ? 1 - gaps.reduce((missing, gap) => missing + gap.to - gap.from, 0) / (until - from) : null);

/* { pv, load, grid: points, pieces: { pv, … }, gaps, measured }; a meter that never spoke in this time has no points. */
async function readMeters(from, to, level, now, options) {
  const all = await Promise.all(METERS.map((name) => meterPoints(name, from, to, level, options).catch(() => [])));
  const points = Object.fromEntries(METERS.map((name, i) => [name, all[i]]));
  const first = all.find((list) => list.length) ?? [];
  const newest = first.length ? first[first.length - 1].to : 0;
  const until = Math.min(to, now - newest < METER_LATE_MS ? newest : now);
  const gaps = first.length ? gapsOf(first, from, until, METER_LATE_MS / 2).map((gap) => ({ ...gap, isOfMeters: true, cause: t('history.metersSilent') })) : [];
  return { points, pieces: Object.fromEntries(METERS.map((name) => [name, segments(points[name], gaps)])), gaps, measured: measuredOf(gaps, from, until), has: first.length > 0 };
}

/* { level, points, pieces, gaps: [{ from, to, cause }], until, meters, past, relays: [{ id, role, times }], measured: 0–1 } */
export async function readLanes(span, about, options) {
  const { from, to } = span;
  const now = Date.parse(house.value.state.time);
  const [answer, book, meters, past, ...relays] = await Promise.all([
    readings(about.node, from, to, levelFor(to - from), options), alerts(options), readMeters(from, to, levelFor(to - from), now, options), to - from < PAST_MOST_MS ? readPast(about.id, from, to, options) : [],
    ...relaysOf(about.id).map(async ({ id, role }) => ({ id, role, times: await relayTimes(id, from, to, levelFor(to - from), options) })),
  ]);
  const until = Math.min(to, answer.level === 'raw' ? now : Math.min(now, answer.rolledUpTo ?? now));
  const gaps = until > from ? gapsOf(answer.points, from, until, patience_ms(about)).map((gap) => ({ ...gap, cause: causeOf(gap, book, about) })) : [];
  return { ...answer, pieces: segments(answer.points, gaps), gaps, until, meters, past, relays, measured: measuredOf(gaps, from, until) };
}

const patience_ms = (about) => (about.stale_after_s ?? 90) * 1000;

/*
 * [{ from, to, isFuture, charged, discharged, sun, socMin, … tempMax, cover, sunCover }], one a day or month, energies in Wh
 * or null; the covers, 0–1, are how much of the whole was measured: of a day that is not over, the rest is not.
 */
export async function readBars(span, about, unit, options) {
  const days = barsOf({ from: span.from - AROUND_DAYS * DAY_MS, to: span.to }, 'day');
  const [answer, sun] = await Promise.all([readings(about.node, days[0].from, span.to, '1day', options), meterPoints('pv', span.from, span.to, '1day', options).catch(() => [])]);
  const now = Date.parse(house.value.state.time);
  const row = (list, one) => list.find((point) => point.from >= one.from && point.from < one.to) ?? {};
  const rows = days.map((one) => row(answer.points, one));
  const covers = coverages(rows, days.map((one) => Math.min(1, Math.max(0, (now - one.from) / (one.to - one.from)))));
  const all = days.map((one, i) => {
    const { known_ms = 0, imported } = row(sun, one), share = known_ms / (one.to - one.from);
    return { ...one, isFuture: one.from > now, cover: covers[i], sun: imported, sunCover: share > 0.985 ? 1 : share, ...rows[i], from: one.from, to: one.to };
  });
  const shown = all.filter((one) => one.from >= span.from);
  return (unit === 'day' ? shown.map((one) => [one, [one]]) : barsOf(span, 'month').map((month) => [month, shown.filter((one) => one.from >= month.from && one.from < month.to)])).map(([bar, of]) => together(bar, of));
}

const total = (list, name, join) => list.reduce((sofar, one) => (one[name] === null || one[name] === undefined ? sofar : sofar === null ? one[name] : join(sofar, one[name])), null);

/* A bar of its days. */
function together({ from, to }, days) {
  const values = { from, to, isFuture: days.every((one) => one.isFuture) };
  for (const name of ['charged', 'discharged', 'sun']) values[name] = total(days, name, (a, b) => a + b);
  for (const name of ['soc', 'temp']) Object.assign(values, { [`${name}Min`]: total(days, `${name}Min`, Math.min), [`${name}Max`]: total(days, `${name}Max`, Math.max) });
  for (const name of ['cover', 'sunCover']) values[name] = days.reduce((sum, one) => sum + one[name], 0) / days.length;
  return values;
}
