/*
 * Every text of the page, from one catalogue a language: t('tabs.plan'), t('age.ago', { age }).
 * A text has {names}, and where a language has to count two forms: 'once|{n} times', the first for
 * an `n` of 1. The catalogues are words/en, words/it; scripts/embed_words.py makes of them one
 * list a language, numbers the texts, and puts before them the names of those that are asked for by
 * a name made up here. Numbers are written here too: one decimal sign, a space that does
 * not break before units.
 */
import { signal } from './view.js';

const LANGUAGES = { en: 'words/en.json', it: 'words/it.json', xx: 'words/en.json' };
const MADE_UP = 'xx'; /* English with every word 40 % longer: shows what does not fit */
const AGAIN_MS = 3000;

export const languages = [['en', 'English'], ['it', 'Italiano']];
export const lang = signal('en');
let texts = [], numbers = {};

/* ---- which language ---- */

function stored() {
  try {
    return localStorage.getItem('lang');
  } catch {
    return null;
  }
}

function wanted() {
  const asked = new URLSearchParams(location.search).get('lang') ?? stored() ?? navigator.language?.slice(0, 2);
  return LANGUAGES[asked] ? asked : 'en';
}

async function use(name) {
  const answer = await fetch(LANGUAGES[name]);
  if (!answer.ok) throw new Error(`words: ${answer.status}`);
  const [names, ...list] = await answer.json();
  [texts, numbers] = [list, numbered(names)];
  lang.value = name;
  document.documentElement.lang = name === MADE_UP ? 'en' : name;
}

/* Without words there is no page: asked for until they are there. */
export const startWords = () => use(wanted()).catch(() => new Promise((again) => { setTimeout(again, AGAIN_MS); }).then(startWords));

export function setLang(name) {
  try {
    localStorage.setItem('lang', name);
  } catch { /* for this visit only */ }
  return use(name).catch(() => {}); /* cut off: the words that are there stay */
}

/* ---- texts ---- */

/* '28;tabs{now plan}' as { 'tabs.now': 28, 'tabs.plan': 29 }. */
function numbered(tree) {
  const found = {}, path = [];
  let next = parseInt(tree);
  for (const [, name, sign] of tree.matchAll(/([\w-]*)([ {}])/g)) {
    if (sign === '{') path.push(name);
    else if (name) found[[...path, name].join('.')] = next++;
    if (sign === '}') path.pop();
  }
  return found;
}

const longer = (text) => text.replace(/\p{L}{2,}/gu, (word) => word + 'oxoxoxoxoxoxox'.slice(0, Math.ceil(word.length * 0.4)));

const filled = (text, values, each = (part) => part) =>
  text.split(/(\{\w+\})/).map((part) => (/^\{\w+\}$/.test(part) ? values[part.slice(1, -1)] ?? '' : each(part))).join('');

/* Whether there is a text `key`: for codes that the daemon may know before we do. */
export const has = (key) => key in numbers;

export function t(key, values = {}) {
  const isMadeUp = lang.value === MADE_UP; /* read, so that who draws words is drawn anew */
  const text = texts[numbers[key] ?? key];
  if (text === undefined) {
    console.warn('no words for', key);
    return key;
  }
  const [one, many = one] = text.split('|');
  return glue(filled(values.n === 1 ? one : many, values, isMadeUp ? longer : undefined));
}

/* Italian says "l’80 %", "all’11": before what is spoken with a vowel. */
const elided = (text) => text.replace(/\b([adns][aeu]?|i)l (?=(8\d?|11)\D)/g, (_, p) => (p === 'i' ? 'l’' : `${p}ll’`));

/* No line breaks between a number and its unit. */
const glue = (text) => elided(text).replace(/(\d) (kWh|Wh|kW|W|%|°C|ct|min|ms|s|h|d|€|V|A|EFC)(?![\p{L}\d=])/gu, '$1\u00a0$2');

/* ---- numbers ---- */

/* "2.72", in Italian "2,72"; "–" for what is not known. */
export function num(value, decimals = 0) {
  if (value === null || value === undefined || Number.isNaN(value)) return '–';
  const text = value.toFixed(decimals).replace(/^-(0(\.0*)?)$/, '$1');
  return lang.value === 'it' ? text.replace('.', ',') : text;
}

export const unit = (value, decimals, name) => `${num(value, decimals)}\u00a0${name}`;
/* Power without its sign: words say which way. */
export const kw = (watts) => num(watts === null || watts === undefined ? null : Math.abs(watts) / 1000, 2);
export const pct = (value, decimals = 0) => unit(value, decimals, '%');
export const celsius = (value) => unit(value, 1, '°C');

/* ---- times ---- */

/* "3 s", "6 min", "1 h 40 min", "3 d": how long something took. */
export function span(seconds) {
  const s = Math.max(0, Math.floor(seconds));
  if (s < 100) return `${s}\u00a0s`;
  const min = Math.floor(s / 60);
  if (min < 60) return `${min}\u00a0min`;
  const h = Math.floor(min / 60);
  if (h < 24) return min % 60 && h < 10 ? `${h}\u00a0h ${min % 60}\u00a0min` : `${h}\u00a0h`;
  return `${Math.floor(h / 24)}\u00a0d`;
}

/* "6 min 12 s": where the second counts. */
export function exactSpan(seconds) {
  const s = Math.max(0, Math.round(seconds));
  if (s < 100) return `${s}\u00a0s`;
  if (s < 3600) return s % 60 ? `${Math.floor(s / 60)}\u00a0min ${s % 60}\u00a0s` : `${s / 60}\u00a0min`;
  return span(s);
}

/* "3 s ago" while it counts, "6 min old" once it does not, "never" where nothing was heard. */
export function ageWords(age_s, isOld = false) {
  if (age_s === null || age_s === undefined) return t('age.never');
  return t(isOld ? 'age.old' : 'age.ago', { age: span(age_s) });
}

const two = (n) => String(n).padStart(2, '0');

/* A time as a Date whose UTC parts are those of the house's wall. */
const local = (time, offset_s) => new Date((typeof time === 'string' ? Date.parse(time) : time) + offset_s * 1000);

/* "11:47", of the house: `offset_s` is its distance from UTC (state.utc_offset_s). */
/* Of several meters of a kind, whose sum it is: '2 of 3', where some are silent; else null. */
export const partOf = ({ of, silent }) => (silent?.length && silent.length < of ? t('nodes.of', { n: of - silent.length, of }) : null);

export function clock(time, offset_s = 0, withSeconds = false) {
  const at = local(time, offset_s);
  return `${two(at.getUTCHours())}:${two(at.getUTCMinutes())}` + (withSeconds ? `:${two(at.getUTCSeconds())}` : '');
}

/* "Tue 24 Nov" */
export function day(time, offset_s = 0) {
  const at = local(time, offset_s);
  return t('date.day', { weekday: t(`date.weekdays.${at.getUTCDay()}`), day: at.getUTCDate(), month: t(`date.months.${at.getUTCMonth()}`) });
}
