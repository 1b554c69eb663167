/* A day, or what was looked at closer, as lanes on one axis, with a slider that reads it out. */
import { html, useMemo, useState } from '../view.js';
import { house } from '../live.js';
import { celsius, clock, day, kw, num, pct, span as spanWords, t, unit } from '../words.js';
import { Lanes, useWidth } from '../charts.js';
import { clamped, isWhole, tableStep, ticksOf } from '../history-span.js';
import { useZoom } from '../parts/zoom.js';
import { DAY_MS, HOUR_MS, dateOf, dateText, offset_s } from '../zone.js';
import { middle, segments, sum, thinned } from '../series.js';
import { energyFact, fileOf, measuredWords, timeCell } from '../history-sums.js';
import { PAST_NAMES, pastCells, pastHeads, pastLayers, pastValues, pastWords, withinWords } from '../history-past.js';
import { Facts } from '../parts/Facts.js';
import { Key } from '../parts/Key.js';
import { Scrub } from '../parts/Scrub.js';
import { Table } from '../parts/Table.js';

const STEPS = 1000; /* of the slider */
const METERS = ['pv', 'load', 'grid'];

/* ---- the lanes ---- */

const extremes = (points, name) => points.reduce(([low, high], point) => [Math.min(low, point[`${name}Min`] ?? low), Math.max(high, point[`${name}Max`] ?? high)], [Infinity, -Infinity]);

function powerLane(points, isWide) {
  const [low, high] = extremes(points, 'power');
  const base = { key: 'power', name: 'power', head: t('history.power'), unit: t('history.powerUnit'), short: 'kW', height: isWide ? 150 : 120, isOfSensor: true };
  if (low === Infinity) return { ...base, height: 34, needs: points.length ? t('history.needsPower') : '' , isOfSensor: points.length === 0 };
  return { ...base, low: Math.min(low, 0, -high * 0.15) * 1.1 || -100, high: Math.max(high, 0, -low * 0.15) * 1.1 || 100, zero: 0, area: 'a-bat', line: 'l-bat', format: (watts) => num(Math.abs(watts) / 1000, Math.abs(high - low) < 1000 ? 2 : 1) };
}

/* Sun as an area, home as a line; nothing where no meter spoke in this time. Beside a forecast both are lines. */
function sunLane({ points, pieces, has }, past, width) {
  const isWide = width > 620;
  const base = { key: 'sun', head: t('history.sunHome'), unit: 'kW', isOfMeters: true, height: isWide ? 150 : 120 };
  if (!has || !(points.pv.length || points.load.length)) return { ...base, height: 34, needs: t('history.needsMeter') };
  const forecast = [...pastLayers(past, 'pv', 'sun'), ...pastLayers(past, 'load', 'load')];
  const high = Math.max(200, ...['pv', 'load'].map((name) => extremes(points[name], 'power')[1]), ...past.map((point) => Math.max(point.pvMax ?? 0, point.loadMax ?? 0)));
  const layer = (name, looks) => ({ name: 'power', stand: 0, pieces: pieces[name].map((piece) => thinned(piece, Math.max(60, width))), ...looks });
  return { ...base, low: 0, high: high * 1.15, zero: 0, format: (watts) => num(watts / 1000, high < 1000 ? 2 : high < 4000 ? 1 : 0), layers: [...forecast, layer('pv', { area: forecast.length ? null : 'a-sun', line: 'l-sun' }), layer('load', { line: 'l-load' })] };
}

function gridLane({ points, pieces }, width) {
  const [low, high] = extremes(points.grid, 'power');
  const most = Math.max(200, high, -low);
  return { key: 'grid', name: 'power', head: t('history.grid'), unit: t('history.gridUnit'), short: 'kW', isOfMeters: true, height: width > 620 ? 74 : 66, low: Math.min(0, low) * 1.1 - most * 0.05, high: Math.max(0, high) * 1.1 + most * 0.05, zero: 0, area: 'a-grid', line: 'l-grid', own: pieces.grid.map((piece) => thinned(piece, Math.max(60, width))), format: (watts) => num(Math.abs(watts) / 1000, most < 1000 ? 2 : 1) };
}

export function socLane(about, isWide) {
  return { key: 'soc', name: 'soc', head: t('history.charge'), unit: '%', height: isWide ? 120 : 100, low: 0, high: 100, area: 'a-bat', line: 'l-bat', zero: 0, hatchBelow: about.reserve_pct, isOfSensor: true, format: (p) => (p === 50 && isWide ? '50' : ''),
    marks: [{ at: about.ceiling_pct, text: t('history.ceiling', { n: num(about.ceiling_pct) }), isBelow: about.ceiling_pct > 92 }, { at: about.reserve_pct, text: t('history.reserve', { n: num(about.reserve_pct) }), isBelow: about.reserve_pct > 15 }] };
}

