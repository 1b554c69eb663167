/* What comes. There is no plan yet: what it needs, and who decides meanwhile. */
import { html } from '../view.js';
import { get } from '../api.js';
import { house } from '../live.js';
import { link } from '../router.js';
import { has, pct, t } from '../words.js';
import { Icon } from '../parts/Icon.js';
import { Tag } from '../parts/Tag.js';
import { useRead } from '../parts/read.js';
import { readSettings, valueOf } from '../parameters.js';
import { battery, BatteryPick } from '../which.js';

const ICONS = { meter: 'meter', prices: 'plan', forecast: 'cloud' };
const readPlan = () => get('plan').catch((problem) => { if (problem.status === 404) return null; throw problem; });
const hasMeters = () => ['pv', 'load', 'grid'].every((name) => house.value?.state.meters?.[name]?.age_s !== null && house.value?.state.meters?.[name] !== undefined);

/* What is missing by the daemon's own word, or else what it can be seen to lack. */
const needsOf = (plan) => plan?.needs?.map((need) => (typeof need === 'string' ? need : need.name ?? need.code)) ?? [...(hasMeters() ? [] : ['meter']), 'prices'];

function ruleWords(about, list) {
  const of = (name) => pct(valueOf(list, name, about.id));
  if (about.logic === 'threshold' && list) return t('plan.rule', { below: of('charge_below_pct'), until: of('charge_until_pct'), above: of('discharge_above_pct'), down: of('discharge_until_pct') });
  if (about.logic === 'schedule') return valueOf(list, 'schedule', about.id) ? t('plan.schedule', { windows: valueOf(list, 'schedule', about.id) }) : t('plan.scheduleEmpty');
  return about.logic === 'monitor' ? t('plan.monitor') : '';
}

const Need = ({ need }) => html`<li><${Icon} name=${ICONS[need] ?? 'meter'} /><div><h3>${has(`plan.needs.${need}`) ? t(`plan.needs.${need}`) : need}</h3>${has(`plan.why.${need}`) && html`<p class="mut">${t(`plan.why.${need}`)}</p>`}</div><${Tag} kind="sk">${t('plan.notThere')}<//></li>`;

export default function Plan() {
  const about = battery();
  const { data: plan } = useRead(readPlan);
  const { data: settings } = useRead(readSettings);
  const meters = hasMeters();
  return html`<div class="page"><header><h1>${t('tabs.plan')}</h1><${BatteryPick} /></header>
    <p class="lede">${t('plan.none')}</p><h2 class="vh">${t('plan.todo')}</h2><ul class="list">
    ${meters && html`<li><${Icon} name="meter" /><div><h3>${t('plan.metersHeard')}</h3><p class="mut">${t('plan.metersWhy')}</p></div><${Tag} icon="check">${t('plan.there')}<//></li>`}
    ${needsOf(plan).map((need) => html`<${Need} need=${need} />`)}
    ${about && html`<li><${Icon} name="check" /><div><h3>${t(`plan.meanwhile.${about.logic}`)}</h3><p class="mut">${ruleWords(about, settings?.list)}</p><p class="mut">${t('plan.safety')}</p><p class="acts"><a class="btn" href=${link('now')}>${t('plan.seeNow')}</a><a class="btn" href=${link('settings')}>${t('plan.seeRule')}</a></p></div></li>`}</ul></div>`;
}
