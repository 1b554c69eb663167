/*
 * The plan as its screen wants it: slots as points of a chart, stretches in which one thing is
 * done, and both in words. What the daemon does not know stays null.
 */
import { get } from './api.js';
import { clock, num, pct, t } from './words.js';
import { dateOf, dateText, offset_s, weekdayOf } from './zone.js';

const named = (name, three) => ({ [name]: three?.[1] ?? null, [`${name}Min`]: three?.[0] ?? null, [`${name}Max`]: three?.[2] ?? null });

function pointsOf({ slots, slot_s }) {
  return slots.map(({ at, ...slot }, i) => {
    const from = Date.parse(at);
    return { from, to: slots[i + 1] ? Date.parse(slots[i + 1].at) : from + slot_s * 1000, mode: slot.mode, level: slot.level_pct ?? null, buy: slot.buy ?? null, sell: slot.sell ?? null, isAssumed: Boolean(slot.price_assumed), temp: slot.temp_c ?? null, ...named('load', slot.load_w), ...named('pv', slot.pv_w), ...named('soc', slot.soc_pct) };
  });
}

/* Neighbours that do the same: [{ from, to, mode, level, points }]. */
export function stretchesOf(points) {
  const list = [];
  for (const point of points) {
    const last = list[list.length - 1];
    if (last && last.mode === point.mode && last.level === point.level) Object.assign(last, { to: point.to, points: [...last.points, point] });
    else list.push({ from: point.from, to: point.to, mode: point.mode, level: point.level, points: [point] });
  }
  return list;
}

/* GET /plan of a battery, its slots as points and the currency of its prices beside it. */
export async function readPlan(battery) {
  const query = battery ? `?battery=${encodeURIComponent(battery)}` : '';
  const [answer, prices] = await Promise.all([
    get(`plan${query}`).catch((problem) => { if (problem.status === 404) return { plan: null }; throw problem; }),
    get('prices').catch(() => null),
  ]);
  return { ...answer, currency: prices?.currency ?? 'EUR', points: answer.plan ? pointsOf(answer.plan) : [] };
}

/* What was paid in the last days, beside what was expected. */
export const WORTH_DAYS = 7;
export const readWorth = (battery) => get(`plan/worth?battery=${encodeURIComponent(battery)}`);

export const readExplain = (battery, at) => get(`plan/explain?battery=${battery}&at=${encodeURIComponent(new Date(at).toISOString())}`);

/* ---- words ---- */

/* "charge from the grid to 80 %" */
export const modeWords = (mode, level) => t(`plan.modes.${mode}`, { pct: pct(level) });
export const capital = (text) => text[0].toUpperCase() + text.slice(1);

/* "17:00" today, "Thu 02:15" on another day. */
export function whenWords(at, now) {
  const time = clock(at, offset_s(at));
  return dateText(dateOf(at)) === dateText(dateOf(now)) ? time : `${t(`date.weekdays.${weekdayOf(at)}`)} ${time}`;
}

/* Prices are in cents where there are any. */
const cents = (currency) => currency === 'EUR';
export const centsIn = (currency) => (cents(currency) ? 100 : 1);
export const priceUnit = (currency) => (cents(currency) ? 'ct/kWh' : `${currency}/kWh`);
export const priceNumber = (price, currency, decimals = 1) => (cents(currency) ? num(price * 100, decimals) : num(price, 1 + decimals));
export const priceWords = (price, currency) => `${priceNumber(price, currency)}\u00a0${cents(currency) ? 'ct' : currency}`;
export const money = (amount, currency) => `${num(Math.abs(amount), 2)}\u00a0${cents(currency) ? '€' : currency}`;

/* With a sign where it is earned. */
export const signedMoney = (amount, currency) => `${amount < 0 ? '−' : ''}${money(amount, currency)}`;

/* "Rest until 17:00, then cover the home until 23:00." */
export function sentence(stretches, now) {
  const shown = stretches.filter((one) => one.to > now).slice(0, 3);
  const parts = shown.map(({ mode, level, to }) => t('plan.until', { what: modeWords(mode, level), until: whenWords(to, now) }));
  return parts.length ? `${capital(parts.join(t('plan.then')))}.` : '';
}
