/*
 * What Now says, made from what the daemon told: pure functions of a `view`, so that each
 * state of the design can be tried without a browser's clock.
 *
 * view = { house, battery: id, isCut, silence_s, age(object, field), left(object, field),
 *          now_ms (of the house), heard_ms (when it was heard last, of the house) }
 */
import { ageWords, celsius, clock, exactSpan, kw, num, partOf, pct, span, t } from '../words.js';
import { flipWords, whyWords } from '../reasons.js';

const KNOWING = new Set(['no-reading', 'stale', 'refused', 'suspect', 'frozen', 'settling']);
const PASSING = new Set(['dwell', 'other-path', 'lease-short', 'relay-unread', 'epoch']);
const NOTHING_W = 20;

export const idOfSensor = (view, battery) => battery.node ?? battery.id;
export const batteryOf = ({ house, battery }) => house.state.batteries.find((one) => one.id === battery) ?? house.state.batteries[0] ?? null;
export const relaysOf = ({ house }, battery) => house.state.relays.filter((one) => one.battery === battery.id);
export const decisionOf = ({ house }, battery) => house.explain[battery.id]?.decision ?? null;
export const activeAlerts = (state) => state.alerts.filter((alert) => alert.active !== false);

const alertsAbout = (view, battery, relays) => {
  const names = new Set([battery.id, battery.node, ...relays.map((relay) => relay.id)]);
  return activeAlerts(view.house.state).filter((alert) => names.has(alert.subject));
};
const time = (view, iso) => clock(iso, view.house.state.utc_offset_s);

/* The alert outlives the moment; where power flows again by its meter, that counts. */
const hasNoEffect = (battery, alerts) => alerts.some((alert) => alert.code === 'no-effect') && !(battery.power_w >= 50);

/* It says off, and power flows. */
const isWelded = (relay, alerts) => relay.state === false && alerts.some(({ code, subject }) => (code === 'relay-welded' && subject === relay.id) || (code === 'still-charging' && relay.role === 'source'));

/* ---- a relay's two words ---- */

const word = (state) => t(state === null || state === undefined ? 'now.unknown' : state ? 'now.on' : 'now.off');

function signOf(view, relay) {
  if (view.isCut || relay.state === null) return 'unknown';
  if (relay.state === relay.wished) return 'agree';
  /* Asked once more, it still differs until it follows. */
  if (relay.phase === 'mismatch' || activeAlerts(view.house.state).some(({ code, subject }) => code === 'relay-mismatch' && subject === relay.id)) return 'differ';
  return relay.phase === 'timeout' ? 'unknown' : 'wait';
}

function askedBy(view, relay, decision) {
  if (relay.override) return t('now.byAt', { by: t('now.by.you'), time: t('now.over.until', { time: time(view, relay.override.ends) }) });
  if (!decision) return t('now.by.none');
  return t('now.byAt', { by: t(`now.by.${decision.winner}`), time: time(view, decision.at) });
}

function saidOf(view, battery, relay, sign, alerts) {
  if (view.isCut) return { words: t('now.said.cut') };
  if (sign === 'unknown') return { words: t('now.said.unknown'), isBad: relay.heard_age_s !== null };
  if (sign === 'differ') return { words: t('now.said.differ', { count: t('now.said.times', { n: Math.max(1, relay.on_attempts ?? relay.mismatches) }) }), isBad: true };
  if (sign === 'wait') {
    const held = relay.override?.held;
    const left_s = view.left(relay, 'deadline_left_s') ?? null;
    if (relay.phase !== 'requested') return { words: t(left_s === null ? 'now.said.wait' : 'now.said.waitLeft', { age: ageWords(view.age(relay, 'asked_age_s')), left: span(left_s ?? 0) }) };
    return { words: held ? t('now.said.held', { why: whyWords(held) }) : t('now.said.heldPlain') };
  }
  if (relay.state && relay.role === 'source' && hasNoEffect(battery, alerts)) return { words: t('now.said.noEffect'), isBad: true };
  if (isWelded(relay, alerts)) return { words: t('now.said.welded'), isBad: true };
  if (!relay.state) return { words: t('now.said.agree') };
  return { words: relay.lease === 'none' ? t('now.said.noLease') : t('now.said.lease', { left: span(view.left(relay, 'lease_left_s') ?? 0) }) };
}

