/* What comes: the plan that is in force, or what it lacks; and who decides where it does not. */
import { html, useMemo } from '../view.js';
import { house, houseTime } from '../live.js';
import { link } from '../router.js';
import { has, clock, pct, t } from '../words.js';
import { capital, modeWords, priceWords, readPlan, sentence, stretchesOf, whenWords } from '../plan-data.js';
import { whyWords } from '../reasons.js';
import { offset_s } from '../zone.js';
import { Icon } from '../parts/Icon.js';
import { Tag } from '../parts/Tag.js';
import { problemWords } from '../parts/gate.js';
import { openSheet } from '../parts/Sheet.js';
import { useRead } from '../parts/read.js';
import { readSettings, valueOf } from '../parameters.js';
import { battery, BatteryPick } from '../which.js';
import { WhatIf } from './plan-if.js';
import { PlanLanes } from './plan-lanes.js';
import { Why } from './plan-why.js';
import { Worth } from './plan-worth.js';

const AGAIN_MS = 30000;
const CHANGES = 6;
const ICONS = { prices: 'plan', clock: 'clock', battery: 'battery' };

/* ---- without a plan ---- */

function ruleWords(about, list) {
  const of = (name) => pct(valueOf(list, name, about.id));
  if (['threshold', 'plan'].includes(about.logic) && list) return t('plan.rule', { below: of('charge_below_pct'), until: of('charge_until_pct'), above: of('discharge_above_pct'), down: of('discharge_until_pct') });
  if (about.logic === 'schedule') return valueOf(list, 'schedule', about.id) ? t('plan.schedule', { windows: valueOf(list, 'schedule', about.id) }) : t('plan.scheduleEmpty');
  return about.logic === 'monitor' ? t('plan.monitor') : '';
}

/* What is missing, by the daemon's own word; a word that is newer than this page stands as it is. */
const Need = ({ need }) => html`<li><${Icon} name=${ICONS[need.split('.')[0]] ?? 'meter'} /><div><h3>${has(`plan.needs.${need}`) ? t(`plan.needs.${need}`) : need}</h3>${has(`plan.why.${need}`) && html`<p class="mut">${t(`plan.why.${need}`)}</p>`}</div><${Tag} kind="sk">${t('plan.notThere')}<//></li>`;

function NoPlan({ needs, meanwhile, about }) {
  const { data: settings } = useRead(readSettings);
  return html`<p class="lede">${t('plan.none')}</p><h2 class="vh">${t('plan.todo')}</h2><ul class="list">
    ${needs.map((need) => html`<${Need} need=${need} />`)}
    ${about && html`<li><${Icon} name="check" /><div><h3>${t(`plan.meanwhile.${has(`plan.meanwhile.${meanwhile}`) ? meanwhile : 'threshold'}`)}</h3><p class="mut">${ruleWords(about, settings?.list)}</p><p class="mut">${t('plan.safety')}</p><p class="acts"><a class="btn" href=${link('now')}>${t('plan.seeNow')}</a><a class="btn" href=${link('settings')}>${t('plan.seeRule')}</a></p></div></li>`}</ul>`;
}

/* ---- with one ---- */

/* Safety and people come first: { words } where one of them decides just now. */
function pausedBy(about) {
  const winner = house.value?.explain[about.id]?.decision?.winner;
  return ['safety', 'override', 'lockout'].includes(winner) ? t(`plan.paused.${winner === 'override' ? 'you' : 'safety'}`) : '';
}

/* Why it does not count; nothing where the words before say it. */
function whyOf({ why_reason: reason, why_meter: meter }) {
  if (meter) return t('plan.meterWrong', { meter: t(`nodes.meters.${meter.meter}`), what: t(`plan.trouble.${has(`plan.trouble.${meter.quality}`) ? meter.quality : 'missing'}`) });
  return reason ? `${capital(whyWords(reason))}.` : '';
}

