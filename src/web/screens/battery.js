/* A battery: its facts, where it has lived, its limits and who set them, its health or what that needs. */
import { html } from '../view.js';
import { get } from '../api.js';
import { ageOf, house, isCut } from '../live.js';
import { ageWords, celsius, kw, num, pct, t, unit } from '../words.js';
import { Life, useWidth } from '../charts.js';
import { Facts } from '../parts/Facts.js';
import { Table } from '../parts/Table.js';
import { useRead } from '../parts/read.js';
import { battery, BatteryPick } from '../which.js';
import { holding, placeWords, readSettings } from '../parameters.js';

const DAYS = 30;
const SOC_STEP = 5, TEMP_STEP = 2;

/* ---- the last 30 days ---- */

/* { hours: Map "soc,temp" → h, cycles: { efc, low, high }, measured_h } */
async function readLife(id) {
  const { hours, cycles, measured_h } = await get(`battery/life?battery=${encodeURIComponent(id)}&days=${DAYS}`);
  return { hours: new Map(hours.map(({ soc_pct, temp_c, h }) => [`${soc_pct},${temp_c}`, h])), cycles, measured_h };
}

/* By name: { value, release, place } */
async function readLimits(id) {
  const { batteries } = await get(`battery/health?battery=${encodeURIComponent(id)}`);
  return Object.fromEntries(batteries[0].limits.map((limit) => [limit.name, limit]));
}

/* ---- facts ---- */

function facts(about, life) {
  const last = about.last ?? about, age_s = ageOf(about);
  const isOld = isCut.value || about.soc_pct === null;
  const age = ageWords(age_s, isOld);
  const soc = about.soc_pct ?? last.soc_pct, temp = about.temp_c ?? last.temp_c, power = about.power_w;
  const known = (name, value, words, note = age) => (value === null || value === undefined ? { name, needs: t('battery.notHeard') } : { name, value: words, note, isOld });
  return [known(t('battery.charge'), soc, pct(soc, 1)), known(t('battery.temp'), temp, celsius(temp)),
    power === null || power === undefined ? { name: t('battery.power'), needs: t(isOld ? 'battery.notHeard' : 'battery.needsPower') } : { name: t('battery.power'), value: kw(power), unit: 'kW', note: Math.abs(power) < 20 ? age : `${t(power > 0 ? 'battery.into' : 'battery.outOf')}, ${age}`, isOld },
    about.capacity_wh ? { name: t('battery.holds'), value: soc === null || soc === undefined ? '–' : num((soc / 100) * about.capacity_wh / 1000, 1), unit: 'kWh', note: `${t('battery.ofWhenNew', { kwh: num(about.capacity_wh / 1000, 1) })}, ${age}`, isOld } : { name: t('battery.holds'), needs: t('battery.needsSize') },
    { name: t('battery.health'), needs: t('battery.needsCurrent'), note: t('battery.neverGuessed') },
    life ? { name: t('battery.cycles'), value: num(life.cycles.efc, 1), unit: 'EFC', note: t('battery.cyclesNote', { h: num(life.measured_h), low: num(life.cycles.low, 1), high: num(life.cycles.high, 1) }) } : { name: t('battery.cycles'), needs: '–' }];
}

/* ---- where it has lived ---- */

const lifeRows = (hours) => {
  const bySoc = new Map();
  for (const [key, h] of hours) {
    const [soc, temp] = key.split(',').map(Number);
    const row = bySoc.get(soc) ?? { h: 0, low: temp, high: temp };
    bySoc.set(soc, { h: row.h + h, low: Math.min(row.low, temp), high: Math.max(row.high, temp) });
  }
  return [...bySoc].sort((a, b) => b[0] - a[0]).map(([soc, { h, low, high }]) => [`${soc}–${soc + SOC_STEP} %`, `${num(low)}–${num(high + TEMP_STEP)} °C`, unit(h, 1, 'h')]);
};