export function relayWords(view, battery, relay, alerts) {
  const decision = decisionOf(view, battery), sign = signOf(view, relay), said = saidOf(view, battery, relay, sign, alerts);
  const state = view.isCut ? null : relay.state, age = ageWords(view.age(relay, 'heard_age_s'), view.isCut || relay.state === null);
  const isSafe = sign === 'agree' && !relay.state && decision?.winner === 'safety' && !PASSING.has(decision.reason.code);
  let tag = word(state);
  if (sign === 'wait' || sign === 'differ') tag = t('now.tag.asked', { is: word(state), asked: word(relay.wished) });
  else if (said.isBad && relay.state) tag = t('now.tag.noEffect');
  else if (isSafe) tag = t('now.tag.safe');
  return {
    id: relay.id, role: relay.role, name: relay.id, sign, isBad: !!said.isBad, said: isSafe && !said.isBad ? t('now.said.safe') : said.words, tag,
    asked: word(relay.wished), askedBy: askedBy(view, relay, decision), is: word(state),
    isAge: state === null ? (relay.last_state === null ? t('now.neverRead') : t('now.lastRead', { is: word(relay.last_state), age })) : t('now.readBack', { age }),
    drawn: { is: state === null ? 'unknown' : state ? 'on' : 'off', asked: relay.wished ? 'on' : 'off' },
  };
}

/* ---- what it does, in a word ---- */

/* Which relay's answer contradicts the decision, and how. */
function troubleOf(view, battery, relays, intent) {
  const wanted = { charge: 'source', discharge: 'load' }[intent];
  const must = relays.filter((relay) => (relay.role === wanted || intent === 'both') && relay.wished), others = relays.filter((relay) => !relay.wished && (relay.state || relay.phase === 'timeout' || relay.phase === 'mismatch'));
  for (const relay of must) {
    const sign = signOf(view, relay);
    if (sign !== 'agree') return { relay, sign, isOff: false };
  }
  const still = others.find((relay) => signOf(view, relay) !== 'agree' && relay.state !== false);
  return still ? { relay: still, sign: signOf(view, still), isOff: true } : null;
}

function verbOf(intent, decision, trouble, isEffectless) {
  const isCharge = intent !== 'discharge';
  if (isEffectless) return 'noEffect';
  if (trouble && !trouble.isOff) return trouble.sign === 'wait' ? (isCharge ? 'startingCharge' : 'startingUse') : isCharge ? 'notCharging' : 'notUsing';
  if (trouble && intent === 'idle') return trouble.sign === 'wait' ? 'goingToRest' : 'notResting';
  if (intent === 'charge') return 'charging';
  if (intent === 'discharge') return 'discharging';
  if (intent === 'both') return 'both';
  if (decision.winner === 'monitor' || decision.reason.code === 'not-configured') return 'watching';
  if (decision.winner !== 'safety') return 'resting';
  return KNOWING.has(decision.reason.code) || PASSING.has(decision.reason.code) ? 'waiting' : 'stopped';
}

const others = (decision) => {
  const next = (decision.losers ?? []).find((loser) => loser.decider !== 'safety');
  return t(next ? `now.would.${next.intent}` : 'now.would.rules');
};

/* What the templates may name besides value and limit. */
function named(view, battery, decision, relays) {
  const override = relays.find((relay) => relay.override)?.override;
  return { sensor: idOfSensor(view, battery), other: others(decision), until: override ? time(view, override.ends) : '–' };
}

/* The reason's value is of when it was decided; what is live says it better. */
function liveReason(view, battery, reason) {
  if (reason.code === 'stale') return { ...reason, value: (view.age(battery) ?? 0) * 1000 };
  return reason;
}

