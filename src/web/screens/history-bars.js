/*
 * Weeks, months and years as bars: up what came from the sun and down what was used from the battery, or, where no
 * meter measures the sun, into the battery and out of it.
 */
import { html, useState } from '../view.js';
import { num, pct, t } from '../words.js';
import { Bars } from '../charts-bars.js';
import { useWidth } from '../charts.js';
import { barTitle, barWords, clamped } from '../history-span.js';
import { energyFact, fileOf, timeCell } from '../history-sums.js';
import { useZoom } from '../parts/zoom.js';
import { Facts } from '../parts/Facts.js';
import { Key } from '../parts/Key.js';
import { Scrub } from '../parts/Scrub.js';
import { Table } from '../parts/Table.js';
import { dateOf, dateText } from '../zone.js';

const share = (cover) => pct(Math.floor(cover * 100));
const isKnown = (data, name) => data.some((one) => one[name] !== null);
const inKwh = (wh) => (wh === null ? null : wh / 1000);
const kwh = (wh) => num(wh / 1000, wh < 1e5 ? 1 : 0);

/* One quantity of a bar, in words: what it was, at least where it was not measured whole; [] where nobody measures it. */
function energyWords(one, name, cover, text, head, isMeasured) {
  if (!isMeasured) return [];
  return [one[name] === null ? t('history.noDataOf', { what: t(head) }) : t(text, { kwh: `${one[cover] < 1 ? `${t('history.atLeast')} ` : ''}${kwh(one[name])}` })];
}

function words(one, unit, has) {
  const title = barTitle(one, unit);
  if (one.isFuture) return [title, t('history.toCome')];
  if (!one.cover && !one.sunCover) return [title, t('history.noData')];
  return [title, ...energyWords(one, 'sun', 'sunCover', 'history.sunWas', 'history.sun', has.sun), ...energyWords(one, 'charged', 'cover', 'history.inIs', 'history.charged', has.charged), ...energyWords(one, 'discharged', 'cover', 'history.outIs', 'history.discharged', has.charged),
    ...(one.cover ? [t('history.chargeRange', { low: num(one.socMin), high: num(one.socMax) })] : []), t('history.measured', { share: share(has.sun ? Math.min(one.sunCover, one.cover) : one.cover) })];
}

const total = (list, name) => list.reduce((sum, one) => (one[name] === null ? sum : (sum ?? 0) + one[name]), null);

function facts(data, unit, about, has) {
  const past = data.filter((one) => !one.isFuture), length = (one) => one.to - one.from;
  const measured = (cover) => past.reduce((sum, one) => sum + one[cover] * length(one), 0) / (past.reduce((sum, one) => sum + length(one), 0) || 1);
  const cover = measured('cover'), out = total(past, 'discharged'), missing = past.filter((one) => !one.cover && !one.sunCover);
  const energy = (name, of, head) => energyFact(t(head), total(past, name), measured(of), of === 'cover' && cover > 0);
  return [...(has.sun ? [energy('sun', 'sunCover', 'history.sun')] : [energy('charged', 'cover', 'history.charged')]), energy('discharged', 'cover', 'history.discharged'),
    ...(out === null || !about.capacity_wh ? [] : [{ name: t('history.cycles'), lead: cover < 0.999 ? t('history.atLeast') : '', value: num(out / about.capacity_wh, out < 1e6 ? 1 : 0), unit: 'EFC', note: t('history.cyclesNote') }]),
    ...(missing.length ? [{ name: t('history.without'), value: num(missing.length), unit: t('history.withoutOf', { n: past.length }), note: missing.length < 4 ? missing.map((one) => barTitle(one, unit)).join(', ') : '' }] : [])];
}

const csvOf = (data, about) => fileOf(`${about.id}-${dateText(dateOf(data[0].from))}`, 'from,to,charged_wh,discharged_wh,soc_min_pct,soc_max_pct,temp_min_c,temp_max_c,measured,pv_wh,pv_measured',
  data.filter((one) => !one.isFuture).map((one) => [timeCell(one.from), timeCell(one.to), ...['charged', 'discharged', 'socMin', 'socMax', 'tempMin', 'tempMax', 'cover', 'sun', 'sunCover'].map((name) => one[name])]));

