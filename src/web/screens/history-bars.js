/* Weeks, months and years as bars: up into the battery, down out of it. */
import { html, useId, useState } from '../view.js';
import { num, pct, t } from '../words.js';
import { Bars, useWidth } from '../charts.js';
import { barTitle, barWords, clamped } from '../history-span.js';
import { useZoom } from '../parts/zoom.js';
import { Facts } from '../parts/Facts.js';
import { Table } from '../parts/Table.js';
import { dateOf, dateText } from '../zone.js';

const share = (cover) => pct(Math.floor(cover * 100));

const barOf = (one, unit) => ({ ...barWords(one, unit), up: one.charged === null ? null : one.charged / 1000, down: (one.discharged ?? 0) / 1000, cover: one.cover ?? 0, coverText: one.cover ? share(one.cover) : '', isFuture: one.isFuture });

function words(one, unit) {
  const title = barTitle(one, unit);
  if (one.isFuture) return [title, t('history.toCome')];
  if (!one.cover) return [title, t('history.noData')];
  const least = one.cover < 1 ? `${t('history.atLeast')} ` : '';
  const energy = one.charged === null ? [t('history.needsPower')] : [t('history.inIs', { kwh: least + num(one.charged / 1000, 1) }), t('history.outIs', { kwh: least + num(one.discharged / 1000, 1) })];
  return [title, ...energy, t('history.chargeRange', { low: num(one.socMin), high: num(one.socMax) }), t('history.measured', { share: share(one.cover) })];
}

const add = (list, name) => list.reduce((sum, one) => (one[name] === null ? sum : (sum ?? 0) + one[name]), null);

function facts(data, about) {
  const past = data.filter((one) => !one.isFuture);
  const length = (one) => one.to - one.from;
  const all = past.reduce((sum, one) => sum + length(one), 0);
  const cover = all ? past.reduce((sum, one) => sum + one.cover * length(one), 0) / all : 0;
  const isPart = cover < 0.999;
  const energy = (name, wh) => (wh === null ? { name, needs: t(cover ? 'history.needsPower' : 'history.noData') } : { name, lead: isPart ? t('history.atLeast') : '', value: num(wh / 1000, 1), unit: 'kWh', note: t('history.measured', { share: pct(Math.floor(cover * 1000) / 10, isPart ? 1 : 0) }) });
  const out = add(past, 'discharged'), missing = past.filter((one) => !one.cover).length;
  return [energy(t('history.in'), add(past, 'charged')), energy(t('history.out'), out),
    ...(out === null || !about.capacity_wh ? [] : [{ name: t('history.cycles'), lead: isPart ? t('history.atLeast') : '', value: num(out / about.capacity_wh, 1), unit: 'EFC', note: t('history.cyclesNote') }]),
    ...(missing ? [{ name: t('history.without'), value: String(missing), note: t('history.withoutOf', { n: past.length }) }] : [])];
}

function csvOf(data, about) {
  const cell = (value) => (value === null || value === undefined ? '' : String(Math.round(value * 1000) / 1000));
  const lines = data.filter((one) => !one.isFuture).map((one) => [new Date(one.from).toISOString(), new Date(one.to).toISOString(), ...['charged', 'discharged', 'socMin', 'socMax', 'tempMin', 'tempMax', 'cover'].map((name) => cell(one[name]))].join(','));
  return { name: `amphora-${about.id}-${dateText(dateOf(data[0].from))}.csv`, text: ['from,to,charged_wh,discharged_wh,soc_min_pct,soc_max_pct,temp_min_c,temp_max_c,measured', ...lines, ''].join('\r\n') };
}