function story(view, battery, relays, alerts) {
  const decision = decisionOf(view, battery);
  if (view.isCut) return { verb: 'unknown', because: t('now.cutBecause', { age: exactSpan(view.silence_s), time: view.heard_ms === null ? '–' : clock(view.heard_ms, view.house.state.utc_offset_s, true) }), flip: t('now.cutFlip'), decision };
  if (!decision) return { verb: 'waiting', because: t('now.noDecision'), flip: '', decision };
  /* A relay that was asked in vain is not asked any more: what was wanted counts, not what came of it. */
  const intent = decision.reason.code === 'relay-given-up' ? decision.wanted : decision.intent, trouble = troubleOf(view, battery, relays, intent);
  const isEffectless = intent === 'charge' && !trouble && hasNoEffect(battery, alerts);
  const verb = verbOf(intent, decision, trouble, isEffectless), more = named(view, battery, decision, relays), reason = liveReason(view, battery, decision.reason);
  const noPlan = decision.winner === 'threshold' && decision.losers?.find((one) => one.decider === 'plan'), why = whyWords(reason, more);
  const because = t('now.because', { why: noPlan ? t('now.ruleAs', { why, plan: whyWords(noPlan.reason, more) }) : why });
  const one = { verb, decision, trouble, because, flip: flipWords(decision.reason, more) };
  if (isEffectless) return { ...one, because: t('now.noEffectBecause'), flip: t('now.noEffectFlip', { relay: relays.find((relay) => relay.role === 'source')?.id ?? '' }) };
  const welded = intent === 'idle' && !(Math.abs(battery.power_w) < NOTHING_W) && relays.find((relay) => isWelded(relay, alerts));
  if (welded) return { ...one, verb: 'notResting', because: t('now.restBecause', { relay: welded.id, is: word(false) }), flip: t('alerts.codes.relay-welded.todo') };
  if (!trouble) return one;
  const { relay, sign, isOff } = trouble, values = { relay: relay.id, is: word(relay.state), asked: word(relay.wished) };
  if (sign === 'wait') return { ...one, flip: t('now.pendingFlip') };
  if (sign === 'differ') return { ...one, because: t(isOff ? 'now.restBecause' : 'now.mismatchBecause', values), flip: t('now.mismatchFlip', values) };
  return { ...one, because: t('now.silentBecause', values), flip: t(relay.lease === 'none' ? 'now.silentFlipNoLease' : 'now.silentFlip', values) };
}

/* ---- what comes next ---- */

/* Until a limit is reached at the power of now: hours, or null. */
function hoursTo(battery, limit_pct) {
  if (!battery.power_w || !battery.capacity_wh || battery.soc_pct === null) return null;
  const wh = (limit_pct - battery.soc_pct) / 100 * battery.capacity_wh;
  return wh / battery.power_w > 0 && Math.abs(battery.power_w) >= NOTHING_W ? wh / battery.power_w : null;
}

function nextOfPath(view, battery, decision) {
  const isCharge = decision.intent === 'charge', { flip_code: code, flip_limit: limit } = decision.reason;
  const limit_pct = code === (isCharge ? 'charge-until' : 'discharge-until') ? limit / 100 : isCharge ? battery.ceiling_pct : battery.reserve_pct;
  const hours = hoursTo(battery, limit_pct), words = t(isCharge ? 'now.nextWords.full' : 'now.nextWords.empty', { limit: pct(limit_pct) });
  if (battery.power_w === null) return { words, more: t('now.nextWords.noTime') };
  if (hours === null || hours > 48) return { words, more: '' };
  return { at: clock(view.now_ms + hours * 3600000, view.house.state.utc_offset_s), words, more: t('now.nextWords.in', { time: span(hours * 3600) }) };
}

export function nextOf(view, battery, relays, told) {
  const { decision, trouble } = told, sensor = idOfSensor(view, battery);
  if (view.isCut || !decision) return { words: t('now.nextWords.unknown'), more: '' };
  const code = decision.reason.code, override = relays.find((relay) => relay.override)?.override;
  if (trouble?.sign === 'wait') return { at: t('age.now'), words: t('now.nextWords.confirm', { verb: t(`now.verb.${{ charge: 'charging', discharge: 'discharging', both: 'both' }[decision.intent] ?? 'resting'}`) }), more: trouble.relay.phase === 'requested' ? '' : t('now.nextWords.asked', { age: ageWords(view.age(trouble.relay, 'asked_age_s')) }) };
  if (trouble) return { words: t('now.nextWords.ask', { relay: trouble.relay.id }), more: '' };
  if (decision.winner === 'override' && override) return { at: time(view, override.ends), words: t('now.nextWords.back', { decider: t(`now.decider.${battery.logic === 'monitor' ? 'monitor' : battery.logic}`) }), more: t('now.nextWords.left', { time: span(view.left(override, 'left_s') ?? 0) }) };
  if (code === 'locked-out') return { words: t('now.nextWords.unlock'), more: t('now.nextWords.paused') };
  if (code === 'settling') return { words: t('now.nextWords.readings'), more: '' };
  if (KNOWING.has(code)) return { words: t('now.nextWords.heard', { sensor }), more: t('now.nextWords.paused') };
  if (code === 'dwell') return { words: t('now.nextWords.dwell'), more: t('now.nextWords.left', { time: span(Math.max(0, (decision.reason.limit - decision.reason.value) / 1000 - (view.age(battery) ?? 0))) }) };
  if (code === 'schedule-window') return { at: clock(decision.reason.limit * 1000), words: t('now.nextWords.scheduleEnd'), more: '' };
  if (['charge', 'discharge'].includes(decision.intent)) return nextOfPath(view, battery, decision);
  return { words: t('now.nextWords.nothing'), more: '' };
}

