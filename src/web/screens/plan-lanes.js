/* What comes, as lanes on one axis, with a slider that reads it out slot by slot; a tap asks why. */
import { html, useMemo, useState } from '../view.js';
import { celsius, kw, num, pct, t, unit } from '../words.js';
import { Lanes, useWidth } from '../charts.js';
import { ticksOf } from '../history-span.js';
import { modeWords, priceNumber, priceUnit, priceWords, stretchesOf, whenWords } from '../plan-data.js';
import { Key } from '../parts/Key.js';
import { Scrub } from '../parts/Scrub.js';
import { Table } from '../parts/Table.js';
import { socLane } from './history-lanes.js';

/* How each mode looks; none at all: it rests. */
export const LOOKS = { 'charge-from-sun': 'b-bat', 'charge-to': 'b-grid', 'self-consume': 'b-out', 'discharge-to': 'b-sell' };
const isDark = (mode) => mode === 'self-consume' || mode === 'discharge-to';

/* ---- the lanes ---- */

const blocks = (stretches) => ({ key: 'modes', kind: 'blocks', head: t('plan.does'), unit: '', height: 30,
  list: stretches.map(({ from, to, mode, level }) => ({ from, to, looks: LOOKS[mode], isDark: isDark(mode), texts: [`${t(`plan.short.${mode}`)} ${level === null ? '' : pct(level)}`.trim(), t(`plan.short.${mode}`)] })) });

/* The least and the most, where they begin. */
function tipsOf(points, currency) {
  const by = points.filter((point) => point.buy !== null).sort((a, b) => a.buy - b.buy), least = by[0], most = by[by.length - 1];
  return !least ? [] : [...new Set([least, least.buy === most.buy ? least : most])].sort((a, b) => a.from - b.from).map(({ from, to, buy }) => ({ at: (from + to) / 2 + 30 * 60000, value: buy, text: priceNumber(buy, currency, Math.abs(buy) < 0.1 ? 1 : 0) }));
}

function priceLane(points, currency, isWide) {
  const prices = points.flatMap(({ buy, sell }) => [buy, sell]).filter((price) => price !== null);
  const base = { key: 'price', head: t('plan.price'), unit: priceUnit(currency), height: isWide ? 66 : 56 };
  if (!prices.length) return { ...base, height: 34, needs: t('plan.noPrice') };
  const low = Math.min(0, ...prices), high = Math.max(0.01, ...prices);
  return { ...base, kind: 'steps', points, low: low * 1.1, high: high + (high - low) * 0.34, zero: 0, tips: tipsOf(points, currency), format: () => '' };
}

function sunLane(points, isWide) {
  const most = Math.max(0, ...points.flatMap(({ pvMax, loadMax }) => [pvMax ?? 0, loadMax ?? 0]));
  const base = { key: 'sun', head: t('history.sunHome'), unit: t('plan.likely'), short: 'kW', height: isWide ? 120 : 100 };
  if (!most) return { ...base, height: 34, needs: t('history.needsMeter') };
  const layer = (name) => ({ name, band: `a-${name === 'pv' ? 'sun' : name}`, line: `l-${name === 'pv' ? 'sun' : name}`, pieces: [points] });
  return { ...base, low: 0, high: most * 1.12, zero: 0, format: (watts) => num(watts / 1000, most < 3000 ? 1 : 0), layers: [layer('pv'), layer('load')] };
}

const chargeLane = (points, about, isWide) => ({ ...socLane(about, isWide), height: isWide ? 140 : 116, area: null, band: 'a-bat', own: [points.map((point) => ({ ...point, from: point.to }))] }); /* charge is that at the end of a slot */

/* ---- words ---- */

const ranged = (words, low, high, format) => (low === null || low === high ? words : `${words} (${format(low)}–${format(high)})`);
const power = (point, name) => point[name] !== null && ranged(unit(point[name] / 1000, 2, 'kW'), point[`${name}Min`], point[`${name}Max`], kw);