export function HistoryBars({ span, data, unit, about, now, onLook, onOpen, csv }) {
  const [ref, width] = useWidth();
  const [chosen, setChosen] = useState(null);
  const id = useId();
  const here = Math.min(data.length - 1, chosen ?? Math.max(0, data.filter((one) => !one.isFuture).length - 1));
  /* Whole bars only. */
  const whole = ({ from, to }) => { const inside = data.filter((one) => one.to > from && one.from < to); return inside.length ? { from: inside[0].from, to: inside[inside.length - 1].to } : { from, to }; };
  const zoom = useZoom({ span, width, isFree: false, clamp: (view) => clamped(view, span.base), onRest: (view) => onLook(whole(view)) });
  const index = (at) => Math.max(0, data.findIndex((one) => at < one.to));
  const picked = zoom.picked && zoom.picked.map((at) => index(Math.min(at, span.to - 1)));
  const middle = (data[here].from + data[here].to) / 2;
  const out = words(data[here], unit);
  csv.current = () => csvOf(data, about);
  const tap = (event) => { if (!zoom.picked && width) setChosen(Math.min(data.length - 1, Math.floor(((event.clientX - ref.current.getBoundingClientRect().left) / width) * data.length))); };
  const key = (event) => {
    if (event.key === '+' || event.key === '=') zoom.zoom(middle, 0.5);
    else if (event.key === '-') zoom.zoom(middle, 2);
    else if (event.key === 'Escape' && span.isZoomed) onLook(span.base);
    else if (event.key === 'Enter') onOpen(unit, data[here].from);
    else return;
    event.preventDefault();
  };
  const hasPower = data.some((one) => one.charged !== null) || !data.some((one) => one.cover);
  const label = [t(unit === 'month' ? 'history.barsByMonth' : 'history.barsByDay'), t('history.sliderBelow')].join(' ');
  return html`${!hasPower && html`<p class="lede">${t('history.energyNeeds')}</p>`}
    <ul class="key"><li><svg aria-hidden="true"><rect class="b-bat" width="22" height="12" rx="2" /></svg>${t('history.in')}</li><li><svg aria-hidden="true"><rect class="b-out" x="1" y="1" width="20" height="10" rx="2" /></svg>${t('history.out')}</li><li><svg aria-hidden="true"><rect class="gap" x=".5" y=".5" width="21" height="11" /></svg>${t('history.partly')}</li></ul>
    <div class="chart zoom" ref=${(element) => { ref.current = element; zoom.ref.current = element; }} onClick=${tap} ...${zoom.handlers}>${width > 0 && html`<${Bars} width=${width} list=${data.map((one) => barOf(one, unit))} heads=${[t('history.upHead'), t('history.downHead')]} cursor=${here} picked=${picked} format=${(kwh) => num(kwh, 1)} label=${label} />`}</div>
    <label class="vh" for=${id}>${t(unit === 'month' ? 'history.sliderMonth' : 'history.sliderDay')}</label><input class="scrub bars" id=${id} type="range" min="0" max=${data.length - 1} value=${here} aria-valuetext=${out.join('; ')} onInput=${(event) => setChosen(Number(event.target.value))} onKeyDown=${key} />
    <output class="read" for=${id}><b>${out[0]}</b>${out.slice(1).map((one) => html`<span>${one}</span>`)}</output>
    <p class="acts looks"><button class="btn" type="button" onClick=${() => onOpen(unit, data[here].from)}>${t('history.open', { what: out[0] })}</button><span class="sm mut">${t('history.how')}</span></p>
    <section class="sec"><h2 class="vh">${t('history.sums')}</h2><${Facts} facts=${facts(data, about)} /></section>
    <${Table} heads=${[t('history.when'), t('history.inHead'), t('history.outHead'), t('history.chargeHead'), t('history.measuredHead')]} rows=${data.filter((one) => !one.isFuture).map((one) => [barTitle(one, unit), ...(one.cover ? [one.charged === null ? '–' : num(one.charged / 1000, 1), one.discharged === null ? '–' : num(one.discharged / 1000, 1), `${num(one.socMin)}–${num(one.socMax)}`, share(one.cover)] : Array(4).fill(t('history.noData')))])} />`;
}
