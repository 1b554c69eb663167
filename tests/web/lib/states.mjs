/*
 * The states of the design page's table, each as the daemon would tell it. They change a
 * stage's state; show() or a page that opens afterwards sees them.
 */
import { tellPast, tellPlan } from './plans.mjs';
import { tellYears } from './years.mjs';

const copy = (value) => JSON.parse(JSON.stringify(value));

/* What the rule wished where somebody else decided. */
const rule = (value) => ({ decider: 'threshold', intent: 'charge', reason: { code: 'charge-until', value, limit: 8000, words: `${value / 100} % < 80 %`, flip: 'would be OFF at ≥ 80 %', flip_code: 'charge-until', flip_value: value, flip_limit: 8000 } });

export function decide(stage, { intent = 'idle', wanted = intent, winner = 'threshold', code = 'between', value = 4800, limit = 5000, words = '48 % is between the thresholds', flip = null, losers = [], flip_code = 'none' }, index = 0) {
  const upper = { idle: 'IDLE', charge: 'CHARGE', discharge: 'DISCHARGE' }[intent];
  const battery = stage.battery(index);
  battery.intent = intent;
  battery.decision = `${upper}: ${words}${flip ? `; ${flip}` : ''}`;
  Object.assign(stage.explain[index].decision, {
    intent, wanted, winner, losers, words: battery.decision,
    reason: { code, value, limit, words, flip, flip_code, flip_value: value, flip_limit: limit },
  });
}

function read(stage, values, index = 0) {
  const battery = stage.battery(index);
  Object.assign(battery, { quality: 'good', age_s: 3, soc_pct: 64.2, temp_c: 24.1, temp_max_c: 24.1, power_w: 0 }, values);
  battery.last = { soc_pct: battery.soc_pct, temp_c: battery.temp_c, temp_max_c: battery.temp_max_c, power_w: battery.power_w };
}

function meters(stage, pv, load, grid) {
  const one = (power_w) => ({ power_w, last_power_w: power_w, quality: 'good', age_s: 2 });
  stage.state.meters = { pv: one(pv), load: one(load), grid: one(grid) };
}

function relay(stage, id, values) {
  Object.assign(stage.relay(id), { state: false, last_state: false, wished: false, phase: 'confirmed', heard_age_s: 2, asked_age_s: 60, deadline_left_s: null, lease_left_s: null, override: null, power_w: 0 }, values);
  const { battery } = stage.relay(id);
  const told = stage.explain.find((one) => one.battery === battery);
  if (told) told.relays = copy(stage.state.relays.filter((one) => one.battery === battery));
}

export function alert(stage, code, subject, level, words, values = null) {
  const id = stage.state.alerts.length + 1;
  stage.state.alerts.push({ id, code, level, subject, active: true, acknowledged: false, count: 1, raised: stage.state.time, cleared: null, words, values });
}

/* A sensor that is heard and belongs to no battery. */
export const STRANGER = { node: 'shed', kind: 'unknown', battery: null, transport: 'mqtt', address: null, presence: 'unknown', age_s: 4, interval_s: null, soc_pct: 55.2, temp_c: 21, readings: 12 };

/* An override as /overrides lists it, on both relays of b1. */
export function overrideOf(stage, { id = 7, intent = 'idle', left_s = 3600 } = {}) {
  const list = ['r1', 'r2'].map((name) => ({
    id, relay: name, battery: 'b1', role: stage.relay(name).role, state: (intent === 'charge' && name === 'r1') || (intent === 'discharge' && name === 'r2') ? 'on' : 'off',
    left_s, ends: new Date(Date.parse(stage.state.time) + left_s * 1000).toISOString(), held_by: null, held: null,
  }));
  stage.state.overrides = list;
  for (const one of list) stage.relay(one.relay).override = one;
  return list;
}

