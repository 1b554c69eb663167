/* Devices of other makes on the broker: looked for when somebody asks, and shown with their lines. Nothing is bound here. */
import { html } from '../view.js';
import { celsius, kw, num, pct, t } from '../words.js';
import { useAsked } from '../parts/asked.js';
import { Button } from '../parts/Button.js';
import { foreign } from '../parts/Foreign.js';
import { problemWords } from '../parts/gate.js';
import { NodeRow } from '../parts/NodeRow.js';
import { openSheet, SheetHead } from '../parts/Sheet.js';
import { Lines } from './node-admit.js';

const LISTEN_S = 15;
const ICONS = { battery: 'sensor', relay: 'relay', meter: 'meter', other: 'sensor' };

const POWERS = ['power_w', 'grid_w', 'pv_w', 'load_w'];

export const says = ({ soc_pct, temp_c, state, ...rest }) => [
  soc_pct === undefined ? null : pct(soc_pct, 1), temp_c === undefined ? null : celsius(temp_c),
  state === undefined ? null : t(state ? 'nodes.on' : 'nodes.off'),
  ...POWERS.filter((name) => rest[name] !== undefined).map((name) => `${kw(rest[name])}\u00a0kW`),
].filter(Boolean).join(', ') || '–';

function LinesSheet({ device, close }) {
  return html`<${SheetHead} title=${t('nodes.linesTitle', { id: device.id })} /><p>${t('nodes.linesHow')}</p><${Lines}>${device.config}<//>
    ${device.opens_by_itself === false && html`<p class="sm">${t('nodes.opensNot')}</p>`}<p class="acts"><button class="btn pri" type="button" onClick=${close}>${t('shell.close')}</button></p>`;
}

function DeviceRow({ device }) {
  const tag = device.only_retained ? { words: t('nodes.onlyRetained'), kind: 'sk', icon: 'clock' } : { words: t('nodes.notYours'), kind: 'sk' };
  return html`<${NodeRow} icon=${ICONS[device.kind]} title=${t(`nodes.found.${device.kind}`, { id: device.id })} tag=${tag} facts=${[[t('nodes.by'), device.profile], [t('nodes.says'), says(device.values)]]}>
    <button class="btn" type="button" aria-haspopup="dialog" onClick=${() => openSheet(LinesSheet, { device })}>${t('nodes.showLines')}</button><//>`;
}

export function Detect() {
  const { told, problem, isBusy, ask } = useAsked('detections', 'listening');
  return html`<h2 class="sub">${t('nodes.detectTitle')}</h2><p class="sm mut">${t('nodes.detectHow')}</p>
    ${told?.state === 'done' && (told.devices.length ? html`<ul class="list">${told.devices.map((device) => html`<${DeviceRow} key=${device.id} device=${device} />`)}</ul>` : html`<p class="mut">${t('nodes.nothingFound', { n: num(told.topics) })}</p>`)}
    <div class="acts">${isBusy ? html`<p class="sm" role="status">${t('nodes.listening', { s: LISTEN_S })}</p>` : html`<${Button} onClick=${() => ask(`?seconds=${LISTEN_S}`)}>${t('nodes.detect')}<//>`}</div>
    ${told?.state === 'failed' && html`<p class="sm" role="alert">${foreign(told.detail)}</p>`}${problem && html`<p class="sm" role="alert">${problemWords(problem)}</p>`}`;
}