/* ---- who decides ---- */

const ORDER = ['safety', 'override', 'plan', 'schedule', 'threshold', 'monitor'];

export function ladderOf(view, battery, relays, decision) {
  if (!decision) return [];
  const more = named(view, battery, decision, relays), temp = battery.temp_c;
  const window = t('now.window', { lo: num(decision.wanted === 'discharge' ? battery.discharge_min_c : battery.charge_min_c), hi: num(decision.wanted === 'discharge' ? battery.discharge_max_c : battery.charge_max_c) });
  const none = { safety: temp === null || decision.wanted === 'idle' ? t('now.ladder.allowsPlain') : t('now.ladder.allows', { temp: celsius(temp), window }), override: t('now.ladder.noOverride'), plan: t('now.ladder.noPlan') };
  return ORDER.filter((name) => name !== 'monitor' || battery.logic === 'monitor').map((name) => {
    const loser = (decision.losers ?? []).find((one) => one.decider === name);
    const spare = none[name] ?? t(name === battery.logic ? 'now.ladder.notAsked' : 'now.ladder.nothing');
    const words = name === decision.winner ? whyWords(decision.reason, more) : loser ? t(`now.ladder.would.${loser.intent}`, { why: whyWords(loser.reason, more) }) : spare;
    return { name, words, isWinner: name === decision.winner };
  });
}

/* Why no one may take over just now, beyond who we are; null where one may. */
export function noControlOf(view, battery, relays) {
  const code = decisionOf(view, battery)?.reason.code;
  if (view.isCut) return t('gate.cut');
  if (!battery.commanded) return t('now.noctl.watched');
  if (!relays.length) return t('now.noctl.noRelay');
  if (battery.locked_out) return t('now.noctl.locked');
  if (code === 'stale' || code === 'no-reading') return t('now.noctl.sensor', { sensor: idOfSensor(view, battery) });
  return null;
}

/* ---- the picture ---- */

function meterPicture(view, meter, canBeNegative, isOff) {
  if (!meter || (meter.power_w === null && (meter.last_power_w ?? null) === null)) return null;
  const old = view.isCut || meter.power_w === null, w = meter.power_w ?? meter.last_power_w;
  return { w, kw: kw(w), old, part: old ? null : partOf(meter), age: ageWords(view.age(meter), old), doubt: !old && ((!canBeNegative && w < -NOTHING_W) || meter.quality === 'suspect' || meter.quality === 'frozen' || isOff) };
}

function batteryPicture(view, battery, told, relays) {
  const last = battery.power_w ?? battery.last?.power_w ?? null;
  if (last === null) return null;
  const old = view.isCut || battery.power_w === null;
  const way = Math.abs(last) >= NOTHING_W ? (last > 0 ? 'into' : 'out') : told.trouble?.sign === 'wait' ? 'waiting' : relays.some((relay) => relay.state) ? 'none' : 'off';
  /* What it said last flows no more where its relays are read open since. */
  const isStill = old && !view.isCut && relays.length > 0 && relays.every((relay) => relay.state === false);
  return { w: last, kw: kw(last), old, isStill, word: old ? ageWords(view.age(battery), true) : t(`now.flow.${relays.length ? way : Math.abs(last) >= NOTHING_W ? way : 'none'}`) };
}

function temperature(view, battery, told) {
  const hottest = battery.temp_max_c ?? battery.last?.temp_max_c ?? battery.temp_c, coldest = battery.temp_c ?? battery.last?.temp_c ?? null;
  if (coldest === null) return null;
  const isUse = told.decision?.wanted === 'discharge' || told.decision?.intent === 'discharge';
  const lo = isUse ? battery.discharge_min_c : battery.charge_min_c, hi = isUse ? battery.discharge_max_c : battery.charge_max_c;
  const c = (hottest ?? coldest) > hi ? hottest : coldest, old = view.isCut || battery.temp_c === null;
  return { c, lo, hi, old, bad: c < lo || c > hi, words: `${num(c, 1)}°`, loWords: `${num(lo)}°`, hiWords: `${num(hi)}°`, age: ageWords(view.age(battery), old) };
}

/* The house's meters and the battery against each other: W that nobody accounts for; null where one is missing. */
export function unaccountedOf({ meters, batteries }) {
  const powers = batteries.map((battery) => battery.power_w);
  const [pv, grid, load] = ['pv', 'grid', 'load'].map((name) => meters?.[name]?.power_w ?? null);
  if ([pv, grid, load, ...powers].includes(null)) return null;
  return pv + grid - load - powers.reduce((sum, power) => sum + power, 0);
}