function LifeChart({ about, life, limits }) {
  const [ref, width] = useWidth();
  const of = (name) => limits[name].value;
  const charge = { low_c: of('charge_min_c'), high_c: of('charge_max_c'), from_pct: 0, to_pct: of('ceiling_pct') };
  const discharge = { low_c: of('discharge_min_c'), high_c: of('discharge_max_c'), from_pct: of('reserve_pct'), to_pct: 100 };
  const last = about.last ?? about, isOld = isCut.value || about.soc_pct === null;
  const at = last.soc_pct === null || last.soc_pct === undefined ? null : { soc_pct: last.soc_pct, temp_c: last.temp_c, isOld };
  const now = at ? `${pct(at.soc_pct)}, ${celsius(at.temp_c)}` : '', age = ageWords(ageOf(about), isOld);
  const label = [t('battery.lifeLabel'), at && t('battery.lifeNow', { now: `${now}, ${age}` }), t('battery.lifeLimits', { low: num(charge.low_c), high: num(charge.high_c), to: num(charge.to_pct), dLow: num(discharge.low_c), dHigh: num(discharge.high_c), from: num(discharge.from_pct) })].filter(Boolean).join(' ');
  return html`<div class="chart" ref=${ref}>${width > 0 && html`<${Life} width=${width} hours=${life.hours} charge=${charge} discharge=${discharge} at=${at} label=${label} text=${now} age=${age} />`}</div>
    <p class="sm mut">${life.hours.size ? t('battery.lifeHow') : t('battery.lifeNone')}</p><${Table} heads=${[t('battery.charge'), t('battery.temp'), t('battery.hours')]} rows=${lifeRows(life.hours)} />`;
}

/* ---- limits ---- */

const LIMITS = ['ceiling_pct', 'reserve_pct', 'charge_max_c', 'charge_min_c', 'discharge_max_c', 'discharge_min_c'];

function limitRow(about, name, { value, release, place }) {
  const show = (n) => (name.endsWith('_c') ? celsius(n) : pct(n, Number.isInteger(n) ? 0 : 1));
  const source = place === 'preset' ? t('battery.fromPreset', { chemistry: chemistryWords(about) }) : placeWords(place);
  return html`<tr><td>${t(`battery.limits.${name}`)}<small>${source}</small></td><td class="r"><b>${show(value)}</b></td><td class="r">${show(release)}</td></tr>`;
}

const chemistryWords = (about) => t(`battery.chemistries.${about.chemistry.replaceAll('-', '_')}`);

function Limits({ list, limits, about }) {
  const stale = list.find((one) => one.name === 'stale_after_s');
  const { value, place } = holding(stale, about.id);
  return html`<div class="scroll" tabindex="0" role="region" aria-label=${t('battery.limitsTitle')}><table class="tbl"><thead><tr><th scope="col">${t('battery.limit')}</th><th scope="col" class="r">${t('battery.stops')}</th><th scope="col" class="r">${t('battery.again')}</th></tr></thead><tbody>
    ${LIMITS.map((name) => limitRow(about, name, limits[name]))}<tr><td>${t('battery.limits.stale_after_s')}<small>${place === 'preset' ? t('battery.usual') : placeWords(place)}</small></td><td class="r"><b>${unit(value, 0, 's')}</b></td><td class="r">${t('battery.twoReadings')}</td></tr></tbody></table></div>
    <p class="sm mut para">${t('battery.narrower')}</p>`;
}

export default function Battery() {
  const about = battery();
  const { data: life } = useRead(() => (about ? readLife(about.id) : Promise.resolve(null)), [about?.id], 5 * 60000);
  const { data: limits } = useRead(() => (about ? readLimits(about.id) : Promise.resolve(null)), [about?.id, house.value?.settings_etag]);
  const { data: settings } = useRead(readSettings, [house.value?.settings_etag]);
  if (!about) return html`<div class="page"><header><h1>${t('tabs.battery')}</h1></header><p class="lede">${t(house.value ? 'history.nothing' : 'gate.starting')}</p></div>`;
  const what = about.capacity_wh ? t('battery.what', { kwh: num(about.capacity_wh / 1000, 1), chemistry: chemistryWords(about) }) : chemistryWords(about);
  return html`<div class="page"><header><h1>${t('battery.title', { id: about.id })}</h1><${BatteryPick} /><span class="mut">${what}</span></header>
    <section class="sec"><h2 class="vh">${t('battery.facts')}</h2><${Facts} facts=${facts(about, life)} /></section>
    <div class="split"><section class="sec"><h2>${t('battery.lived', { n: DAYS })}</h2>${life && limits ? html`<${LifeChart} about=${about} life=${life} limits=${limits} />` : html`<p class="mut" role="status">${t('history.reading')}</p>`}</section>
    <section class="sec"><h2>${t('battery.limitsTitle')}</h2>${settings && limits && html`<${Limits} list=${settings.list} limits=${limits} about=${about} />`}</section></div>
    <section class="sec"><h2>${t('battery.healthTitle')}</h2><p class="mut">${t('battery.healthNeeds')}</p></section></div>`;
}