function BarsTable({ data, unit, has }) {
  const energies = [...(has.sun ? [['sun', 'history.sunHead']] : []), ...(has.charged ? [['charged', 'history.inHead'], ['discharged', 'history.outHead']] : [])];
  const no = t('history.noData');
  return html`<${Table} heads=${[t('history.when'), ...energies.map(([, head]) => `${t(head)} kWh`), t('history.chargeHead'), t('history.measuredHead')]} rows=${data.filter((one) => !one.isFuture).map((one) =>
    [barTitle(one, unit), ...energies.map(([name]) => (one[name] === null ? no : kwh(one[name]))), one.cover ? `${num(one.socMin)}–${num(one.socMax)}` : no, share(has.sun ? Math.min(one.sunCover, one.cover) : one.cover)])} />`;
}

export function HistoryBars({ span, data, unit, about, onLook, onOpen, csv }) {
  const [ref, width] = useWidth();
  const [chosen, setChosen] = useState(null);
  const has = { sun: isKnown(data, 'sun'), charged: isKnown(data, 'charged') };
  const here = Math.min(data.length - 1, chosen ?? Math.max(0, data.filter((one) => !one.isFuture).length - 1));
  /* Whole bars only. */
  const whole = ({ from, to }) => { const inside = data.filter((one) => one.to > from && one.from < to); return inside.length ? { from: inside[0].from, to: inside[inside.length - 1].to } : { from, to }; };
  const zoom = useZoom({ span, width, isFree: false, clamp: (view) => clamped(view, span.base), onRest: (view) => onLook(whole(view)) });
  const index = (at) => Math.max(0, data.findIndex((one) => at < one.to));
  const middle = (data[here].from + data[here].to) / 2;
  const out = words(data[here], unit, has), open = () => onOpen(unit, data[here].from), sums = facts(data, unit, about, has);
  csv.current = () => csvOf(data, about);
  const tap = (event) => { if (!zoom.picked && width) setChosen(Math.min(data.length - 1, Math.floor(((event.clientX - ref.current.getBoundingClientRect().left) / width) * data.length))); };
  const keys = { '+': () => zoom.zoom(middle, 0.5), '-': () => zoom.zoom(middle, 2), Escape: span.isZoomed && (() => onLook(span.base)), Enter: open };
  const table = html`<${BarsTable} data=${data} unit=${unit} has=${has} />`;
  if (!has.sun && !has.charged && isKnown(data, 'socMin')) return html`<p class="lede">${t('history.energyNeeds')}</p>${table}`;
  const fills = has.sun ? ['sun', 'bat'] : ['bat', 'out'];
  const list = data.map((one) => ({ ...barWords(one, unit), isFuture: one.isFuture, up: inKwh(has.sun ? one.sun : one.charged), down: inKwh(one.discharged), upCover: has.sun ? one.sunCover : one.cover, downCover: one.cover }));
  const label = [t(unit === 'month' ? 'history.barsByMonth' : 'history.barsByDay', { list: sums.map(({ name, lead = '', value, unit: of, needs }) => `${name} ${needs ?? `${lead} ${value} ${of}`}`).join('; ') }), t('history.sliderBelow')].join(' ');
  return html`<${Key} list=${[[t('history.complete'), `b-${fills[0]}`], [t('history.partly'), 'gap']]} />
    <div class="chart zoom" ref=${(element) => { ref.current = element; zoom.ref.current = element; }} onClick=${tap} ...${zoom.handlers}>${width > 0 && html`<${Bars} width=${width} list=${list} fills=${fills} heads=${[t(has.sun ? 'history.sunUp' : 'history.upHead'), t(has.sun ? 'history.usedDown' : 'history.downHead')]} needs=${has.charged ? '' : t('history.needsPower')} cursor=${here} picked=${zoom.picked && zoom.picked.map((at) => index(Math.min(at, span.to - 1)))} share=${share} label=${label} />`}</div>
    <${Scrub} label=${t(unit === 'month' ? 'history.sliderMonth' : 'history.sliderDay')} max=${data.length - 1} at=${here} words=${out} onMove=${setChosen} keys=${keys} step=${width / data.length} />
    <p class="acts looks"><button class="btn" type="button" onClick=${open}>${t('history.open', { what: out[0] })}</button><span class="sm mut">${t('history.how')}</span></p>
    <section class="sec"><h2 class="vh">${t('history.sums')}</h2><${Facts} facts=${sums} /></section>${table}`;
}
