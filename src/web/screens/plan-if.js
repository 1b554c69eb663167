/* What the plan would come to with other limits, another battery or one price: only asked, nothing is changed. */
import { html, useState } from '../view.js';
import { get } from '../api.js';
import { num, t } from '../words.js';
import { centsIn, priceUnit, signedMoney } from '../plan-data.js';
import { Facts } from '../parts/Facts.js';
import { Field, number } from '../parts/Field.js';
import { problemWords } from '../parts/gate.js';

const ASKS = { reserve_pct: '%', ceiling_pct: '%', power_kw: 'kW', capacity_kwh: 'kWh', import: '' };

export function WhatIf({ about, currency }) {
  const [a, setA] = useState({});
  const [answer, setAnswer] = useState({});
  const ask = async (event) => {
    event.preventDefault();
    setAnswer({ isAsked: true });
    const asked = Object.entries(a).filter(([, text]) => text).map(([name, text]) => `&${name}=${number(text) / (name === 'import' ? centsIn(currency) : 1)}`);
    setAnswer(await get(`plan/what-if?battery=${about.id}${asked.join('')}`).catch((problem) => ({ problem })));
  };
  /* What would be, and below it what is. */
  const fact = (name, words) => ({ name: t(`plan.if.${name}`), value: words(answer.would[name]), note: t('plan.if.is', { value: words(answer.now[name]) }) });
  const amount = (value) => signedMoney(value, currency);
  return html`<section class="sec"><h2>${t('plan.if.title')}</h2><p class="sm mut">${t('plan.if.how')}</p><form onSubmit=${ask}><div class="facts">${Object.keys(ASKS).map((name) => html`<${Field} a=${a} set=${(one) => setA({ ...a, ...one })} name=${name} label=${`${t(`plan.if.${name}`)}, ${ASKS[name] || priceUnit(currency)}`} inputmode="decimal" />`)}</div><p class="acts"><button class="btn">${t('plan.if.ask')}</button></p></form>
    <div role="status">${answer.isAsked && t('plan.if.asked')}${answer.problem && problemWords(answer.problem)}${answer.would && html`<${Facts} facts=${[fact('bill', amount), fact('saved', amount), fact('cycles', (value) => num(value, 2))]} />`}</div></section>`;
}
