/*
 * Now: one picture, one sentence, two words. What is said stands in now-model.js, what is
 * drawn in scene.js; this file places it and redraws on data, on size and each second (ages).
 */
import { html, useRef, signal } from '../view.js';
import { heardAt, house, houseTime, isCut, leftOf, ageOf, reconnect, silence_s, tick } from '../live.js';
import { remove } from '../api.js';
import { link } from '../router.js';
import { ageWords, clock, exactSpan, pct, t } from '../words.js';
import { Button } from '../parts/Button.js';
import { Icon } from '../parts/Icon.js';
import { Scene } from '../parts/Scene.js';
import { problemWords } from '../parts/gate.js';
import { openSheet, SheetHead } from '../parts/Sheet.js';
import { alertTitle } from '../reasons.js';
import { activeAlerts, firstPicture, tellNow, unaccountedOf } from './now-model.js';
import { Strip } from './now-strip.js';
import OverSheet from './now-over.js';
import FirstRun from './first-run.js';

const UNACCOUNTED_W = 250; /* what meters that do not measure at once may differ by */
const UNACCOUNTED_S = 15;

/* ---- the bar: what needs you first ---- */

const GRAVE = { alarm: 2, warning: 1 };

function Bar() {
  if (isCut.value) {
    return html`<div class="bar q"><${Icon} name="clock" /><div role="status"><b>${t('now.bar.cut')}</b> <span>${t(house.value ? 'now.bar.cutMore' : 'now.bar.cutNothing', { age: exactSpan(silence_s.value) })}</span></div><button class="btn" type="button" onClick=${reconnect}>${t('now.bar.tryNow')}</button></div>`;
  }
  const state = house.value?.state, open = activeAlerts(state).filter((alert) => GRAVE[alert.level] && !alert.acknowledged);
  const [first] = open.sort((a, b) => GRAVE[b.level] - GRAVE[a.level] || Date.parse(b.raised) - Date.parse(a.raised));
  if (!first) return null;
  return html`<div class="bar"><${Icon} name="warn" /><div role="alert"><b>${alertTitle(first)}.</b> <span>${first.raised && t('now.bar.since', { time: clock(first.raised, state.utc_offset_s) })} ${open.length > 1 ? t('now.bar.more', { n: open.length - 1 }) : ''}</span></div><a class="btn" href=${link('alerts')}>${t('now.bar.look')}</a></div>`;
}

/* ---- the relay's two words ---- */

const SIGNS = { agree: ['=', ''], wait: ['…', 'wait'], differ: ['≠', 'ne'], unknown: ['?', 'unk'] };

function Sign({ sign }) {
  const [glyph, kind] = SIGNS[sign];
  return html`<div class=${`rel ${kind}`}><dt class="vh">${t('now.compared')}</dt><dd class="relg"><span aria-hidden="true">${glyph}</span><span class="vh">${t(`now.sign.${sign}`)}</span></dd></div>`;
}

function Relay({ relay, isSmall }) {
  return html`<dl class=${isSmall ? 'words small' : 'words'}>
    ${isSmall && html`<div class="name"><dt>${relay.name}</dt><dd>${t(`now.relayOf.${relay.role}`)}</dd></div>`}
    <div><dt>${t('now.asked')}</dt><dd>${relay.asked}<small>${relay.askedBy}</small></dd></div>
    <${Sign} sign=${relay.sign} />
    <div><dt>${t('now.is')}</dt><dd>${relay.is}<small>${relay.isAge}</small></dd></div></dl>`;
}

function Relays({ relays }) {
  if (!relays.length) return html`<section class="row"><h2>${t('now.picture.relay')}</h2><p class="said">${t('now.said.none')}</p></section>`;
  const isSmall = relays.length > 1, worst = relays.find((relay) => relay.isBad || relay.sign === 'differ') ?? relays.find((relay) => relay.sign !== 'agree') ?? relays.find((relay) => relay.drawn.is === 'on') ?? relays[0];
  return html`<section class="row">${isSmall
    ? html`<div class="words small head"><h2>${t('now.relayOf.many')}</h2><span aria-hidden="true">${t('now.asked')}</span><span></span><span aria-hidden="true">${t('now.is')}</span></div>`
    : html`<h2>${t('now.relayOf.one', { id: relays[0].name })}</h2>`}
    ${relays.map((relay) => html`<${Relay} key=${relay.id} relay=${relay} isSmall=${isSmall} />`)}
    <p class=${worst.isBad ? 'said bad' : 'said'}>${isSmall && worst.sign !== 'agree' ? `${worst.name}: ` : ''}${worst.said}</p></section>`;
}

/* ---- who decides ---- */

const Ladder = ({ rungs }) => html`<ol class="ladder">${rungs.map((rung, i) => html`<li class=${rung.isWinner ? 'win' : ''} key=${rung.name}><span>${rung.isWinner ? html`<${Icon} name="check" small />` : i + 1}</span><span>${t(`now.ladder.${rung.name}`)}</span><span>${rung.words}</span></li>`)}</ol>`;

function WhySheet({ battery }) {
  const told = tellNow(viewOf(battery));
  return html`<${SheetHead} title=${t('now.ladder.title')} /><p>${told.verb} ${told.because}</p><${Ladder} rungs=${told.ladder} />
    <p class="sm mut after">${t('now.ladder.explain')} <a href=${link('history')}>${t('now.ladder.allToday')}</a></p>`;
}

/* ---- meters that do not add up, for a while ---- */

