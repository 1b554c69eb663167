/* The parameter table as GET /settings tells it, in the words of this page. */
import { getWhole } from './api.js';
import { has, num, t, unit } from './words.js';

/* { list, etag } */
export async function readSettings() {
  const { body, headers } = await getWhole('settings');
  return { list: body.settings, etag: headers.get('ETag') };
}

export const parameterName = ({ name }) => (has(`settings.names.${name}`) ? t(`settings.names.${name}`) : name.replaceAll('_', ' '));
export const parameterHelp = ({ name, help }) => (has(`settings.helps.${name}`) ? t(`settings.helps.${name}`) : help);

const decimals = (parameter, value) => (parameter.unit === '°C' ? 1 : Number.isInteger(value) ? 0 : 2);

/* A value with its unit: "85 %", "monitor" in words, "–" where nothing is set. */
export function valueWords(parameter, value) {
  if (value === null || value === undefined) return '–';
  if (parameter.kind === 'choice') return has(`settings.choices.${value}`) ? t(`settings.choices.${value}`) : value;
  if (parameter.kind === 'schedule') return value === '' ? t('settings.noSchedule') : value;
  return parameter.unit ? unit(value, decimals(parameter, value), parameter.unit) : num(value, decimals(parameter, value));
}

/* What holds at a scope ('' is the house) and where that was said: { value, place }. */
export function holding(parameter, scope) {
  if (scope) {
    const own = parameter.batteries.find(({ battery }) => battery === scope);
    return { value: own?.value ?? null, place: own?.place ?? 'preset', set: own?.set ?? null };
  }
  if (parameter.set !== null) return { value: parameter.set, place: 'house set', set: parameter.set };
  if (parameter.file !== null) return { value: parameter.file, place: 'house file', set: null };
  return { value: parameter.default, place: 'preset', set: null };
}

export const placeWords = (place) => t(`settings.places.${place.replace(' ', '_')}`);

/* The parameter's value for a battery; null before the table was read. */
export const valueOf = (list, name, battery) => list?.find((one) => one.name === name)?.batteries.find((one) => one.battery === battery)?.value ?? null;
