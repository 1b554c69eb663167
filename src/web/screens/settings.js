/* Settings: the parameter table by house and battery, and what is about this screen alone. */
import { html, useEffect, useState } from '../view.js';
import { house, onChange } from '../live.js';
import { t } from '../words.js';
import { problemWords, whyNot } from '../parts/gate.js';
import { useRead } from '../parts/read.js';
import { readSettings } from '../parameters.js';
import { batteries } from '../which.js';
import { Parameter } from './setting.js';
import { Access, Outlets, Phone, ThisScreen } from './settings-screen.js';

const GROUPS = [
  ['rule', ['logic', 'charge_below_pct', 'charge_until_pct', 'discharge_above_pct', 'discharge_until_pct', 'schedule']],
  ['limits', ['reserve_pct', 'ceiling_pct', 'charge_min_c', 'charge_max_c', 'discharge_min_c', 'discharge_max_c', 'hysteresis_pct', 'hysteresis_c', 'trips_per_day']],
  ['relays', ['dwell_s', 'switches_per_day']],
  ['sensors', ['stale_after_s', 'interval_s']],
];
const KNOWN = new Set(GROUPS.flatMap(([, names]) => names));
const AGAIN_MS = 15000;

function Scope({ scope, onPick }) {
  const names = batteries().map((one) => one.id);
  return html`<div class="seg" role="group" aria-label=${t('settings.scope')}>${['', ...names].map((name) => html`<button type="button" aria-pressed=${name === scope} onClick=${() => onPick(name)}>${name || t('settings.house')}</button>`)}</div>`;
}

export default function Settings() {
  const [scope, setScope] = useState('');
  const { data, problem, again } = useRead(readSettings, [house.value?.settings_etag], AGAIN_MS);
  useEffect(() => onChange((change) => { if (/setting/.test(change.kind)) again(); }), []);
  const list = data?.list ?? [];
  const groups = [...GROUPS, ['other', list.map((one) => one.name).filter((name) => !KNOWN.has(name))]];
  return html`<div class="page"><header><h1>${t('tabs.settings')}</h1><${Scope} scope=${scope} onPick=${setScope} /></header>
    <p class=${whyNot.value ? 'sm mut pin' : 'sm mut'} id="settings-why">${whyNot.value ?? t(scope ? 'settings.aboutBattery' : 'settings.aboutHouse', { id: scope })}</p>
    ${problem && !data && html`<p class="lede">${problemWords(problem)}</p>`}
    <div class="split w21"><div>${groups.map(([group, names]) => { const found = names.map((name) => list.find((one) => one.name === name)).filter(Boolean); return found.length > 0 && html`<section class="sec" key=${group}><h2>${t(`settings.groups.${group}`)}</h2>${found.map((parameter) => html`<${Parameter} key=${`${scope}/${parameter.name}`} parameter=${parameter} scope=${scope} etag=${data.etag ?? house.value?.settings_etag} again=${again} />`)}</section>`; })}</div>
    <div><${ThisScreen} /><${Phone} /><${Access} /><${Outlets} /></div></div></div>`;
}