/* One relay without a lease; one that does not tell its timer, with what a trial showed, or none. */
export function untimed(stage, trial = null) {
  stage.relay('r1').lease = 'none';
  Object.assign(stage.relay('r2'), { timer: 'untold', trial: trial === null ? null : { passed: trial, result: trial ? 'opens' : 'stays', at: '2026-11-20T10:00:00Z' } });
}

const charging = (stage) => {
  read(stage, { power_w: 2720 });
  meters(stage, 3420, 640, -60);
  relay(stage, 'r1', { state: true, last_state: true, wished: true, lease_left_s: 78, power_w: 2720 });
  relay(stage, 'r2', {});
  decide(stage, { intent: 'charge', code: 'charge-until', value: 6420, limit: 8000, words: '64.2 % < 80 %', flip: 'would be OFF at ≥ 80 %', flip_code: 'charge-until' });
};

const stale = (stage) => {
  charging(stage);
  Object.assign(stage.battery(), { quality: 'missing', age_s: 372, soc_pct: null, temp_c: null, temp_max_c: null, power_w: null });
  for (const node of stage.nodes) if (node.node === 'b1') node.age_s = 372;
  relay(stage, 'r1', {});
  decide(stage, { winner: 'safety', wanted: 'idle', code: 'stale', value: 372000, limit: 90000, words: 'the reading is too old: 372 s > 90 s', flip: 'would decide after two good readings' });
  alert(stage, 'sensor-stale', 'b1', 'alarm', 'b1: no good reading for 372 s, 90 s allowed; see whether the sensor runs', { value: 372, limit: 90, unit: 's' });
};

