/* What was forecast a day ahead, beside what happened, in the slots of the plans that were made. */
import { get } from './api.js';
import { kw, num, pct, t, unit } from './words.js';

const AHEAD = '24h';
/* Each with its name in GET /plan/past, its unit there, and how it is written. */
const KINDS = [['pv', 'w', 'history.sunHead', (value) => unit(value / 1000, 2, 'kW')], ['load', 'w', 'history.homeHead', (value) => unit(value / 1000, 2, 'kW')], ['soc', 'pct', 'history.charge', (value) => pct(value)]];

/* [{ from, to, pv, pvMin, pvMax, pvWas, load…, soc…, temp, tempWas }]; empty where no plan was made. */
export async function readPast(battery, from, to, options) {
  const answer = await get(`plan/past?battery=${encodeURIComponent(battery)}&from=${new Date(from).toISOString()}&to=${new Date(to).toISOString()}&ahead=${AHEAD}`, options).catch(() => null);
  const { columns = {}, slot_s = 0 } = answer ?? {};
  const of = (name, i) => columns[name]?.[i] ?? null;
  return (columns.t ?? []).map((at, i) => {
    const point = { from: at * 1000, to: (at + slot_s) * 1000, temp: of('temp_p50_c', i), tempWas: of('temp_c', i) };
    for (const [name, suffix] of KINDS) Object.assign(point, { [name]: of(`${name}_p50_${suffix}`, i), [`${name}Min`]: of(`${name}_p10_${suffix}`, i), [`${name}Max`]: of(`${name}_p90_${suffix}`, i), [`${name}Was`]: of(`${name}_${suffix}`, i) });
    return point;
  }).filter((point) => KINDS.some(([name]) => point[name] !== null));
}

const hasBand = (point, name) => (point[`${name}Min`] ?? null) !== null && (point[`${name}Max`] ?? null) !== null;

/* The forecast of `name` as a layer of a chart; nothing where there is none. */
export function pastLayers(past, name, colour) {
  const known = past.filter((point) => point[name] !== null);
  return known.length ? [{ name, pieces: [known], line: `l-${colour} dash`, band: known.every((point) => hasBand(point, name)) ? `a-${colour}` : null }] : [];
}

/* "3.20 kW (2.10–4.00)" */
function forecastWords(point, [name, , , format]) {
  if (point[name] === null) return '–';
  const plain = name === 'soc' ? (value) => num(value) : kw;
  return `${format(point[name])}${hasBand(point, name) ? ` (${plain(point[`${name}Min`])}–${plain(point[`${name}Max`])})` : ''}`;
}

const kindsIn = (past) => KINDS.filter(([name]) => past.some((point) => point[name] !== null));

/* What was forecast for that time, in words: []. */
export function pastWords(past, at) {
  const point = past.find((one) => at >= one.from && at < one.to);
  return point ? kindsIn(past).filter(([name]) => point[name] !== null).map((kind) => t('history.forecastIs', { what: t(kind[2]), value: forecastWords(point, kind) })) : [];
}

/* How often what happened lay within its range: "sun 81 %, home 76 %"; '' where that cannot be told. */
export function withinWords(past) {
  const shares = kindsIn(past).flatMap(([name, , head]) => {
    const known = past.filter((point) => hasBand(point, name) && point[`${name}Was`] !== null);
    const within = known.filter((point) => point[`${name}Was`] >= point[`${name}Min`] && point[`${name}Was`] <= point[`${name}Max`]);
    return known.length ? [`${t(head)} ${pct((100 * within.length) / known.length)}`] : [];
  });
  return shares.length ? t('history.within', { list: shares.join(', ') }) : '';
}

/* The table: what each was, and what it was to be. */
export const pastHeads = (past) => kindsIn(past).flatMap(([, , head]) => [t(head), t('history.forecast')]);
export const pastCells = (past, point) => kindsIn(past).flatMap((kind) => { const was = point[`${kind[0]}Was`]; return [was === null ? t('history.noData') : kind[3](was), forecastWords(point, kind)]; });

/* Beside the columns of the CSV. */
export const PAST_NAMES = KINDS.flatMap(([name, suffix]) => ['p10', 'p50', 'p90'].map((part) => `forecast_${name}_${part}_${suffix}`));
export const pastValues = (past, at) => { const point = past.find((one) => at >= one.from && at < one.to); return KINDS.flatMap(([name]) => [point?.[`${name}Min`], point?.[name], point?.[`${name}Max`]]); };