/* The first words: what it does and will do, or why it does not. */
function Lede({ plan, meanwhile, about, stretches, now }) {
  const { state } = plan, paused = state === 'in-force' && pausedBy(about);
  const tag = paused ? 'plan.pausedTag' : { expired: 'plan.expiredTag', void: 'plan.voidTag', 'not-asked': 'plan.notAskedTag' }[state];
  if (!tag) return html`<p class="lede">${sentence(stretches, now)}</p>`;
  const decider = t(`plan.decider.${has(`plan.decider.${meanwhile}`) ? meanwhile : 'threshold'}`);
  const words = paused || t(`plan.state.${state}`, { at: whenWords(Date.parse(plan.valid_until), now), decider });
  return html`<p class="lede"><${Tag} kind=${state === 'not-asked' ? 'sk' : 'al'} icon=${state === 'not-asked' ? '' : 'warn'}>${t(tag)}<//> ${words}</p>
    ${state !== 'in-force' && html`<p class="sm mut after-lede">${whyOf(plan)}</p>`}
    ${state === 'not-asked' && html`<p>${sentence(stretches, now)}</p><p class="acts"><a class="btn pri" href=${link('settings')}>${t('plan.letIt')}</a></p>`}`;
}

const chargeAt = (points) => points[points.length - 1].soc;

function Change({ stretch, currency, now, onWhy }) {
  const buys = stretch.points.map((point) => point.buy).filter((buy) => buy !== null);
  const [low, high] = [Math.min(...buys), Math.max(...buys)].map((buy) => priceWords(buy, currency));
  const price = buys.length > 0 && t(low === high ? 'plan.priceIs' : 'plan.priceFrom', { low, high });
  const charge = chargeAt(stretch.points);
  return html`<li><span class="at">${whenWords(stretch.from, now)}</span><div><h3><button class="plain" type="button" aria-haspopup="dialog" onClick=${() => onWhy(stretch.from)}>${capital(modeWords(stretch.mode, stretch.level))}</button></h3>
    <p class="mut sm">${[price, charge !== null && t('plan.chargeThen', { pct: pct(charge) })].filter(Boolean).join('; ')}</p></div></li>`;
}

function Planned({ answer, about, now }) {
  const { plan, points, currency } = answer;
  const stretches = useMemo(() => stretchesOf(points), [points]);
  const onWhy = (at) => openSheet(Why, { about, point: points.find((point) => at < point.to), currency, now });
  const coming = stretches.filter((one) => one.from > now).slice(0, CHANGES);
  const time = (text) => { const at = Date.parse(text); return clock(at, offset_s(at)); };
  return html`<${Lede} plan=${plan} meanwhile=${answer.meanwhile} about=${about} stretches=${stretches} now=${now} />
    <${PlanLanes} points=${points} currency=${currency} about=${about} now=${now} onWhy=${onWhy} />
    <div class="split"><section class="sec"><h2>${t('plan.changes')}</h2>${coming.length ? html`<ol class="list when">${coming.map((stretch) => html`<${Change} stretch=${stretch} currency=${currency} now=${now} onWhy=${onWhy} />`)}</ol>` : html`<p>${t('plan.noChange')}</p>`}</section>
    <${Worth} plan=${plan} about=${about} currency=${currency} hours=${(points[points.length - 1].to - points[0].from) / 3600000}><p class="sm mut">${t('plan.made', { at: time(plan.made_at), until: time(plan.valid_until), n: plan.days_known ?? 0 })}</p><//></div><${WhatIf} about=${about} currency=${currency} />`;
}

export default function Plan() {
  const about = battery();
  const { data, problem } = useRead(() => readPlan(about?.id), [about?.id], AGAIN_MS);
  const now = houseTime();
  const isPlanned = data?.plan && data.points.length > 0 && about;
  const body = problem && !data ? html`<p class="lede">${problemWords(problem)}</p>`
    : !data ? html`<p class="lede mut" role="status">${t('plan.reading')}</p>`
      : isPlanned ? html`<${Planned} key=${about.id} answer=${data} about=${about} now=${now} />`
        : html`<${NoPlan} needs=${data.needs ?? []} meanwhile=${data.meanwhile ?? about?.logic} about=${about} />`;
  return html`<div class="page"><header><h1>${t('tabs.plan')}</h1><${BatteryPick} /></header>${body}</div>`;
}
