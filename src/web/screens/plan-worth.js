/* What the plan is worth: as expected, between what it will likely be, and what was measured so far; losses like wins. */
import { html } from '../view.js';
import { has, num, t } from '../words.js';
import { money, readWorth, signedMoney, WORTH_DAYS } from '../plan-data.js';
import { Facts } from '../parts/Facts.js';
import { useRead } from '../parts/read.js';

const AGAIN_MS = 300000;
const SAME = 0.005; /* money that is nearer is the same */

const notes = (...list) => list.filter(Boolean).join('; ');
const bill = (name, amount, currency, note) => ({ name, lead: amount < 0 ? t('plan.earned') : '', value: money(amount, currency), note });
const saved = (name, amount, currency, note) => ({ name, value: money(amount, currency), note: notes(t(amount < 0 ? 'plan.savedLess' : 'plan.savedMore'), note) });

/* "0.21–0.62 €"; with a sign in front of either, in words. */
const between = ([low, high], currency) => (low < 0 ? t('plan.between', { low: signedMoney(low, currency), high: signedMoney(high, currency) }) : `${num(low, 2)}–${money(high, currency)}`);

function rules({ expected }, currency) {
  const beside = (amount) => { const more = amount - expected.bill; return Math.abs(more) < SAME ? t('plan.besideSame') : t(more > 0 ? 'plan.besideMore' : 'plan.besideLess', { money: money(more, currency) }); };
  return (expected.rules ?? []).filter((rule) => typeof rule.bill === 'number').map((rule) => bill(has(`plan.rules.${rule.name}`) ? t(`plan.rules.${rule.name}`) : rule.name, rule.bill, currency, beside(rule.bill)));
}

const likelyFact = (ends, currency) => (ends ? { name: t('plan.savedLikely'), value: between(ends, currency), note: t('plan.eightInTen') } : { name: t('plan.savedLikely'), needs: t('plan.notYet'), note: t('plan.needsDays') });

const billFact = ({ bill: amount, bill_between }, currency, hours) => bill(t('plan.bill', { n: num(hours) }), amount, currency, notes(bill_between && `${between(bill_between, currency)}, ${t('plan.eightInTen')}`, t('plan.leftCounts')));

/* Saved, and the bill. */
function measuredFacts({ measured_s, currency, bill: paid, without_battery, expected_bill }) {
  const name = t('plan.measured', { n: WORTH_DAYS });
  if (!measured_s) return [{ name, needs: t('plan.notYet'), note: t('plan.needsMeters') }];
  return [saved(name, without_battery - paid, currency, t('plan.measuredOf', { n: num(measured_s / 86400, 1), of: WORTH_DAYS })),
    bill(t('plan.paid', { n: WORTH_DAYS }), paid, currency, t('plan.paidExpected', { money: signedMoney(expected_bill, currency) }))];
}

function worth({ expected }, measured, currency, hours) {
  const [savedSoFar, paid] = measured ? measuredFacts(measured) : [];
  return [saved(t('plan.saved'), expected.saved, currency), likelyFact(expected.saved_between, currency), savedSoFar, billFact(expected, currency, hours), paid, ...rules({ expected }, currency)].filter(Boolean);
}

/* What paths cost that are never closed together. */
const Paths = ({ cost, currency }) => html`<p class="sm para">${cost < SAME ? t('plan.pathsFree') : t('plan.pathsCost', { money: money(cost, currency) })}</p>`;

export function Worth({ plan, about, currency, hours, children }) {
  const { data: measured } = useRead(() => readWorth(about.id), [about.id], AGAIN_MS);
  const isKnown = typeof plan.expected?.bill === 'number';
  return html`<section class="sec"><h2>${t('plan.worth')}</h2>${isKnown ? html`<${Facts} facts=${worth(plan, measured, currency, hours)} />` : html`<p>${t('plan.noMoney')}</p>`}
    ${plan.paths && html`<${Paths} cost=${plan.paths.cost} currency=${currency} />`}${children}</section>`;
}