export const STATES = {
  charging,
  discharging(stage) {
    read(stage, { soc_pct: 58.6, power_w: -870 });
    meters(stage, 0, 900, 30);
    relay(stage, 'r1', {});
    relay(stage, 'r2', { state: true, last_state: true, wished: true, lease_left_s: 78, power_w: 870 });
    decide(stage, { intent: 'discharge', code: 'discharge-until', value: 5860, limit: 3800, words: '58.6 % > 38 %', flip: 'would be OFF at ≤ 38 %' });
  },
  resting(stage) {
    read(stage, { soc_pct: 48 });
    meters(stage, 1200, 640, -560);
    relay(stage, 'r1', {});
    relay(stage, 'r2', {});
    decide(stage, {});
  },
  pending(stage) {
    STATES.resting(stage);
    overrideOf(stage, { intent: 'charge' });
    relay(stage, 'r1', { wished: true, phase: 'sent', asked_age_s: 2, deadline_left_s: 2 });
    decide(stage, { intent: 'charge', winner: 'override', code: 'override', value: 3600000, limit: 0, words: 'a person asked for it: 60 min left' });
  },
  releasing(stage) {
    charging(stage);
    overrideOf(stage, {});
    relay(stage, 'r1', { state: true, last_state: true, wished: false, phase: 'sent', asked_age_s: 2, deadline_left_s: 2, lease_left_s: 78, power_w: 2720 });
    decide(stage, { winner: 'override', code: 'override', value: 3600000, limit: 0, words: 'a person asked for it: 60 min left' });
  },
  mismatch(stage) {
    charging(stage);
    read(stage, { power_w: 0 });
    meters(stage, 3420, 640, -2780);
    relay(stage, 'r1', { state: false, last_state: false, wished: true, phase: 'mismatch', asked_age_s: 65 });
    alert(stage, 'relay-mismatch', 'r1', 'alarm', 'r1: stays off although asked to be on; look at the relay');
  },
  lying(stage) {
    charging(stage);
    read(stage, { power_w: 0 });
    meters(stage, 3420, 640, -2780);
    alert(stage, 'no-effect', 'b1', 'warning', 'b1: charging brought 0.0 % where 2.5 % were due; look at relay and wiring', { value: 0, limit: 2.5, unit: '%' });
  },
  /* It says off, and the battery charges. */
  welded(stage) {
    charging(stage);
    relay(stage, 'r1', { phase: 'mismatch' });
    decide(stage, {});
    alert(stage, 'still-charging', 'b1', 'alarm', 'b1: the source relay is reported open but the battery is still charging (3 % more, 3 % allowed); switch the source off by hand', { value: 3.05, limit: 3, unit: '%' });
  },
  stale,
  hot(stage) {
    charging(stage);
    read(stage, { soc_pct: 71.4, temp_c: 51.8, temp_max_c: 51.8 });
    meters(stage, 3420, 640, -2780);
    relay(stage, 'r1', {});
    decide(stage, { winner: 'safety', wanted: 'charge', code: 'charge-hot', value: 51800, limit: 45000, words: 'no charging: 51.8 °C > 45 °C', flip: 'would be ON at ≤ 43 °C', flip_code: 'charge-hot-latched', losers: [rule(7140)] });
    alert(stage, 'limit-tripped', 'b1', 'warning', 'b1: a limit has switched it off; it comes back by itself beyond the hysteresis', { value: 51.8, limit: 45, unit: '°C' });
  },
  nometer(stage) {
    charging(stage);
    read(stage, { power_w: null });
    for (const name of ['pv', 'load', 'grid']) stage.state.meters[name] = { power_w: null, last_power_w: null, quality: 'missing', age_s: null };
    relay(stage, 'r1', { state: true, last_state: true, wished: true, lease_left_s: 78, power_w: null });
    relay(stage, 'r2', { power_w: null });
  },
  /* The house gives 3 kW that nobody makes. */
  meterlies(stage) {
    charging(stage);
    meters(stage, 3420, 640, -60);
    Object.assign(stage.state.meters.grid, { power_w: -4200, last_power_w: -4200 });
  },
  /* A plan is in force, at noon; what one forecast is known. */
  planned(stage) {
    charging(stage);
    stage.state.time = `${stage.state.time.slice(0, 10)}T11:07:00Z`;
    tellPlan(stage);
    tellPast(stage);
  },
  /* With a year behind it; without: what nobody measures there. */
  years(stage, without = []) {
    charging(stage);
    tellYears(stage, { without });
  },
  /* The same, at what was forecast for today. */
  foreseen(stage) { STATES.years(stage); tellPast(stage); },
  noSun(stage) { STATES.years(stage, ['pv']); },
  noPower(stage) { STATES.years(stage, ['power']); },
  noMeters(stage) {
    STATES.nometer(stage);
    tellYears(stage, { without: ['pv', 'load', 'grid', 'power'] });
  },
  override(stage) {
    STATES.resting(stage);
    overrideOf(stage, {});
    decide(stage, { winner: 'override', code: 'override', value: 3600000, limit: 0, words: 'a person asked for it: 60 min left', losers: [rule(4800)] });
  },
  locked(stage) {
    STATES.hot(stage);
    stage.battery().locked_out = true;
    decide(stage, { winner: 'safety', wanted: 'charge', code: 'locked-out', value: 0, limit: 0, words: 'locked out; an alert says why' });
    alert(stage, 'locked-out', 'b1', 'alarm', 'b1: locked out after repeated trips; acknowledge to let it go on');
  },
  two(stage) {
    charging(stage);
    if (stage.state.batteries.length > 1) return;
    const again = copy(stage.battery());
    Object.assign(again, { id: 'b2', node: 'b2', soc_pct: 81.5, power_w: 0, intent: 'idle', decision: 'IDLE: 81.5 % is between the thresholds' });
    again.last = { soc_pct: 81.5, temp_c: 24.1, temp_max_c: 24.1, power_w: 0 };
    stage.state.batteries.push(again);
    for (const [id, role] of [['r3', 'source'], ['r4', 'load']]) {
      stage.state.relays.push({ ...copy(stage.relay('r2')), id, battery: 'b2', role, uri: `coap://127.0.0.1/${id}` });
      stage.nodes.push({ ...copy(stage.nodes.find(({ node }) => node === 'r2')), node: id, battery: 'b2' });
    }
    stage.nodes.push({ ...copy(stage.nodes.find(({ node }) => node === 'b1')), node: 'b2', battery: 'b2' });
    const told = copy(stage.explain[0]);
    stage.explain.push({ ...told, battery: 'b2', relays: copy(stage.state.relays.filter(({ battery }) => battery === 'b2')) });
    decide(stage, { value: 8150, limit: 8000, words: '81.5 % is between the thresholds' }, 1);
  },
  /* Four batteries, of which the last has three relays. */
  four(stage) {
    STATES.two(stage);
    for (const n of [3, 4]) {
      const id = `b${n}`;
      if (stage.state.batteries.some((one) => one.id === id)) return;
      stage.state.batteries.push({ ...copy(stage.battery(1)), id, node: id, soc_pct: 100 });
      for (const [i, role] of ['source', 'load', ...(n === 4 ? ['source'] : [])].entries()) {
        stage.state.relays.push({ ...copy(stage.relay('r2')), id: `r${n}${i}`, battery: id, role });
        stage.nodes.push({ ...copy(stage.nodes.find(({ node }) => node === 'r2')), node: `r${n}${i}`, battery: id });
      }
      stage.nodes.push({ ...copy(stage.nodes.find(({ node }) => node === 'b1')), node: id, battery: id });
      stage.explain.push({ ...copy(stage.explain[1]), battery: id, relays: copy(stage.state.relays.filter(({ battery }) => battery === id)) });
    }
  },
  insecure(stage) {
    charging(stage);
    Object.assign(stage.session, { insecure: true, transport: 'insecure' });
    stage.state.web = { ...stage.state.web, insecure: true };
  },
  /* Watched only, so that its relays may be tried; and a sensor wants to join. */
  watched(stage) {
    charging(stage);
    stage.battery().logic = 'monitor';
    stage.nodes.push({ ...STRANGER });
  },
  untimed(stage) {
    charging(stage);
    untimed(stage);
  },
  /* Amphora runs, and knows of nothing. */
  empty(stage) {
    Object.assign(stage.state, { batteries: [], relays: [], meters: {} });
    stage.nodes = [];
    stage.explain = [];
  },
  viewer(stage) {
    charging(stage);
    Object.assign(stage.session, { role: 'view', user: 'guest' });
  },
  demo(stage) {
    charging(stage);
    stage.state.demo = true;
    const names = ['sensor-silent', 'sensor-frozen', 'relay-stuck', 'relay-lying', 'relay-welded', 'battery-hot', 'broker-gone', 'cloud'];
    stage.faults = names.map((fault) => ({ fault, on: fault === 'cloud', on_for_s: fault === 'cloud' ? 40 : null }));
    stage.on('GET demo/faults', () => ({ body: { faults: stage.faults } }));
    stage.on('POST demo/faults', ({ fault, on }) => {
      Object.assign(stage.faults.find((one) => one.fault === fault), { on, on_for_s: on ? 0 : null });
      return { body: { faults: stage.faults } };
    });
  },
  first(stage) {
    stage.session = { user: null, role: 'none', first_run: true, insecure: false, transport: 'loopback', login_needed: true };
    const battery = stage.battery();
    Object.assign(battery, { quality: 'missing', age_s: null, soc_pct: null, temp_c: null, temp_max_c: null, power_w: null, last: null });
    for (const name of ['pv', 'load', 'grid']) stage.state.meters[name] = { power_w: null, last_power_w: null, quality: 'missing', age_s: null };
    for (const id of ['r1', 'r2']) relay(stage, id, { state: null, last_state: null, phase: 'unknown', heard_age_s: null });
    decide(stage, { winner: 'safety', code: 'no-reading', words: 'nothing was heard from the sensor yet', flip: 'would decide after two good readings' });
  },
};

/* As STATES, and the page has heard nothing for a while: for pages with a clock of the test's. */
export async function cutOff(stage, page) {
  stage.fall();
  await page.clock.fastForward(14000);
}
