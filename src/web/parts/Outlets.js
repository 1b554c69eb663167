/* Where alerts go: each outlet, and whether its last one arrived. */
import { html } from '../view.js';
import { clock, day, has, t } from '../words.js';
import { offset_s } from '../zone.js';
import { Icon } from './Icon.js';
import { Tag } from './Tag.js';

const KIND_ICONS = { mqtt: 'broker' };

const atWords = (time) => { const ms = Date.parse(time); return `${day(ms, offset_s(ms))}, ${clock(ms, offset_s(ms))}`; };

function Outlet({ outlet }) {
  const { name, kind, last, waiting = 0 } = outlet;
  const words = !last ? t('alerts.neverSent') : t(last.ok ? 'alerts.arrived' : 'alerts.notArrived', { at: atWords(last.at), detail: last.detail ?? '' });
  return html`<li><${Icon} name=${KIND_ICONS[kind] ?? 'alerts'} /><div><h3>${name}</h3><p class="sm mut">${has(`alerts.kinds.${kind}`) ? t(`alerts.kinds.${kind}`) : kind}. ${words}${waiting > 0 ? ` ${t('alerts.waiting', { n: waiting })}` : ''}</p></div>
    ${!last ? html`<${Tag} kind="sk">${t('alerts.untried')}<//>` : last.ok ? html`<${Tag} icon="check">${t('alerts.works')}<//>` : html`<${Tag} kind="al" icon="warn">${t('alerts.fails')}<//>`}</li>`;
}

export function OutletList({ outlets }) {
  if (!outlets?.length) return html`<p class="mut">${t('alerts.noOutlets')}</p>`;
  return html`<ul class="list">${outlets.map((outlet) => html`<${Outlet} key=${outlet.name} outlet=${outlet} />`)}</ul>`;
}
