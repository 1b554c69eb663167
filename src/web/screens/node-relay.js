/* A relay in the list of nodes: what was asked, what it says it is. */
import { html } from '../view.js';
import { get } from '../api.js';
import { house, isCut, leftOf } from '../live.js';
import { num, span, t } from '../words.js';
import { Age } from '../parts/Age.js';
import { NodeRow } from '../parts/NodeRow.js';
import { useRead } from '../parts/read.js';
import { openSheet } from '../parts/Sheet.js';
import { TrialSheet } from './node-trial.js';
import { ForgetSheet } from './node-admit.js';
import { today } from './now-strip.js';

const AGAIN_MS = 30000;

const stateWords = (state) => t(state === null ? 'nodes.unknown' : state ? 'nodes.on' : 'nodes.off');

function tagOf(relay) {
  if (isCut.value) return { words: t('nodes.notKnown'), kind: 'sk', icon: 'clock' };
  if (relay.phase === 'timeout') return { words: t('nodes.noAnswer'), kind: 'al', icon: 'warn' };
  if (relay.phase === 'mismatch') return { words: t('nodes.doesNotFollow'), kind: 'al', icon: 'warn' };
  if (relay.heard_age_s === null) return { words: t('nodes.neverHeard'), kind: 'sk', icon: 'clock' };
  if (['requested', 'sent', 'acked'].includes(relay.phase)) return { words: t('nodes.pending'), kind: 'sk', icon: 'clock' };
  return { words: t('nodes.heard'), icon: 'check' };
}

function advice(relay) {
  if (relay.phase === 'timeout') return t('nodes.adviceNoAnswer');
  if (relay.phase === 'mismatch') return t('nodes.adviceMismatch', { asked: stateWords(relay.wished), is: stateWords(relay.last_state ?? relay.state) });
  return null;
}

function leaseWords(relay) {
  if (relay.lease === 'none') return t('nodes.noLease');
  const left_s = leftOf(relay, 'lease_left_s');
  return left_s === null ? t('nodes.leaseNone') : t('nodes.leaseLeft', { left: span(left_s) });
}

/* For how long it was on today, in s; null: not known. One that said nothing today is as it was before. */
async function onToday({ id, state }) {
  const { start, now_ms } = today();
  const { columns } = await get(`series?node=${id}&kind=relay&from=${Math.round(start)}&to=${Math.round(now_ms)}&points=1`);
  return columns.on_s[0] ?? (state === false ? 0 : null);
}

export function RelayRow({ relay }) {
  const most = house.value.state.switches_per_day;
  const isWatched = house.value.state.batteries.find(({ id }) => id === relay.battery)?.logic === 'monitor';
  const { data: on_s } = useRead(() => onToday(relay), [relay.id, relay.state], AGAIN_MS);
  const facts = [[t('nodes.asked'), stateWords(relay.wished)], [t('nodes.is'), stateWords(isCut.value ? null : relay.state)], [t('nodes.readBack'), html`<${Age} of=${relay} field="heard_age_s" isOld=${isCut.value || relay.state === null} />`],
    [t('nodes.lease'), leaseWords(relay)], [t('nodes.switchesToday'), most ? t('nodes.of', { n: relay.switches_today, of: most }) : num(relay.switches_today)], ...(on_s === null ? [] : [[t('nodes.onToday'), span(on_s)]]),
    ...(relay.timeouts ? [[t('nodes.timeouts'), num(relay.timeouts)]] : []), ...(relay.mismatches ? [[t('nodes.mismatches'), num(relay.mismatches)]] : [])];
  const isAdmitted = house.value.nodes.some((node) => node.kind === 'relay' && node.admitted && node.node === relay.id);
  return html`<${NodeRow} icon="relay" title=${t(relay.role === 'load' ? 'nodes.relayLoad' : 'nodes.relaySource', { id: relay.id })} tag=${tagOf(relay)} facts=${facts} advice=${advice(relay) ?? (isAdmitted ? t('nodes.letInHere') : null)}>
    ${isWatched && html`<button class="btn" type="button" aria-haspopup="dialog" onClick=${() => openSheet(TrialSheet, { relay })}>${t('nodes.trial')}</button>`}${isAdmitted && html`<button class="btn" type="button" aria-haspopup="dialog" onClick=${() => openSheet(ForgetSheet, { node: relay.id, relay })}>${t('nodes.forget')}</button>`}<//>`;
}
