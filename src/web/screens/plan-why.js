/* Why a plan does what it does at one time: what it knew, what holds it back, what else would cost. */
import { html } from '../view.js';
import { has, kw, num, pct, t } from '../words.js';
import { capital, modeWords, money, priceWords, readExplain, whenWords } from '../plan-data.js';
import { Facts } from '../parts/Facts.js';
import { problemWords } from '../parts/gate.js';
import { useRead } from '../parts/read.js';
import { SheetHead } from '../parts/Sheet.js';

/* Of the inputs only what it had; load, sun and charge are three numbers, the likely one between two ends. */
function inputFacts({ buy, sell, cheapest, dearest, load_w, pv_w, soc_pct }, currency, now) {
  const band = (name, three, format, unit) => (three ? [{ name: t(`plan.input.${name}`), value: format(three[1]), unit, note: `${format(three[0])}–${format(three[2])}` }] : []);
  const price = (name, value, at) => (value === null ? [] : [{ name: t(`plan.input.${name}`), value: priceWords(value, currency), note: at && whenWords(Date.parse(at), now) }]);
  return [...price('buy', buy), ...price('sell', sell), ...price('cheapest', cheapest.buy, cheapest.at), ...price('dearest', dearest.buy, dearest.at), ...band('sun', pv_w, kw, 'kW'), ...band('home', load_w, kw, 'kW'), ...band('charge', soc_pct, num, '%')];
}

const valueWords = ({ value, unit }) => (value === null ? '' : unit === '%' ? pct(value) : `${num(value)}\u00a0${unit}`);
const bindingWords = (one) => (has(`plan.limits.${one.limit}`) ? t(`plan.limits.${one.limit}`, { value: valueWords(one) }) : one.words ?? one.limit);

/* "0.12 € more", "0.03 € less": losses like wins. */
const costWords = (costs, currency) => (Math.abs(costs) < 0.005 ? t('plan.costs.same') : t(costs > 0 ? 'plan.costs.more' : 'plan.costs.less', { money: money(costs, currency) }));

const Else = ({ list, currency }) => html`<section class="sec"><h3>${t('plan.else')}</h3><ul class="else">${list.map((one) => html`<li><span>${has(`plan.modes.${one.mode}`) ? capital(modeWords(one.mode, one.level_pct ?? null)) : one.words}</span><b>${costWords(one.costs, currency)}</b></li>`)}</ul></section>`;

function Content({ why, point, currency, now }) {
  const { binding } = why, alternatives = why.alternatives.filter((one) => one.mode !== why.mode && one.costs !== null);
  const { buy, dearest, cheapest } = why.inputs;
  const because = buy !== null && has(`plan.because.${why.mode}`) ? t(`plan.because.${why.mode}`, { buy: priceWords(buy, currency), dear: priceWords(dearest.buy, currency), dearAt: whenWords(Date.parse(dearest.at), now), cheap: priceWords(cheapest.buy, currency), cheapAt: whenWords(Date.parse(cheapest.at), now) }) : '';
  return html`<p class="because">${because || capital(modeWords(point.mode, point.level))}</p>
    <section class="sec"><h3>${t('plan.knew')}</h3><${Facts} facts=${inputFacts(why.inputs, currency, now)} /></section>
    <section class="sec"><h3>${t('plan.binds')}</h3>${binding.length ? html`<ul>${binding.map((one) => html`<li>${bindingWords(one)}</li>`)}</ul>` : html`<p>${t('plan.bindsNothing')}</p>`}</section>
    ${alternatives.length > 0 && html`<${Else} list=${alternatives} currency=${currency} />`}
    <p class="sm mut">${t('plan.ofNumber', { number: why.number })}</p>`;
}

export function Why({ about, point, currency, now }) {
  const { data, problem } = useRead(() => readExplain(about.id, point.from), [about.id, point.from]);
  return html`<${SheetHead} title=${t('plan.whyTitle', { when: whenWords(point.from, now), what: modeWords(point.mode, point.level) })} />
    ${problem ? html`<p>${problemWords(problem)}</p>` : data ? html`<${Content} why=${data} point=${point} currency=${currency} now=${now} />` : html`<p class="mut" role="status">${t('plan.reading')}</p>`}`;
}
