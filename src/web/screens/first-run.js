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
  const isUp = broker.connected, w = (key, values) => t(`access.first.${key}`, values);
  return html`<div class="now-page"><div class="now first"><${Scene} picture=${firstPicture()} />
    <div class="why"><h1>${w('title')}</h1><p class="lede mut">${w('lede')}</p>
    <ol class="steps">
      <${Step} n="1" state=${isUp ? 'ok' : 'wait'} title=${w(isUp ? 'running' : 'broker')} more=${isUp ? w('runningMore', { port: broker.port, age: span(state.uptime_s) }) : w('brokerMore', broker)} />
      <${Step} n="2" state=${strangers.length ? 'ok' : 'wait'} title=${w('sensor')} more=${strangers.length ? w('sensorHeard', { nodes: strangers.map((node) => node.node).join(', ') }) : w('sensorMore', { topic: 'amphora/+/battery', age: span(state.uptime_s) })} />
      <${Step} n="3" state="" title=${w('relay')} more=${w('relayMore')} />
      <${Step} n="4" state="" title=${w('chemistry')} more=${w('chemistryMore')} />
    </ol>
    <p class="sm mut">${w('how', { file: w('file') })}</p><p class="acts"><a class="btn pri" href=${link('nodes')}>${w('nodes')}</a> <a class="btn" href=${link('login')}>${t('access.login.title')}</a></p></div></div></div>`;
}
