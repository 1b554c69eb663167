/* Setting up: broker, battery, switches; then the file is written, and Amphora starts again with it and only watches. */
import { html, useEffect, useState } from '../view.js';
import { get, post, session } from '../api.js';
import { house } from '../live.js';
import { link } from '../router.js';
import { num, t } from '../words.js';
import { Button } from '../parts/Button.js';
import { Field, Made, number, Word } from '../parts/Field.js';
import { foreign } from '../parts/Foreign.js';
import { problemWords } from '../parts/gate.js';
import { Lines } from './node-admit.js';
import { says } from './node-detect.js';

const LISTEN_S = 12, ASK_MS = 1000, ROLES = ['source', 'load'], COAP = 'coap', RESERVE_PCT = 20;

/* ---- what is asked of the daemon ---- */

const brokerOf = ({ host, port, user, password }) => ({ host: host.trim(), port: number(port), ...(user && { user }), ...(user && password && { password }) });

/* Whether the switch that was chosen for `role` does not open by itself. */
const isLeaseless = (a, role, devices) => (a[role] === COAP ? !!a[`${role}Kind`] : devices.find(({ id }) => id === a[role])?.opens_by_itself === false);

function relayOf(a, role, devices) {
  const kind = a[`${role}Kind`] || null;
  const where = a[role] === COAP ? { uri: (a[`${role}Uri`] ?? '').trim(), kind, ...(kind && { value: a[`${role}Value`] ?? '' }) } : { device: a[role] };
  return { role, ...where, ...(isLeaseless(a, role, devices) && a[`${role}Word`] && { lease: 'none' }) };
}

const wishOf = (a, devices) => ({
  broker: brokerOf(a), zone: a.zone.trim(), replace: !!a.replace,
  battery: { device: a.battery, chemistry: a.chemistry, capacity_kwh: number(a.capacity), power_kw: number(a.power), reserve_pct: number(a.reserve) },
  relays: ROLES.filter((role) => a[role]).map((role) => relayOf(a, role, devices)),
});

/* ---- the parts ---- */

const named = (list) => list.map((device) => [device.id, `${device.id}, ${device.profile}: ${says(device.values)}`]);

const Battery = ({ a, set, about, found }) => html`<h2>${t('access.setup.battery')}</h2>
    <${Field} a=${a} set=${set} name="battery" label=${t('access.setup.which')} options=${named(found)} />
    <${Made} a=${a} set=${set} chemistries=${about.chemistries}><${Field} a=${a} set=${set} name="reserve" label=${t('access.setup.reserve')} inputmode="decimal" /><//>`;

function Switch({ a, set, role, about, found }) {
  const kind = about.kinds.find((one) => one.kind === (a[`${role}Kind`] || null));
  return html`<${Field} a=${a} set=${set} name=${role} label=${t(`access.setup.${role}`)} options=${[['', t('access.setup.none')], ...named(found), [COAP, t('access.setup.coap')]]} />
    ${a[role] === COAP && html`<${Field} a=${a} set=${set} name=${`${role}Kind`} label=${t('access.setup.kind')} options=${about.kinds.map((one) => [one.kind ?? '', t(`access.setup.kinds.${one.kind ?? 'own'}`)])} />
      <${Field} a=${a} set=${set} name=${`${role}Uri`} label=${t('access.setup.uri')} placeholder=${kind.kind ? 'coap://192.168.1.31' : 'coap://192.168.1.31/relay'} spellcheck=${false} />
      ${kind.kind && html`<${Field} a=${a} set=${set} name=${`${role}Value`} label=${t('access.setup.value')} placeholder=${kind.value} spellcheck=${false} />`}`}
    ${isLeaseless(a, role, found) && html`<p class="sm">${t('nodes.opensNot')}</p><${Word} a=${a} set=${set} name=${`${role}Word`}>${t('access.setup.word')}<//>`}`;
}

function Written({ done, file }) {
  const isUp = house.value?.state.batteries.length > 0;
  return html`<p class="lede" role="status">${isUp ? t('access.setup.runs') : t('access.setup.restarts')}</p><p class="sm mut">${t('access.setup.written', { file })} ${done.kept && t('access.setup.kept', { file: done.kept })}</p>
    ${isUp && html`<p class="acts"><a class="btn pri" href=${link('now')}>${t('access.login.go')}</a> <a class="btn" href=${link('nodes')}>${t('tabs.nodes')}</a></p>`}<${Lines}>${done.text}<//>`;
}

/* ---- the whole ---- */

