/* Plans as the daemon would tell them, from a made-up house: dear evenings, cheap nights, a sunny noon. */
const STEP_MS = 15 * 60000, HOUR_MS = 3600000;
const hourOf = (at) => new Date(at).getUTCHours() + new Date(at).getUTCMinutes() / 60;
const hump = (hour, peak, width) => Math.exp(-(((hour - peak) / width) ** 2));

function slotAt(at, i, { assumedFrom, isSunless }) {
  const hour = hourOf(at);
  const mode = hour >= 1 && hour < 4 ? ['charge-to', 80] : hour < 6.5 ? ['hold', null] : hour < 9 ? ['self-consume', null] : hour < 14 ? ['charge-from-sun', null] : hour < 17 ? ['hold', null] : hour < 19 ? ['discharge-to', 40] : ['self-consume', null];
  const pv = Math.round(3600 * hump(hour, 12.5, 2.6)), load = Math.round(320 + 900 * hump(hour, 19.5, 1.6) + 400 * hump(hour, 7.5, 1));
  const soc = 20 + 60 * (hump(hour, 15, 4) + 0.6 * hump(hour, 4, 2));
  const wide = Math.min(9, i / 12);
  return { at: new Date(at).toISOString(), mode: mode[0], level_pct: mode[1], buy: hour >= 17 && hour < 21 ? 0.36 : hour < 6 ? 0.128 : 0.24, sell: 0.08, price_assumed: i >= assumedFrom, load_w: [Math.round(load * 0.7), load, Math.round(load * 1.4)], pv_w: isSunless ? null : [Math.round(pv * 0.6), pv, Math.round(pv * 1.25)], soc_pct: [soc - wide, soc, soc + wide].map((value) => Math.max(10, Math.min(100, Math.round(value * 10) / 10))), temp_c: 21.4, bill: 0.01 };
}

/* The answer of GET /plan; `more` goes into the plan itself. */
export function planOf(stage, { state = 'in-force', why = '', hours = 48, assumedFrom = 160, isSunless = false, ...more } = {}) {
  const now = Date.parse(stage.state.time), from = Math.floor(now / STEP_MS) * STEP_MS;
  const slots = Array.from({ length: hours * 4 }, (_, i) => slotAt(from + i * STEP_MS, i, { assumedFrom, isSunless }));
  return { battery: 'b1', needs: [], meanwhile: 'threshold', plan: {
    number: 412, made_at: new Date(from).toISOString(), from: new Date(from).toISOString(), slot_s: 900, valid_until: new Date(from + HOUR_MS).toISOString(), state, why, days_known: 23, prices_assumed: assumedFrom < slots.length,
    mode: { name: slots[0].mode, level_pct: slots[0].level_pct, sentence: 'covers the home' }, slots,
    paths: { cost: 0.12, bill_without: 1.11, self_use_without: 1.28, words: 'a relay charges with full power' },
    expected: { bill: 1.23, saved: 0.4, bill_between: [-0.31, 2.04], saved_between: [0.21, 0.62], rules: [{ name: 'self-use', bill: 1.4 }, { name: 'tou', bill: 1.21 }] }, ...more } };
}

export function explainOf(plan, at) {
  const slot = plan.slots.findLast((one) => Date.parse(one.at) <= Date.parse(at)) ?? plan.slots[0];
  const by = [...plan.slots].sort((a, b) => a.buy - b.buy);
  const [low, high] = [by[0], by[by.length - 1]];
  return { number: plan.number, at: slot.at, mode: slot.mode, level_pct: slot.level_pct, sentence: 'charges now because power is cheapest in the next 24 h and the evening needs 4.1 kWh', inputs: { buy: slot.buy, sell: slot.sell, cheapest: { at: low.at, buy: low.buy }, dearest: { at: high.at, buy: high.buy }, load_w: slot.load_w, pv_w: slot.pv_w, soc_pct: slot.soc_pct, temp_c: 21.4 },
    binding: [{ limit: 'reserve', value: 20, unit: '%', words: 'the reserve' }, { limit: 'moonlight', value: 1, unit: '', words: 'a limit that this page does not know yet' }],
    alternatives: [{ mode: slot.mode, costs: 0, words: 'as planned' }, { mode: 'hold', costs: 0.12, words: 'rest' }, { mode: 'self-consume', costs: -0.03, words: 'cover the home' }, { mode: 'discharge-to', costs: null, words: 'give to the grid' }, { mode: 'charge-from-sun', costs: 0.001, words: 'charge from the sun' }] };
}

/* The stage tells such a plan, its prices and why. */
export function tellPlan(stage, options = {}) {
  const answer = planOf(stage, options);
  stage.state.batteries[0].logic = answer.plan.state === 'not-asked' ? 'threshold' : 'plan';
  stage.on('GET plan', () => ({ body: answer }));
  stage.on('GET plan/worth', () => ({ body: options.worth ?? { measured_s: 552960, currency: options.currency ?? 'EUR', bill: 8.31, without_battery: 14.33, expected_bill: 7.95 } }));
  stage.on('GET prices', () => ({ body: { currency: options.currency ?? 'EUR', slots: { t: [], length_s: [], buy: [], sell: [], assumed: [] }, sources: {} } }));
  stage.on('GET plan/explain', (_, request) => ({ body: explainOf(answer.plan, new URL(request.url, 'http://stage').searchParams.get('at')) }));
  stage.on('GET plan/what-if', (_, request) => (/reserve_pct=(\d\d?)&/.test(`${request.url}&`)
    ? { body: { battery: 'b1', hours: 48, now: { bill: 1.23, saved: 0.4, cycles: 0.9, soc_end_pct: 40 }, would: { bill: 1.31, saved: 0.32, cycles: 0.71, soc_end_pct: 45 } } }
    : { status: 422, body: { type: '/problems/out-of-range', title: 'Unprocessable Content', status: 422, detail: '"reserve_pct" is 0 to 95 %' } }));
  return answer;
}

/* What was forecast for the stage's day until now, and what happened: the sun came out weaker, the home as foreseen. */
export function tellPast(stage, { ends = Date.parse(stage.state.time) } = {}) {
  stage.on('GET plan/past', (_, request) => {
    const query = new URL(request.url, 'http://stage').searchParams, from = Date.parse(query.get('from'));
    const columns = { t: [], load_w: [], load_p10_w: [], load_p50_w: [], load_p90_w: [], pv_w: [], pv_p10_w: [], pv_p50_w: [], pv_p90_w: [], soc_pct: [], soc_p10_pct: [], soc_p50_pct: [], soc_p90_pct: [], temp_c: [], temp_p50_c: [] };
    for (let at = from; at < Date.parse(query.get('to')); at += STEP_MS) {
      const slot = slotAt(at, 40, { assumedFrom: 999 }), isPast = at < ends;
      const row = { t: at / 1000, load_w: isPast ? slot.load_w[1] * 1.1 : null, load_p10_w: slot.load_w[0], load_p50_w: slot.load_w[1], load_p90_w: slot.load_w[2], pv_w: isPast ? slot.pv_w[1] * 0.5 : null, pv_p10_w: slot.pv_w[0], pv_p50_w: slot.pv_w[1], pv_p90_w: slot.pv_w[2], soc_pct: isPast ? 55 : null, soc_p10_pct: slot.soc_pct[0], soc_p50_pct: slot.soc_pct[1], soc_p90_pct: slot.soc_pct[2], temp_c: 21, temp_p50_c: 21.8 };
      for (const [name, value] of Object.entries(row)) columns[name].push(value);
    }
    return { body: { slot_s: STEP_MS / 1000, columns } };
  });
}
