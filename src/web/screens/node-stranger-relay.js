/* Relays that want to join, and looking for some at an address: let in with what they switch, only while they are off. */
import { html, useState } from '../view.js';
import { post } from '../api.js';
import { house, isCut } from '../live.js';
import { num, t } from '../words.js';
import { Age } from '../parts/Age.js';
import { useAsked } from '../parts/asked.js';
import { Button } from '../parts/Button.js';
import { Field, Word } from '../parts/Field.js';
import { problemWords } from '../parts/gate.js';
import { NodeRow } from '../parts/NodeRow.js';
import { openSheet, SheetHead } from '../parts/Sheet.js';
import { Act, ADMISSIONS } from './node-admit.js';

/* Why it cannot be let in as it is, or null. */
const hindrance = ({ on, trouble }) => (trouble ? t('nodes.relayTrouble', { why: trouble }) : on === null ? t('nodes.relayUnread') : on ? t('nodes.relayIsOn') : null);

function AdmitRelaySheet({ node: { node, address }, close }) {
  const batteries = house.value.state.batteries.map((one) => one.id);
  const [a, setAll] = useState({ role: '', battery: batteries.length === 1 ? batteries[0] : '' }), { role, battery } = a;
  const form = { a, set: (change) => setAll({ ...a, ...change }) }, unsaid = [['', '']];
  const now = house.value.nodes.find((one) => one.kind === 'unknown-relay' && one.address === address);
  const why = (now && hindrance(now)) ?? (role && battery ? null : t('nodes.relayAsk'));
  return html`<${SheetHead} title=${t('nodes.admitTitle', { id: node })} /><p>${t('nodes.relayHow', { address })}</p>
    <div class="login"><${Field} ...${form} name="role" label=${t('nodes.relayRole')} options=${[...unsaid, ['source', t('nodes.roleSource')], ['load', t('nodes.roleLoad')]]} />
    <${Field} ...${form} name="battery" label=${t('nodes.relayBattery')} options=${[...(battery ? [] : unsaid), ...batteries.map((id) => [id, id])]} />
    <${Word} ...${form} name="leaseless">${t('nodes.relayNoLease')}<//></div>
    <${Act} words=${t('nodes.admit')} why=${why} act=${() => post(ADMISSIONS, { node, role, battery, address, lease: a.leaseless ? 'none' : 'own' })} close=${close} />`;
}

export function RelayStrangerRow({ node }) {
  const is = node.on === null || isCut.value ? 'nodes.unknown' : node.on ? 'nodes.on' : 'nodes.off';
  return html`<${NodeRow} icon="relay" title=${t('nodes.strangerRelay', { id: node.node })} tag=${{ words: t('nodes.notYours'), kind: 'sk' }} facts=${[[t('nodes.is'), t(is)], [t('nodes.heardAge'), html`<${Age} of=${node} isOld=${isCut.value || !!node.trouble} />`], [t('nodes.address'), node.address]]} advice=${hindrance(node) ?? t('nodes.relayNot')}>
    <button class="btn" type="button" aria-haspopup="dialog" onClick=${() => openSheet(AdmitRelaySheet, { node })}>${t('nodes.admit')}</button><//>`;
}

const saidOf = ({ state, found, address, detail }) => (state === 'failed' ? t('nodes.lookFailed', { address, why: detail }) : t('nodes.lookFound', { n: num(found), address }));

export function Look() {
  const [address, setAddress] = useState('');
  const { told, problem, isBusy, ask } = useAsked('nodes/looks', 'looking');
  const look = () => ask('', { address: /:\/\//.test(address) ? address : `coap://${address.trim()}` });
  return html`<h2 class="sub">${t('nodes.lookTitle')}</h2><p class="sm mut" id="look-how">${t('nodes.lookHow')}</p>
    <input class="field" type="text" inputmode="url" autocapitalize="none" placeholder="192.168.1.40" aria-label=${t('nodes.lookAt')} aria-describedby="look-how" value=${address} onInput=${(event) => setAddress(event.target.value)} />
    <div class="acts">${isBusy ? html`<p class="sm" role="status">${t('nodes.looking', { address: told.address })}</p>` : html`<${Button} why=${address.trim() ? null : t('nodes.lookNeeds')} onClick=${look}>${t('nodes.look')}<//>`}</div>
    ${(problem || (told && !isBusy)) && html`<p class="sm" role=${problem ? 'alert' : 'status'}>${problem ? problemWords(problem) : saidOf(told)}</p>`}`;
}
