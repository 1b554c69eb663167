/* Nothing is configured yet: the same picture, all of it dotted, and what is to be done, in order. */
import { html } from '../view.js';
import { house } from '../live.js';
import { link } from '../router.js';
import { span, t } from '../words.js';
import { Icon } from '../parts/Icon.js';
import { Scene } from '../parts/Scene.js';
import { firstPicture } from './now-model.js';

function Step({ n, state, title, more }) {
  return html`<li><span class=${`no ${state}`}>${state === 'ok' ? html`<${Icon} name="check" small />` : n}</span><div><h2>${title}</h2><p class="sm mut">${more}</p></div></li>`;
}

export default function FirstRun() {
  const { state, nodes } = house.value, { broker } = state, strangers = nodes.filter((node) => node.kind === 'unknown');
  const isUp = broker.connected;
  return html`<div class="now-page"><div class="now first"><${Scene} picture=${firstPicture()} />
    <div class="why"><h1>${t('access.first.title')}</h1><p class="lede mut">${t('access.first.lede')}</p>
    <ol class="steps">
      <${Step} n="1" state=${isUp ? 'ok' : 'wait'} title=${t(isUp ? 'access.first.running' : 'access.first.broker')} more=${isUp ? t('access.first.runningMore', { port: broker.port, age: span(state.uptime_s) }) : t('access.first.brokerMore', broker)} />
      <${Step} n="2" state=${strangers.length ? 'ok' : 'wait'} title=${t('access.first.sensor')} more=${strangers.length ? t('access.first.sensorHeard', { nodes: strangers.map((node) => node.node).join(', ') }) : t('access.first.sensorMore', { topic: 'amphora/+/battery', age: span(state.uptime_s) })} />
      <${Step} n="3" state="" title=${t('access.first.relay')} more=${t('access.first.relayMore')} />
      <${Step} n="4" state="" title=${t('access.first.chemistry')} more=${t('access.first.chemistryMore')} />
    </ol>
    <p class="sm mut">${t('access.first.how')}</p><p class="acts"><a class="btn pri" href=${link('setup')}>${t('access.first.setup')}</a> <a class="btn" href=${link('nodes')}>${t('access.first.nodes')}</a> <a class="btn" href=${link('login')}>${t('access.login.title')}</a></p></div></div></div>`;
}