/* What was forecast below what happened, which is a line then. */
function beside(lane, past, colour, pieces) {
  const forecast = pastLayers(past, lane.name, colour);
  return forecast.length ? { ...lane, area: null, layers: [...forecast, { name: lane.name, line: lane.line, pieces }] } : lane;
}

function tempLane(points, about, isWide) {
  const [low, high] = extremes(points, 'temp');
  const middle_c = low === Infinity ? 20 : (low + high) / 2, half = Math.max(3, (high - low) / 2 + 1);
  const allowed = about.charge_min_c === undefined ? '°C' : t('history.allowed', { low: num(about.charge_min_c), high: num(about.charge_max_c) });
  return { key: 'temp', name: 'temp', head: t('history.temp'), unit: allowed, short: '°C', height: isWide ? 74 : 66, low: low === Infinity ? 15 : middle_c - half, high: low === Infinity ? 25 : middle_c + half, line: 'l-load', band: 'a-load', isOfSensor: true, format: (c) => num(c, half < 2 ? 1 : 0) };
}

function relayLane({ id, role, times }) {
  const on = [], known = [];
  const join = (list, from, to) => { const last = list[list.length - 1]; if (last && from - last[1] < 1000) last[1] = to; else list.push([from, to]); };
  for (const { from, to, part } of times) {
    join(known, from, to);
    if (part > 0) join(on, from, from + (to - from) * part);
  }
  return { key: id, kind: 'contacts', head: t('history.relay', { id }), unit: t(`history.roles.${role === 'load' ? 'load' : 'source'}`), height: 16, on, known, isLoad: role === 'load', needs: known.length ? '' : t('history.noData') };
}

/* ---- words ---- */

function nearest(points, at) {
  let low = 0, high = points.length - 1;
  while (low < high) {
    const half = (low + high) >> 1;
    if (points[half].to < at) low = half + 1;
    else high = half;
  }
  const after = points[low], before = points[low - 1];
  return before && after && at - middle(before) < middle(after) - at ? before : after;
}

const powerWords = (watts) => (watts === null || watts === undefined ? null : Math.abs(watts) < 20 ? t('history.noPower') : t(watts > 0 ? 'history.into' : 'history.outOf', { kw: kw(watts) }));

/* What was there at a time: [words]. */
function readOut(data, at, now) {
  const time = `${at - data.points[0]?.from > DAY_MS || at - data.points[0]?.from < 0 ? `${day(at, offset_s(at))} ` : ''}${clock(at, offset_s(at))}`;
  if (at > now) return [time, t('history.toCome'), ...pastWords(data.past, at)];
  const gap = data.gaps.find((one) => at >= one.from && at < one.to);
  const point = nearest(data.points, at);
  if (gap || !point || at > data.until + HOUR_MS) return [time, ...meterWords(data.meters, at), t('history.noData'), gap?.cause].filter(Boolean);
  return [time, ...meterWords(data.meters, at), powerWords(point.power), t('history.chargeIs', { pct: pct(point.soc) }), celsius(point.temp), ...data.relays.map((relay) => relayWords(relay, at)), ...pastWords(data.past, at)].filter(Boolean);
}

const gridWords = (watts) => (Math.abs(watts) < 20 ? t('history.gridNone') : t(watts > 0 ? 'history.gridTakes' : 'history.gridGives', { kw: kw(watts) }));

/* What each meter said then; nothing of one that said nothing. */
function meterWords({ points }, at) {
  const said = (name) => points[name].find((point) => at >= point.from && at < point.to)?.power ?? null;
  const words = (watts, tell) => (watts === null ? null : tell(watts));
  return [words(said('pv'), (watts) => t('history.sunIs', { kw: kw(watts) })), words(said('load'), (watts) => t('history.homeIs', { kw: kw(watts) })), words(said('grid'), gridWords)];
}

function relayWords({ id, times }, at) {
  const time = times.find((one) => at >= one.from && at < one.to);
  return time && t(time.part === 0 ? 'history.relayOff' : time.part > 0.99 ? 'history.relayOn' : 'history.relayPart', { id });
}

/* ---- energy of raw rows: power times time, where it is known ---- */

function energies(data) {
  if (data.level !== 'raw') return { charged: sum(data.points, 'charged'), discharged: sum(data.points, 'discharged') };
  let charged = null, discharged = null;
  for (const piece of data.pieces) {
    for (let i = 1; i < piece.length; i++) {
      const { power, from } = piece[i - 1];
      if (power === null || power === undefined) continue;
      const wh = (power * (piece[i].from - from)) / HOUR_MS;
      charged = (charged ?? 0) + Math.max(0, wh);
      discharged = (discharged ?? 0) + Math.max(0, -wh);
    }
  }
  return { charged, discharged };
}

