/* Where alerts go: each outlet, whether its last one arrived, and a test of them all. */
import { html, useState } from '../view.js';
import { post } from '../api.js';
import { clock, day, has, t } from '../words.js';
import { offset_s } from '../zone.js';
import { Button } from './Button.js';
import { HERE, withForeign } from './Foreign.js';
import { problemWords } from './gate.js';
import { Icon } from './Icon.js';
import { Tag } from './Tag.js';

const KIND_ICONS = { mqtt: 'broker' };

const atWords = (time) => { const ms = Date.parse(time); return `${day(ms, offset_s(ms))}, ${clock(ms, offset_s(ms))}`; };

function Outlet({ outlet }) {
  const { name, kind, last, waiting = 0 } = outlet;
  const words = !last ? t('alerts.neverSent') : last.ok ? t('alerts.arrived', { at: atWords(last.at) }) : withForeign(t('alerts.notArrived', { at: atWords(last.at), detail: HERE }), last.detail);
  return html`<li><${Icon} name=${KIND_ICONS[kind] ?? 'alerts'} /><div><h3>${name}</h3><p class="sm mut">${has(`alerts.kinds.${kind}`) ? t(`alerts.kinds.${kind}`) : kind}. ${words}${waiting > 0 ? ` ${t('alerts.waiting', { n: waiting })}` : ''}</p></div>
    ${!last ? html`<${Tag} kind="sk">${t('alerts.untried')}<//>` : last.ok ? html`<${Tag} icon="check">${t('alerts.works')}<//>` : html`<${Tag} kind="al" icon="warn">${t('alerts.fails')}<//>`}</li>`;
}

/* The answer comes when each has arrived or failed, half a minute at most; `again` reads how they are then. */
function Test({ again }) {
  const [isAsked, setAsked] = useState(false);
  const [problem, setProblem] = useState(null);
  async function test() {
    setAsked(true);
    setProblem(null);
    await post('alerts/test').catch(setProblem);
    setAsked(false);
    again();
  }
  return html`<div class="acts">${isAsked ? html`<p class="sm" role="status">${t('alerts.testing')}</p>` : html`<${Button} onClick=${test}>${t('alerts.test')}<//>`}${problem && html`<p class="sm" role="alert">${problemWords(problem)}</p>`}</div>`;
}

export function OutletList({ outlets, again }) {
  if (!outlets?.length) return html`<p class="mut">${t('alerts.noOutlets')}</p>`;
  return html`<ul class="list">${outlets.map((outlet) => html`<${Outlet} key=${outlet.name} outlet=${outlet} />`)}</ul>${again && html`<${Test} again=${again} />`}`;
}
