/* Nodes: who is there, how it was heard in the last hour, and who wants to join. */
import { html } from '../view.js';
import { house } from '../live.js';
import { t } from '../words.js';
import { SensorRow } from './node-sensor.js';
import { RelayRow } from './node-relay.js';
import { Detect } from './node-detect.js';
import { BrokerRow, MeterRows, StrangerRow } from './node-others.js';
import { Look, RelayStrangerRow } from './node-stranger-relay.js';

export default function Nodes() {
  const whole = house.value;
  const head = html`<header><h1>${t('tabs.nodes')}</h1></header>`;
  if (!whole) return html`<div class="page">${head}<p class="lede mut">${t('gate.starting')}</p></div>`;
  const of = (kind) => whole.nodes.filter((node) => node.kind === kind);
  const strangers = of('unknown'), relays = of('unknown-relay');
  return html`<div class="page">${head}<div class="split nodes"><section><h2 class="sub">${t('nodes.batteries')}</h2><ul class="list">
    ${of('sensor').map((node) => html`<${SensorRow} key=${node.battery} node=${node} />`)}
    ${whole.state.relays.map((relay) => html`<${RelayRow} key=${relay.id} relay=${relay} />`)}</ul></section>
    <section><h2 class="sub">${t('nodes.others')}</h2><ul class="list"><${MeterRows} meters=${whole.state.meters} /><${BrokerRow} broker=${whole.state.broker} /></ul>
    <h2 class="sub">${t('nodes.strangers')}</h2>${strangers.length + relays.length ? html`<ul class="list">${strangers.map((node) => html`<${StrangerRow} key=${node.node} node=${node} />`)}${relays.map((node) => html`<${RelayStrangerRow} key=${node.address} node=${node} />`)}</ul>` : html`<p class="mut">${t('nodes.noStrangers')}</p>`}<${Look} /><${Detect} /></section></div></div>`;
}