function Answers({ about }) {
  const [a, setAll] = useState(() => ({ host: about.broker.host, port: about.broker.port, user: about.broker.user, zone: Intl.DateTimeFormat().resolvedOptions().timeZone || about.zone, reserve: RESERVE_PCT, chemistry: about.chemistries[0].name }));
  const [told, setTold] = useState(null);
  const [problem, setProblem] = useState(null);
  const [text, setText] = useState(null);
  const [done, setDone] = useState(null);
  const set = (change) => { setText(null); setAll((before) => ({ ...before, ...change })); };
  const isListening = told?.state === 'listening';
  const found = (kind) => (told?.devices ?? []).filter((device) => device.kind === kind);
  const [first] = found('battery');
  const ask = (work) => { setProblem(null); return work().catch(setProblem); };
  const look = () => ask(async () => setTold((await post(`detections?seconds=${LISTEN_S}`, { broker: brokerOf(a) })).body));
  useEffect(() => {
    if (!isListening) return undefined;
    const timer = setInterval(() => get('detections').then(setTold, setProblem), ASK_MS);
    return () => clearInterval(timer);
  }, [isListening]);
  useEffect(() => { if (first && !found('battery').some(({ id }) => id === a.battery)) set({ battery: first.id }); }, [told]);
  const send = (preview) => ask(async () => {
    const { body } = await post('setup', { ...wishOf(a, found('relay')), preview });
    if (preview) setText(body.text); else setDone(body);
  });
  if (done) return html`<${Written} done=${done} file=${about.file} />`;
  return html`<form class="sec login" onSubmit=${(event) => event.preventDefault()}><h2>${t('access.setup.broker')}</h2>
    <${Field} a=${a} set=${set} name="host" label=${t('access.setup.host')} spellcheck=${false} /><${Field} a=${a} set=${set} name="port" label=${t('access.setup.port')} inputmode="numeric" />
    <${Field} a=${a} set=${set} name="user" label=${t('access.setup.user')} autocomplete="off" autocapitalize="none" />${a.user && html`<${Field} a=${a} set=${set} name="password" label=${t('access.login.password')} type="password" autocomplete="off" placeholder=${about.broker.has_password ? '••••••' : ''} />`}
    ${isListening ? html`<p class="sm" role="status">${t(told.connected ? 'access.setup.connected' : 'access.setup.connecting')} ${t('nodes.listening', { s: LISTEN_S })}</p>` : html`<div class="acts"><${Button} primary=${!first} onClick=${look}>${t('access.setup.look')}<//></div>`}
    ${told?.state === 'failed' && html`<p class="sm bad" role="alert">${foreign(told.detail)}</p>`}
    ${told?.state === 'done' && !first && html`<p class="sm" role="alert">${t('access.setup.noBattery', { n: num(told.topics) })}</p>`}
    ${first && a.battery && html`<${Battery} a=${a} set=${set} about=${about} found=${found('battery')} /><h2>${t('access.setup.switches')}</h2><p class="sm mut">${t('access.first.relayMore')}</p>
      ${ROLES.map((role) => html`<${Switch} key=${role} a=${a} set=${set} role=${role} about=${about} found=${found('relay')} />`)}
      <h2>${t('access.setup.rest')}</h2><${Field} a=${a} set=${set} name="zone" label=${t('access.setup.zone')} spellcheck=${false} />
      ${about.must_confirm && html`<${Word} a=${a} set=${set} name="replace">${t('access.setup.replace', { file: about.file })}<//>`}
      <p class="sm mut">${t('access.setup.monitor')}</p>${text && html`<${Lines}>${text}<//>`}
      <div class="acts"><${Button} onClick=${() => send(true)}>${t('access.setup.preview')}<//><${Button} primary icon="check" onClick=${() => send(false)}>${t('access.setup.write')}<//></div>`}
    ${problem && html`<p class="sm bad" role="alert">${problemWords(problem)}</p>`}</form>`;
}

export default function Setup() {
  const [about, setAbout] = useState(null);
  const [problem, setProblem] = useState(null);
  const role = session.value?.role;
  useEffect(() => { if (role === 'control') get('setup').then(setAbout, setProblem); }, [role]);
  return html`<div class="page narrow"><header><h1>${t('access.setup.title')}</h1></header><p class="mut">${t('access.setup.lede')}</p>
    ${about?.why && html`<p class="bad" role="alert">${t('access.setup.why', { why: about.why })}</p>`}${about ? html`<${Answers} about=${about} />` : problem ? html`<p class="bad" role="alert">${problemWords(problem)}</p>` : html`<div class="acts"><${Button}>${t('access.setup.look')}<//></div>`}</div>`;
}
