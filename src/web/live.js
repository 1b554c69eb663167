/*
 * What the daemon tells, as it tells it: one snapshot, then numbered changes, and a
 * heartbeat. `house` is the whole; every object in it knows when it came, so that ages
 * go on counting here. Whoever hears nothing for 12 s is cut off: `isCut`.
 */
import { signal, computed } from './view.js';
import { askSession } from './api.js';

const SILENT_MS = 12000;
const RETRY_MS = 5000;
const GATHER_MS = 100; /* changes that come together are drawn together */
const TICK_MS = 1000;

/* { state, nodes, explain: { b1: … }, settings_etag, number }; null until the first snapshot. */
export const house = signal(null);
/* The monotonic time, at least a step a second while the page is seen; steps with what is heard, so that both are drawn at once. */
export const tick = signal(performance.now());
/* When the daemon was heard last, by the same clock; null: never. */
export const heardAt = signal(null);

const openedAt = performance.now();

/* Whole seconds: whoever draws them is drawn anew once a second. */
export const silence_s = computed(() => Math.floor(Math.max(0, (tick.value - (heardAt.value ?? openedAt)) / 1000)));
export const isCut = computed(() => silence_s.value * 1000 >= SILENT_MS);

/* ---- ages ---- */

const factor = () => house.value?.state.clock_factor ?? 1;

/* Seconds of the house's clock, counted on since `object` came; null where nothing is known. */
export function ageOf(object, field = 'age_s') {
  const age_s = object?.[field];
  if (age_s === null || age_s === undefined) return null;
  return age_s + elapsed(object);
}

/* What counts down: a lease, an override. */
export function leftOf(object, field) {
  const left_s = object?.[field];
  if (left_s === null || left_s === undefined) return null;
  return Math.max(0, left_s - elapsed(object));
}

function elapsed(object) {
  return Math.max(0, (tick.value - (object.came_ms ?? tick.value)) / 1000) * factor();
}

/* The house's time now, in ms since 1970; null before the first snapshot. */
export function houseTime() {
  const state = house.value?.state;
  return state ? Date.parse(state.time) + elapsed(state) * 1000 : null;
}

let striking = 0;

function strike() {
  clearTimeout(striking);
  striking = setTimeout(strike, TICK_MS);
  if (!document.hidden) tick.value = performance.now();
}

/* Each object that came gets the time at which it did. */
function stamp(value, came_ms) {
  if (Array.isArray(value)) value.forEach((one) => stamp(one, came_ms));
  else if (value && typeof value === 'object') {
    value.came_ms = came_ms;
    Object.values(value).forEach((one) => stamp(one, came_ms));
  }
  return value;
}

/* ---- the whole and its changes ---- */

const byBattery = (list) => Object.fromEntries((list ?? []).map((one) => [one.battery, one]));

function show(whole) {
  house.value = whole;
  strike();
}

function takeSnapshot(data) {
  const came_ms = performance.now();
  stamp(data, came_ms);
  show({ state: data.state, nodes: data.nodes?.nodes ?? data.nodes ?? [], explain: byBattery(data.explain?.batteries ?? data.explain), settings_etag: data.settings_etag ?? null, number: data.number });
}

const exchange = (list, parts, key = 'id') => {
  const known = list.map((one) => parts[one[key]] ?? one);
  const names = new Set(list.map((one) => one[key]));
  /* `parts` itself has been stamped with the time at which it came. */
  return [...known, ...Object.keys(parts).filter((name) => !names.has(name) && typeof parts[name] === 'object').map((name) => parts[name])];
};

/* A new whole with what `parts` has; the objects in it are replaced, never changed. */
export function withParts(whole, parts = {}) {
  const state = { ...whole.state };
  let { nodes, explain } = whole;
  if (parts.batteries) state.batteries = exchange(state.batteries, parts.batteries);
  if (parts.relays) state.relays = exchange(state.relays, parts.relays);
  if (parts.meters) state.meters = { ...state.meters, ...parts.meters };
  for (const name of ['overrides', 'alerts', 'broker', 'store', 'readings', 'web', 'demo']) {
    if (parts[name] !== undefined) state[name] = parts[name];
  }
  if (parts.explain) {
    explain = { ...explain, ...parts.explain };
  }
  if (parts.sensors) nodes = nodes.map((node) => (node.kind === 'sensor' && (parts.sensors[node.node] ?? parts.sensors[node.battery])) || node);
  if (parts.nodes) nodes = exchange(nodes, parts.nodes, 'node');
  const settings_etag = parts.settings_etag ?? whole.settings_etag;
  return { ...whole, state, nodes, explain, settings_etag };
}

let waiting = [];
let gathering = 0;
const listeners = new Set();

/* Tells `listen` each change as it came ({ number, at, kind, subject, … }); returns how to end that. */
export function onChange(listen) {
  listeners.add(listen);
  return () => listeners.delete(listen);
}

function takeChange(change) {
  stamp(change.parts, performance.now());
  waiting.push(change);
  if (!gathering) gathering = setTimeout(drawWaiting, GATHER_MS);
  for (const listen of listeners) listen(change);
}

function drawWaiting() {
  const changes = waiting;
  gathering = 0;
  waiting = [];
  if (!house.value) return;
  let whole = house.value;
  for (const change of changes) whole = { ...withParts(whole, change.parts), number: change.number };
  show(whole);
}

function takeHeartbeat(beat) {
  if (!house.value) return;
  const came_ms = performance.now();
  const { time, uptime_s, clock_factor, broker, readings } = beat;
  const news = stamp(JSON.parse(JSON.stringify({ time, uptime_s, clock_factor, broker, readings })), came_ms);
  show({ ...house.value, state: { ...house.value.state, ...news, came_ms } });
}

/* ---- the connection ---- */

let source = null;
let retry = 0;

function open() {
  clearTimeout(retry);
  source?.close();
  source = new EventSource('api/v1/events');
  const on = (name, take) => source.addEventListener(name, (event) => { take(JSON.parse(event.data)); heardAt.value = performance.now(); });
  on('snapshot', takeSnapshot);
  on('change', takeChange);
  on('heartbeat', takeHeartbeat);
  source.onerror = () => {
    /* The browser tries again by itself, unless what came was no stream. */
    if (source.readyState === EventSource.CLOSED) later();
  };
}

function later() {
  askSession();
  clearTimeout(retry);
  retry = setTimeout(open, RETRY_MS);
}

/* Now, not in 5 s: "Try now". */
export function reconnect() {
  open();
}

export function start() {
  open();
  strike();
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) return;
    strike();
    if (isCut.value) open();
  });
  addEventListener('online', open);
}
