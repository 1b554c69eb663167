/* Alerts: what is open first, then what ended, then where they go. */
import { html } from '../view.js';
import { get } from '../api.js';
import { house, isCut, silence_s } from '../live.js';
import { ageWords, t } from '../words.js';
import { useRead } from '../parts/read.js';
import { OutletList } from '../parts/Outlets.js';
import { EndedAlert, OpenAlert } from './alert.js';

const AGAIN_MS = 30000;
const ENDED_MOST = 30;
const LEVELS = ['alarm', 'warning', 'notice'];

export default function Alerts() {
  const open = (house.value?.state.alerts ?? []).filter((alert) => alert.active).sort((a, b) => LEVELS.indexOf(a.level) - LEVELS.indexOf(b.level) || Date.parse(b.raised) - Date.parse(a.raised));
  const { data, again } = useRead(() => get('alerts'), [open.map((alert) => alert.id).join()], AGAIN_MS);
  const ended = (data?.alerts ?? []).filter((alert) => !alert.active).sort((a, b) => Date.parse(b.cleared) - Date.parse(a.cleared)).slice(0, ENDED_MOST);
  const checked = t('alerts.checked', { age: ageWords(silence_s.value) });
  return html`<div class="page"><header><h1>${t('tabs.alerts')}</h1></header><div class="split w21 xl"><div>
    <section class="sec"><h2>${!house.value ? t('gate.starting') : isCut.value ? t('alerts.notKnown') : open.length ? t('alerts.open') : t('alerts.nothing')}</h2>${open.length ? html`<ul class="list">${open.map((alert) => html`<${OpenAlert} key=${alert.id} alert=${alert} again=${again} />`)}</ul>` : house.value && html`<p class="mut">${checked}</p>`}</section>
    <section class="sec"><h2>${t('alerts.ended')}</h2>${ended.length ? html`<ul class="list">${ended.map((alert) => html`<${EndedAlert} key=${alert.id} alert=${alert} />`)}</ul>` : html`<p class="mut">${t('alerts.noneEnded')}</p>`}</section></div>
    <section class="sec"><h2>${t('alerts.outlets')}</h2><${OutletList} outlets=${data?.outlets} again=${again} /></section></div></div>`;
}