function facts(data, about) {
  const { charged, discharged } = energies(data);
  const [low, high] = extremes(data.points, 'soc');
  const closings = data.relays.reduce((n, relay) => n + relay.times.reduce((m, time) => m + time.closings, 0), 0);
  const { points, measured } = data.meters, isHeard = data.points.length > 0;
  const metered = (name, meter, note) => (points[meter].length ? [{ ...energyFact(name, sum(points[meter], 'imported'), measured), ...note }] : []);
  return [...metered(t('history.sun'), 'pv'), ...metered(t('history.homeUsed'), 'load'), ...metered(t('history.gridTook'), 'grid', { note: t('history.gridGave', { kwh: num(sum(points.grid, 'exported') / 1000, 1) }) }),
    energyFact(t('history.charged'), charged, data.measured, isHeard), energyFact(t('history.discharged'), discharged, data.measured, isHeard),
    low === Infinity ? { name: t('history.range'), needs: t('history.noData') } : { name: t('history.range'), value: `${num(low)}–${num(high)}`, unit: '%', note: measuredWords(data.measured) },
    ...(data.relays.length ? [{ name: t('history.switches'), value: String(closings), note: t('history.relays', { ids: data.relays.map((relay) => relay.id).join(', ') }) }] : [])];
}

/* ---- the table and the CSV ---- */

function tableRows(data, span) {
  const step = tableStep(span), rows = [];
  for (let from = span.from; from < Math.min(span.to, data.until || span.to); from += step) {
    const points = data.points.filter((point) => middle(point) >= from && middle(point) < from + step);
    const mean = (name) => { const known = points.filter((point) => point[name] !== null && point[name] !== undefined); return known.length ? known.reduce((total, point) => total + point[name], 0) / known.length : null; };
    const metered = (name) => { const known = data.meters.points[name].filter((point) => middle(point) >= from && middle(point) < from + step && point.power !== null); return known.length ? known.reduce((total, point) => total + point.power, 0) / known.length : null; };
    rows.push({ from, meters: METERS.map(metered), power: mean('power'), soc: mean('soc'), temp: mean('temp'), isKnown: points.length > 0 });
  }
  return rows;
}

function LanesTable({ data, span }) {
  const isLong = span.to - span.from > 26 * HOUR_MS;
  const no = t('history.noData');
  return html`<${Table} heads=${[t('history.time'), ...(data.meters.has ? [t('history.sunHead'), t('history.homeHead'), t('history.grid')] : []), t('history.powerHead'), t('history.chargeHead'), '°C']} rows=${tableRows(data, span).map(({ from, meters: [pv, load, grid], power, soc, temp, isKnown }) => [
    `${isLong ? `${day(from, offset_s(from))} ` : ''}${clock(from, offset_s(from))}`, ...(data.meters.has ? [pv === null ? no : unit(pv / 1000, 2, 'kW'), load === null ? no : unit(load / 1000, 2, 'kW'), grid === null ? no : gridWords(grid)] : []), isKnown ? powerWords(power) ?? t('history.needsPower') : no, isKnown ? num(soc) : no, isKnown ? num(temp, 1) : no])} />`;
}

const PastTable = ({ past }) => html`<section class="sec"><h2>${t('history.pastTitle')}</h2><p class="sm mut">${withinWords(past)}</p><${Table} heads=${[t('history.time'), ...pastHeads(past)]} rows=${past.map((point) => [clock(point.from, offset_s(point.from)), ...pastCells(past, point)])} /></section>`;

const COLUMNS = ['soc', 'socMin', 'socMax', 'temp', 'tempMin', 'tempMax', 'power', 'powerMin', 'powerMax', 'charged', 'discharged', 'count'];
const NAMES = 'from,to,soc_pct,soc_min_pct,soc_max_pct,temp_c,temp_min_c,temp_max_c,power_w,power_min_w,power_max_w,charged_wh,discharged_wh,count,pv_w,load_w,grid_w';

function csvOf(data, about, span) {
  const metered = METERS.map((name) => new Map(data.meters.points[name].map((point) => [point.from, point.power])));
  const rows = data.points.map((point) => [timeCell(point.from), timeCell(point.to), ...COLUMNS.map((name) => point[name]), ...metered.map((known) => known.get(point.from)), ...(data.past.length ? pastValues(data.past, point.from) : [])]);
  return fileOf(`${about.id}-${dateText(dateOf(span.from))}-${data.level}`, [NAMES, ...(data.past.length ? PAST_NAMES : [])].join(','), rows);
}

/* ---- the screen's part ---- */

