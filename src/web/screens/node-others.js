/* Meters, the broker, and strangers in the list of nodes. */
import { html } from '../view.js';
import { ageOf, isCut } from '../live.js';
import { celsius, kw, num, partOf, pct, span, t } from '../words.js';
import { Age } from '../parts/Age.js';
import { Icon } from '../parts/Icon.js';
import { NodeRow } from '../parts/NodeRow.js';
import { useRead } from '../parts/read.js';
import { openSheet, SheetHead } from '../parts/Sheet.js';
import { AdmitSheet, Lines } from './node-admit.js';
import { minutesOf } from '../node-minutes.js';

const AGAIN_MS = 30000;

/* ---- meters ---- */

function MeterRow({ name, meter }) {
  const { data: minutes } = useRead(() => minutesOf(name, true), [name], AGAIN_MS);
  const isOld = isCut.value || meter.power_w === null, part = isOld ? null : partOf(meter), isWrong = !isOld && /suspect|frozen/.test(meter.quality);
  const words = isCut.value ? t('nodes.notKnown') : isOld ? t('nodes.silent', { age: span(ageOf(meter)) }) : isWrong ? t('now.picture.doubt') : part ? t('nodes.partHeard', { part }) : t('nodes.heard');
  const advice = isWrong ? t('nodes.adviceWrong') : part ? t('nodes.partSilent', { n: meter.silent.length, names: meter.silent.join(', ') }) : null;
  return html`<${NodeRow} icon="meter" title=${t(`nodes.meters.${name}`)} tag=${{ words, kind: isOld || isWrong ? 'al' : part ? 'sk' : '', icon: isWrong ? 'warn' : isOld || part ? 'clock' : 'check' }} facts=${[[t('nodes.lastReading'), html`<${Age} of=${meter} isOld=${isOld} />`], [t('nodes.says'), isOld ? '–' : `${kw(meter.power_w)}\u00a0kW`]]} minutes=${minutes} advice=${advice} />`;
}

const METERS = ['pv', 'load', 'grid'];

export function MeterRows({ meters }) {
  const all = METERS.filter((name) => meters?.[name]).map((name) => [name, meters[name]]);
  const heard = all.filter(([, meter]) => meter.age_s !== null);
  if (!heard.length) return html`<li><${Icon} name="meter" /><div><h3>${t('nodes.noMeter')}</h3><p class="sm mut">${t('nodes.noMeterWhy')}</p></div><span class="tag sk">${t('nodes.notThere')}</span></li>`;
  const missing = all.filter(([, meter]) => meter.age_s === null);
  return html`${heard.map(([name, meter]) => html`<${MeterRow} key=${name} name=${name} meter=${meter} />`)}${missing.map(([name]) => html`<li><${Icon} name="meter" /><div><h3>${t(`nodes.meters.${name}`)}</h3></div><span class="tag sk">${t('nodes.notThere')}</span></li>`)}`;
}

/* ---- the broker ---- */

export function BrokerRow({ broker }) {
  if (!broker.configured) return html`<li><${Icon} name="broker" /><div><h3>${t('nodes.noBroker')}</h3></div><span class="tag sk">${t('nodes.notThere')}</span></li>`;
  const tag = isCut.value ? { words: t('nodes.notKnown'), kind: 'sk', icon: 'clock' } : broker.connected ? { words: t('nodes.connected'), icon: 'check' } : { words: t('nodes.away'), kind: 'al', icon: 'warn' };
  const facts = [[t('nodes.address'), `${broker.host}:${broker.port}`], [t('nodes.waiting'), num(broker.backlog)], [t('nodes.connects'), num(broker.connects)]];
  return html`<${NodeRow} icon="broker" title=${t('nodes.broker')} tag=${tag} facts=${facts} advice=${!broker.connected && !isCut.value ? t(broker.retry_s === null ? 'nodes.adviceBroker' : 'nodes.adviceBrokerIn', { left: span(broker.retry_s ?? 0) }) : null} />`;
}

/* ---- strangers ---- */

function RefuseSheet({ node, close }) {
  return html`<${SheetHead} title=${t('nodes.refuseTitle', { id: node.node })} /><p>${t('nodes.refuseHow')}</p>
    <${Lines}>${'mqtt:\n  unknown_nodes: refuse'}<//>
    <p class="sm mut">${t('nodes.refuseThen')}</p><p class="acts"><button class="btn pri" type="button" onClick=${close}>${t('shell.close')}</button></p>`;
}

export function StrangerRow({ node }) {
  const facts = [[t('nodes.heardAge'), html`<${Age} of=${node} isOld=${isCut.value} />`], [t('nodes.readings'), num(node.readings)], [t('nodes.says'), `${pct(node.soc_pct, 1)}, ${celsius(node.temp_c)}`]];
  return html`<${NodeRow} icon="sensor" title=${t('nodes.stranger', { id: node.node })} tag=${{ words: t('nodes.notYours'), kind: 'sk' }} facts=${facts} advice=${t('nodes.notActedOn')}>
    <button class="btn" type="button" aria-haspopup="dialog" onClick=${() => openSheet(AdmitSheet, { node })}>${t('nodes.admit')}</button><button class="btn" type="button" aria-haspopup="dialog" onClick=${() => openSheet(RefuseSheet, { node })}>${t('nodes.refuse')}</button><//>`;
}