/* [time, what it does, buying, selling, sun, home, charge, temperature], with false for what is not known. */
const cellsOf = (point, currency, now) => [whenWords(point.from, now), modeWords(point.mode, point.level), point.buy !== null && `${priceWords(point.buy, currency)}${point.isAssumed ? ` (${t('plan.assumed')})` : ''}`, point.sell !== null && priceWords(point.sell, currency),
  power(point, 'pv'), power(point, 'load'), point.soc !== null && ranged(pct(point.soc), point.socMin, point.socMax, num), point.temp !== null && celsius(point.temp)];

/* The same read out, each with its name. */
function readOut(point, currency, now) {
  const [when, does, buy, sell, sun, home, soc, temp] = cellsOf(point, currency, now);
  return [when, does, buy, sell && t('plan.sells', { price: sell }), sun && `${t('history.sunHead')} ${sun}`, home && `${t('history.homeHead')} ${home}`, soc && t('plan.chargeThen', { pct: soc }), temp].filter(Boolean);
}

const PlanTable = ({ points, currency, now }) => html`<${Table} heads=${[t('history.time'), t('plan.does'), t('plan.buyHead'), t('plan.sellHead'), t('history.sunHead'), t('history.homeHead'), t('history.charge'), '°C']} rows=${points.map((point) => cellsOf(point, currency, now).map((cell) => cell || '–'))} />`;

const keyOf = (points, hasAssumed) => [...[...new Set(stretchesOf(points).map(({ mode }) => mode))].map((mode) => [t(`plan.keys.${mode}`), LOOKS[mode] || 'g-day']),
  points.some((one) => one.sell !== null) && [t('plan.sellHead'), 'l-grid dash'], [t('plan.band'), 'a-bat', 'l-bat'], hasAssumed && [t('plan.priceAssumed'), 'gap']];

/* onWhy(at): what a tap, Enter on the slider or the button asks for. */
export function PlanLanes({ points, currency, about, now, onWhy }) {
  const [ref, width] = useWidth();
  const [chosen, setChosen] = useState(null);
  const span = { from: points[0].from, to: points[points.length - 1].to };
  const isWide = width > 620;
  const lanes = useMemo(() => [blocks(stretchesOf(points)), priceLane(points, currency, isWide), sunLane(points, isWide), chargeLane(points, about, isWide)], [points, width, currency, about.reserve_pct, about.ceiling_pct]);
  const current = points.findIndex((point) => now < point.to);
  const place = Math.min(chosen ?? Math.max(0, current), points.length - 1);
  const point = points[place];
  const out = readOut(point, currency, now);
  const view = { ...span, now, ticks: width ? ticksOf(span, width) : [] };
  const tap = (event) => {
    const at = span.from + ((event.clientX - ref.current.getBoundingClientRect().left) / width) * (span.to - span.from);
    const found = points.findIndex((one) => at < one.to);
    if (found < 0) return;
    setChosen(found);
    onWhy(points[found].from);
  };
  const hasAssumed = points.some((one) => one.isAssumed);
  return html`${hasAssumed && html`<p class="sm assumed">${t('plan.somePricesAssumed')}</p>`}<${Key} list=${keyOf(points, hasAssumed)} />
    <div class="chart tap" ref=${ref} onClick=${tap}>${width > 0 && html`<${Lanes} width=${width} view=${view} gaps=${[]} lanes=${lanes.map((lane) => ({ ...lane, pieces: lane.own ?? [] }))} cursor=${(point.from + point.to) / 2} picked=${null} label=${t('plan.label')} />`}</div>
    <${Scrub} label=${t('history.slider')} max=${points.length - 1} at=${place} words=${out} onMove=${setChosen} keys=${{ Enter: () => onWhy(point.from) }} />
    <p class="acts"><button class="btn" type="button" onClick=${() => onWhy(point.from)}>${t('plan.askWhy', { when: out[0] })}</button></p>
    <${PlanTable} points=${points} currency=${currency} now=${now} />`;
}