function useUnaccounted() {
  const since = useRef(null);
  const w = isCut.value ? null : unaccountedOf(house.value.state), { meters } = house.value.state;
  const biggest = Math.max(...Object.values(meters ?? {}).map((meter) => Math.abs(meter.power_w ?? 0)), 0);
  if (w === null || Math.abs(w) < Math.max(UNACCOUNTED_W, biggest * 0.15)) { since.current = null; return null; }
  since.current ??= performance.now();
  return performance.now() - since.current > UNACCOUNTED_S * 1000 ? w : null;
}

/* ---- several batteries ---- */

function Jars({ batteries, here }) {
  if (batteries.length < 2) return null;
  return html`<ul class="jars" aria-label=${t('now.jars')}>${batteries.map((battery) => {
    const soc = battery.soc_pct ?? battery.last?.soc_pct ?? null, isOld = isCut.value || battery.soc_pct === null;
    return html`<li key=${battery.id}><a href=${link('now', battery.id)} aria-current=${battery.id === here ? 'true' : undefined}><svg viewBox="0 0 20 24" aria-hidden="true"><path class=${isOld ? 'jar-s unk' : 'jar-s'} d="M6 1h8v1.500l-1.500 1c0 3 6 3.500 6 9 0 4.500-3 7.500-4.500 10.500h-8C4 20 1.500 17 1.500 12.500c0-5.500 6-6 6-9L6 2.500z" />${soc !== null && html`<rect class=${isOld ? 'jar-l unk' : 'jar-l'} x="6" width="8" y=${21 - 13 * soc / 100} height=${13 * soc / 100} />`}</svg><b>${battery.id}</b> <span class=${isOld ? 'old' : ''}>${soc === null ? '–' : pct(soc)}, ${ageWords(ageOf(battery), isOld)}</span></a></li>`;
  })}</ul>`;
}

/* ---- the screen ---- */

function viewOf(battery) {
  const factor = house.value.state.clock_factor ?? 1, { state } = house.value, now_ms = houseTime();
  return { house: house.value, battery, isCut: isCut.value, silence_s: silence_s.value, age: ageOf, left: leftOf, now_ms, heard_ms: heardAt.peek() === null ? null : Date.parse(state.time) + (heardAt.peek() - state.came_ms) * factor };
}

const problem = signal(null);

async function takeBack(override) {
  problem.value = null;
  try {
    await remove(`overrides/${override.id}`);
  } catch (failure) {
    problem.value = failure;
  }
}

function Acts({ told }) {
  const { battery, override, isPending } = told, decider = told.winner && t(`now.decider.${told.winner}`);
  const over = () => openSheet(OverSheet, { battery: battery.id });
  return html`<div class="acts">
    ${override && isPending
      ? html`<${Button} primary icon="x" onClick=${() => takeBack(override)}>${t('now.takeBack')}<//>`
      : html`<${Button} primary icon="hand" why=${told.noControl} aria-haspopup="dialog" onClick=${over}>${t(override ? 'now.change' : 'now.takeOver')}<//>`}
    ${decider && html`<button class="btn by" type="button" aria-haspopup="dialog" onClick=${() => openSheet(WhySheet, { battery: battery.id })}>${t('now.decided', { decider })}</button>`}
    ${problem.value && html`<p class="sm bad" role="alert">${problemWords(problem.value)}</p>`}</div>`;
}

/* Nothing has come yet, as when the page opens without the network: all dotted, and in words. */
function Unheard() {
  const isLate = silence_s.value >= 2;
  return html`<div class=${isCut.value ? 'now-page has-bar' : 'now-page'}>${isCut.value && html`<${Bar} />`}<div class="now"><${Scene} picture=${firstPicture(t('now.unknown'))} />
    <div class="why">${isLate && html`<div class="verb"><h1>${t('now.verb.unknown')}</h1></div><p class="because">${t('now.unheard', { age: exactSpan(silence_s.value) })}</p><p class="flip"><${Icon} name="flip" small /><span>${t('now.cutFlip')}</span></p><${Acts} told=${{ battery: {}, noControl: null }} />`}</div></div></div>`;
}

export default function Now({ args = [] }) {
  tick.value;
  if (!house.value) return html`<${Unheard} />`;
  if (!house.value.state.batteries.length) return html`<${FirstRun} />`;
  return html`<${Told} wanted=${args[0]} />`;
}

function Told({ wanted }) {
  const { batteries } = house.value.state;
  const told = tellNow(viewOf(wanted)), w = useUnaccounted(), bar = Bar();
  return html`<div class=${bar ? 'now-page has-bar' : 'now-page'}>${bar}<div class="now">
    <${Jars} batteries=${batteries} here=${told.battery.id} />
    <${Scene} picture=${told.picture} />
    <div class="why" tabindex="0">
      <div class="verb"><h1 aria-live="polite">${told.verb}</h1></div>
      <p class="because">${told.because}</p>
      <p class="flip"><${Icon} name="flip" small /><span>${told.flip}</span></p>
      ${w !== null && html`<p class="flip lies" role="status"><${Icon} name="meter" small /><span>${t('now.meterLies', { power: `${(Math.abs(w) / 1000).toFixed(2)} kW` })}</span></p>`}
      <${Relays} relays=${told.relays} />
      <section class="row next"><h2>${t('now.next')}</h2><p class="big">${told.next.at && html`<span class="nw">${told.next.at}</span>\u2002`}${told.next.words}</p>${told.next.more && html`<p class="sm mut">${told.next.more}</p>`}<${Strip} battery=${told.battery.id} relays=${told.relays} /></section>
      <section class="row inline"><h2>${told.winner && t('now.decided', { decider: t(`now.decider.${told.winner}`) })}</h2><${Ladder} rungs=${told.ladder} /></section>
      <${Acts} told=${told} />
    </div></div></div>`;
}
