/*
 * Taking over: what, for how long (always), and a confirmation that no slip makes. Nothing on
 * the page moves by it: the relay's readback does that.
 */
import { html, useState } from '../view.js';
import { post, remove } from '../api.js';
import { house, houseTime, leftOf } from '../live.js';
import { celsius, clock, pct, span, t } from '../words.js';
import { HoldButton } from '../parts/HoldButton.js';
import { problemWords, whyNot } from '../parts/gate.js';
import { SheetHead } from '../parts/Sheet.js';
import { batteryOf, noControlOf, relaysOf, decisionOf } from './now-model.js';

const WHATS = ['charge', 'hold', 'discharge'];
const PATH = { charge: 'source', discharge: 'load' };
const ENDS_AT_H = [6, 12, 18, 23];
const LEAST_MS = 90 * 60000;

/* The next of the day's usual ends that is further than what the other choices offer. */
function usualEnd(now_ms, offset_s) {
  const local = now_ms + offset_s * 1000, midnight = Math.floor(local / 86400000) * 86400000;
  const ends = [0, 1].flatMap((days) => ENDS_AT_H.map((hour) => midnight + days * 86400000 + hour * 3600000));
  return ends.find((end) => end - local > LEAST_MS) - offset_s * 1000;
}

function choices() {
  const { utc_offset_s } = house.value.state, now_ms = houseTime(), end_ms = usualEnd(now_ms, utc_offset_s);
  return [['m15', 900], ['h1', 3600], ['h3', 10800]].map(([key, s]) => ({ key, words: t(`now.over.times.${key}`), long: t('now.over.for', { time: t(`now.over.times.${key}`) }), duration: () => s }))
    .concat({ key: 'until', words: t('now.over.until', { time: clock(end_ms, utc_offset_s) }), long: t('now.over.until', { time: clock(end_ms, utc_offset_s) }), duration: () => Math.round((end_ms - houseTime()) / 1000) });
}

function Pick({ name, legend, options, value, onPick, isTwo }) {
  return html`<fieldset class=${isTwo ? 'pick two' : 'pick'}><legend>${legend}</legend>${options.map((option) =>
    html`<label key=${option.key}><input type="radio" name=${name} value=${option.key} checked=${value === option.key} disabled=${!!option.why} aria-describedby=${option.why ? `${name}-${option.key}` : undefined} onChange=${() => onPick(option.key)} /><span>${option.words}</span>${option.why && html`<small class="why-not" id=${`${name}-${option.key}`}>${option.why}</small>`}</label>`)}</fieldset>`;
}

export default function OverSheet({ battery: id, close }) {
  const [what, setWhat] = useState('hold');
  const [long, setLong] = useState(null);
  const [failure, setFailure] = useState(null);
  const [isSending, setSending] = useState(false);
  const view = { house: house.value, battery: id, isCut: false }, battery = batteryOf(view), relays = relaysOf(view, battery);
  const override = relays.find((relay) => relay.override)?.override ?? null;
  const options = choices(), chosen = options.find((option) => option.key === long);
  const whats = WHATS.map((key) => ({ key, words: t(`now.over.whats.${key}`), why: PATH[key] && !relays.some((relay) => relay.role === PATH[key]) ? t(key === 'charge' ? 'now.over.noSource' : 'now.over.noLoad') : null }));
  const why = whyNot.value ?? noControlOf(view, battery, relays) ?? (isSending ? t('now.over.sending') : chosen ? null : t('now.over.choose'));
  const decider = decisionOf(view, battery)?.winner;

  async function attempt(act) {
    setFailure(null);
    setSending(true);
    try {
      await act();
      close();
    } catch (problem) {
      setFailure(problem);
    }
    setSending(false);
  }
  const send = () => attempt(() => post('overrides', { battery: battery.id, intent: what, duration_s: chosen.duration() }));
  const end = () => attempt(() => remove(`overrides/${override.id}`));

  return html`<${SheetHead} title=${t('now.over.title', { battery: battery.id })} />
    ${override && html`<div class="mine"><p>${t('now.over.mine', { time: clock(houseTime() + (leftOf(override, 'left_s') ?? 0) * 1000, house.value.state.utc_offset_s) })}</p><button class="btn" type="button" disabled=${!!whyNot.value || isSending} onClick=${end}>${t('now.over.end')}</button></div>`}
    <form onSubmit=${(event) => event.preventDefault()}>
      <${Pick} name="what" legend=${t('now.over.what')} options=${whats} value=${what} onPick=${setWhat} />
      <${Pick} name="long" legend=${t('now.over.long')} options=${options} value=${long} onPick=${setLong} isTwo />
      <p class="mut sm" id="over-how">${chosen ? t('now.over.then', { decider: t(`now.decider.${decider && decider !== 'override' && decider !== 'safety' ? decider : battery.logic}`) }) : t('now.over.nothing')}</p>
      <${HoldButton} what=${chosen ? t(`now.over.doing.${what}`, { long: chosen.long }) : ''} why=${why} describedBy="over-how" onConfirm=${send} />
      ${failure && html`<p class="sm bad" role="alert">${problemWords(failure)} ${t('now.refused')}</p>`}
      <p class="sm mut after">${t('now.over.safety', { hot: celsius(battery.charge_max_c), ceiling: pct(battery.ceiling_pct) })}</p></form>`;
}