export function nowPicture(view, battery, relays, told, words) {
  const { meters = {} } = view.house.state, soc = battery.soc_pct ?? battery.last?.soc_pct ?? null, socOld = view.isCut || battery.soc_pct === null;
  const pv = meterPicture(view, meters.pv, false), load = meterPicture(view, meters.load, false), grid = meterPicture(view, meters.grid, true);
  const bat = batteryPicture(view, battery, told, relays), temp = temperature(view, battery, told);
  const picture = {
    soc, socWords: num(soc), socOld: soc !== null && socOld, socAge: ageWords(view.age(battery), socOld && soc !== null), reserve: battery.reserve_pct, ceiling: battery.ceiling_pct, reserveWords: pct(battery.reserve_pct), ceilingWords: pct(battery.ceiling_pct),
    kwh: soc !== null && !socOld && battery.capacity_wh ? t('now.stored', { kwh: num(soc / 100 * battery.capacity_wh / 1000, 1), capacity: num(battery.capacity_wh / 1000, 1) }) : '',
    temp, pv, load, grid, bat, flow: view.isCut ? 'stale' : 'run',
    relays: words.map((one) => ({ id: one.id, name: one.id, tag: one.tag, bad: one.isBad || one.sign === 'differ', ...one.drawn })),
    L: { ...Object.fromEntries(['sun', 'grid', 'home', 'taking', 'giving', 'needs', 'ameter', 'ceiling', 'reserve', 'power', 'needsMeter', 'relay', 'noRelay', 'doubt'].map((name) => [name, t(`now.picture.${name}`)])) },
  };
  picture.alt = altOf(battery, picture, words);
  return picture;
}

function altOf(battery, p, relays) {
  const meter = (one, name) => (one ? t('now.alt.meter', { name: one.part ? `${name}, ${one.part}` : name, power: one.kw, age: one.doubt ? t('now.picture.doubt') : one.age }) : t('now.alt.noMeter', { name }));
  return [
    p.soc === null ? t('now.alt.batteryUnknown', { id: battery.id }) : t('now.alt.battery', { id: battery.id, soc: pct(p.soc), age: p.socAge, reserve: p.reserveWords, ceiling: p.ceilingWords }),
    meter(p.pv, p.L.sun), meter(p.load, p.L.home), meter(p.grid, p.grid ? t(p.grid.w > 0 ? 'now.alt.taking' : 'now.alt.giving') : p.L.grid),
    p.bat ? t('now.alt.power', { power: p.bat.kw, way: p.bat.word }) : t('now.alt.noPower'),
    ...(p.temp ? [t('now.alt.temp', { temp: celsius(p.temp.c), window: t('now.window', { lo: num(p.temp.lo), hi: num(p.temp.hi) }), age: p.temp.age })] : []),
    ...relays.map((relay) => t('now.alt.relay', { id: relay.id, asked: relay.asked, is: relay.is })),
  ].join('; ') + '.';
}

/* Nothing known yet: all dotted. */
export function firstPicture(relay = t('now.picture.noRelay')) {
  const L = Object.fromEntries(['sun', 'grid', 'home', 'taking', 'giving', 'ceiling', 'reserve', 'power', 'needsMeter', 'relay', 'noRelay', 'doubt'].map((name) => [name, t(`now.picture.${name}`)]));
  return { soc: null, socAge: t('age.never'), temp: null, pv: null, load: null, grid: null, bat: undefined, relays: [], first: true, flow: '', alt: t('now.alt.first'), L: { ...L, noRelay: relay, needs: t('now.picture.notHeard'), ameter: t('now.picture.yet') } };
}

/* ---- all of it ---- */

export function tellNow(view) {
  const battery = batteryOf(view);
  if (!battery) return null;
  const relays = relaysOf(view, battery), alerts = alertsAbout(view, battery, relays);
  const told = story(view, battery, relays, alerts), words = relays.map((relay) => relayWords(view, battery, relay, alerts));
  return {
    battery, relays: words, verb: t(`now.verb.${told.verb}`), because: told.because, flip: told.flip, winner: told.decision?.winner ?? null,
    isPending: told.trouble?.sign === 'wait', override: relays.find((relay) => relay.override)?.override ?? null, noControl: noControlOf(view, battery, relays),
    next: nextOf(view, battery, relays, told), ladder: ladderOf(view, battery, relays, told.decision), picture: nowPicture(view, battery, relays, told, words),
  };
}