/* A time of a gap: with its day where the span has several. */
const timeWords = (at, isLong) => `${isLong ? `${day(at, offset_s(at))} ` : ''}${clock(at, offset_s(at))}`;
const spanOfGap = ({ from, to }, isLong) => ({ from: timeWords(from, isLong), to: timeWords(to, isLong && to - from > DAY_MS) });

function label(data, span, title) {
  const isLong = span.to - span.from > 26 * HOUR_MS;
  const gaps = [...data.gaps, ...data.meters.gaps].slice(0, 6).map((gap) => t('history.gapLabel', { ...spanOfGap(gap, isLong), cause: gap.cause }));
  return [data.meters.has ? t('history.metersLabel') : '', t('history.lanesLabel', { title }), gaps.length ? t('history.gaps', { list: gaps.join('; ') }) : '', t('history.sliderBelow')].filter(Boolean).join(' ');
}

const worded = (gap, isFew, isLong) => ({ ...gap, isWorded: isFew, words: [t('history.noDataAt', spanOfGap(gap, isLong)), gap.cause] });

const keyOf = (hasPower, hasMeters, hasPast) => [hasPast && [t('history.pastKey'), 'a-load', 'l-load dash'], hasMeters && [t('history.sunHead'), 'a-sun', 'l-sun'], hasMeters && [t('history.homeHead'), 'l-load'], hasPower && [t('history.keyPower'), 'a-bat', 'l-bat'], [t('history.keyOn'), 'b-bat'], [t('history.noData'), 'gap']];

export function HistoryLanes({ span, data, about, now, onLook, csv }) {
  const [ref, width] = useWidth();
  const [chosen, setChosen] = useState(null);
  const zoom = useZoom({ span, width, isFree: true, clamp: (view) => clamped(view, span.base), onRest: onLook });
  const view = { ...zoom.view, now, ticks: width ? ticksOf(zoom.view, width) : [] };
  const isWide = width > 620;
  const power = powerLane(data.points, isWide);
  const pieces = useMemo(() => data.pieces.map((piece) => thinned(piece, Math.max(60, width))), [data, width]);
  const lanes = useMemo(() => [sunLane(data.meters, data.past, width), ...(data.meters.points.grid.length ? [gridLane(data.meters, width)] : []), power, beside(socLane(about, isWide), data.past, 'bat', pieces), beside(tempLane(data.points, about, isWide), data.past, 'load', pieces), ...data.relays.map(relayLane)], [data, width, about.reserve_pct, about.ceiling_pct]);
  /* Until it is moved it stands at the newest value. */
  const newest = data.points.length ? Math.min(STEPS, Math.max(0, Math.floor(((middle(data.points[data.points.length - 1]) - view.from) / (view.to - view.from)) * STEPS))) : STEPS / 2;
  const place = chosen ?? newest;
  const at = view.from + (place / STEPS) * (view.to - view.from);
  const out = readOut(data, at, now);
  csv.current = () => csvOf(data, about, span);
  const keys = { '+': () => zoom.zoom(at, 0.5), '-': () => zoom.zoom(at, 2), Escape: span.isZoomed && (() => onLook(span.base)) };
  return html`<${Key} list=${keyOf(!power.needs && data.points.length > 0, !lanes[0].needs, data.past.length > 0)} />
    <div class="chart zoom" ref=${(element) => { ref.current = element; zoom.ref.current = element; }} ...${zoom.handlers}>${width > 0 && html`<${Lanes} width=${width} view=${view} gaps=${[...data.gaps, ...data.meters.gaps].map((gap) => worded(gap, data.gaps.length <= 6, view.to - view.from > 26 * HOUR_MS))} lanes=${lanes.map((lane) => ({ ...lane, pieces: lane.own ?? pieces }))} cursor=${at} picked=${zoom.picked} label=${label(data, span, out[0])} />`}</div>
    <${Scrub} label=${t('history.slider')} max=${STEPS} at=${place} words=${out} onMove=${setChosen} keys=${keys} />
    <p class="acts looks"><button class="btn" type="button" onClick=${() => zoom.zoom(at, 0.5)}>${t('history.closer')}</button>${!isWhole(zoom.view, span.base) && html`<button class="btn" type="button" onClick=${() => zoom.zoom(at, 2)}>${t('history.wider')}</button>`}<span class="sm mut">${t('history.how')}</span></p>
    <section class="sec"><h2 class="vh">${t('history.sums')}</h2><${Facts} facts=${facts(data, about)} />${data.until < Math.min(now, span.to) - 120000 && html`<p class="sm mut">${t('history.until', { age: spanWords((Math.min(now, span.to) - data.until) / 1000) })}</p>`}</section>
    <${LanesTable} data=${data} span=${span} />${data.past.length > 0 && html`<${PastTable} past=${data.past} />`}`;
}
