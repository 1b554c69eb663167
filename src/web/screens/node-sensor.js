/* A battery's sensor in the list of nodes. */
import { html } from '../view.js';
import { ageOf, house, isCut } from '../live.js';
import { num, span, t, unit } from '../words.js';
import { Age } from '../parts/Age.js';
import { NodeRow } from '../parts/NodeRow.js';
import { useRead } from '../parts/read.js';
import { openSheet } from '../parts/Sheet.js';
import { ForgetSheet } from './node-admit.js';
import { minutesOf } from '../node-minutes.js';

const AGAIN_MS = 30000;

function tagOf(node, age_s, most_s) {
  if (isCut.value) return { words: t('nodes.notKnown'), kind: 'sk', icon: 'clock' };
  if (age_s === null) return { words: t('nodes.neverHeard'), kind: 'sk', icon: 'clock' };
  if (age_s > most_s) return { words: t('nodes.silent', { age: span(age_s) }), kind: 'al', icon: 'clock' };
  if (node.presence === 'offline') return { words: t('nodes.offline'), kind: 'al', icon: 'warn' };
  return { words: t('nodes.heard'), icon: 'check' };
}

function advice(node, age_s, most_s) {
  if (age_s !== null && age_s <= most_s) return null;
  if (node.presence === 'offline') return t('nodes.adviceOffline');
  return age_s === null ? t('nodes.adviceNever', { address: node.address }) : t('nodes.adviceSilent');
}

export function SensorRow({ node }) {
  const about = house.value.state.batteries.find((one) => one.id === node.battery);
  const most_s = about?.stale_after_s ?? 90;
  const age_s = ageOf(node);
  const { data: minutes } = useRead(() => minutesOf(node.node), [node.node], AGAIN_MS);
  const isOld = isCut.value || (age_s !== null && age_s > most_s);
  const facts = [[t('nodes.lastReading'), html`<${Age} of=${node} isOld=${isOld} />`], [t('nodes.every'), node.interval_s ? unit(Math.round(node.interval_s * 10) / 10, Number.isInteger(Math.round(node.interval_s * 10) / 10) ? 0 : 1, 's') : '–'],
    ...(node.interval_confirmed === false ? [[t('nodes.askedEvery'), unit(node.interval_set_s, 0, 's')]] : []),
    [t('nodes.countsFor'), unit(most_s, 0, 's')], [t('nodes.missed'), num(node.missing_readings)], [t('nodes.by'), node.transport.toUpperCase()]];
  return html`<${NodeRow} icon="sensor" title=${t('nodes.sensor', { id: node.node })} tag=${tagOf(node, age_s, most_s)} facts=${facts} minutes=${minutes} advice=${advice(node, age_s, most_s) ?? (node.admitted ? t('nodes.watchedOnly') : null)}>
    ${node.admitted && html`<button class="btn" type="button" aria-haspopup="dialog" onClick=${() => openSheet(ForgetSheet, { node: node.node })}>${t('nodes.forget')}</button>`}<//>`;
}
