/* The jar's shape, what is marked on its wall, the scale beside it, and the number in it. */
import { h as node } from './lib/preact.js';
import { fixed, linesOf } from './scene-draw.js';

export function jarPath(cx, top, half, height) {
  const X = (n) => fixed(cx + n * half), Y = (n) => fixed(top + n * height);
  return `M${X(-0.40)} ${Y(0)}L${X(0.40)} ${Y(0)}L${X(0.40)} ${Y(0.028)}C${X(0.28)} ${Y(0.04)} ${X(0.29)} ${Y(0.075)} ${X(0.31)} ${Y(0.1)}C${X(0.38)} ${Y(0.175)} ${X(1)} ${Y(0.19)} ${X(1)} ${Y(0.44)}C${X(1)} ${Y(0.68)} ${X(0.7)} ${Y(0.86)} ${X(0.5)} ${Y(0.965)}Q${X(0.46)} ${Y(1)} ${X(0.38)} ${Y(1)}L${X(-0.38)} ${Y(1)}Q${X(-0.46)} ${Y(1)} ${X(-0.5)} ${Y(0.965)}C${X(-0.7)} ${Y(0.86)} ${X(-1)} ${Y(0.68)} ${X(-1)} ${Y(0.44)}C${X(-1)} ${Y(0.19)} ${X(-0.38)} ${Y(0.175)} ${X(-0.31)} ${Y(0.1)}C${X(-0.29)} ${Y(0.075)} ${X(-0.28)} ${Y(0.04)} ${X(-0.40)} ${Y(0.028)}Z`;
}

/* Half the jar's width at a height (0..1 from its top), from the same curves as its outline. */
export function halfWidthAt(part) {
  const curve = (k, a, b, c, e) => (1 - k) ** 3 * a + 3 * (1 - k) ** 2 * k * b + 3 * (1 - k) * k * k * c + k ** 3 * e;
  const isLow = part > 0.44;
  let from = 0, to = 1;
  for (let i = 0; i < 18; i++) {
    const k = (from + to) / 2;
    if ((isLow ? curve(k, 0.44, 0.68, 0.86, 0.965) : curve(k, 0.1, 0.175, 0.19, 0.44)) < part) from = k;
    else to = k;
  }
  return isLow ? curve(from, 1, 1, 0.7, 0.5) : curve(from, 0.31, 0.38, 1, 1);
}

/* Where a state of charge stands: linear, from the floor to under the shoulder. */
const levelOf = ({ jar: { top, height } }) => (pct) => top + height * (0.985 - 0.85 * pct / 100);

/* Ceiling and reserve: lines within, marks through the wall, words outside. */
export function marks(m, s) {
  const { cx, u, size: { word }, jar: { top, height, half }, text } = m, at = levelOf(m), edge = cx + half;
  /* Where the two limits are close, the lower one's words move below it. */
  const gap = at(s.reserve) - at(s.ceiling), push = Math.max(0, word * 2.9 - gap);
  const mark = (pct, value, name, shift) => {
    const y = at(pct), reach = half * halfWidthAt((y - top) / height);
    return [
      node('path', { class: 'lim', d: `M${fixed(cx - reach + 5)} ${fixed(y)}L${fixed(cx + reach - 5)} ${fixed(y)}` }),
      node('path', { class: 'mark', d: `M${fixed(cx + reach - 5)} ${fixed(y)}L${fixed(edge + 14 * u)} ${fixed(y)}` }),
      text(edge + 19 * u, y + shift + word * 0.36, value, 'v', word * 1.12, 'start'),
      text(edge + 19 * u, y + shift + word * 1.6, name, 'k', word, 'start'),
    ];
  };
  return [...mark(s.ceiling, s.ceilingWords, s.L.ceiling, -push / 2), ...mark(s.reserve, s.reserveWords, s.L.reserve, push / 2)];
}

const COLDEST = -10, HOTTEST = 60;

/* The temperature: a scale whose thick part is what is allowed. The pointer keeps its place even where the words dodge. */
export function scale(m, s) {
  const { cx, u, isBig, size: { value, word }, jar: { top, height, half }, text } = m, { temp } = s;
  const x = cx - half - (isBig ? 34 : 24) * u, y0 = top + height * 0.985 - 6 * u, y1 = top + height * 0.24;
  const at = (c) => y0 - (y0 - y1) * (Math.max(COLDEST, Math.min(HOTTEST, c)) - COLDEST) / (HOTTEST - COLDEST);
  const y = at(temp.c), low = at(temp.lo), high = at(temp.hi), kind = temp.old ? 'v' : 'k';
  /* A long age takes two lines: it is not written over the scale. */
  const ages = linesOf(temp.age, word, kind, x - 9 * u - 4);
  let words = y + value * 0.12;
  if (temp.bad) words = temp.c < temp.lo ? low + value * 1.3 : Math.min(y, high - word * 2.6);
  else words = Math.max(high + word * 0.9 + value * 0.8, Math.min(words, low - word * (1 + 1.1 * ages.length)));
  const alarm = temp.bad ? ' al-f' : '';
  return [
    node('path', { class: 'tt', d: `M${fixed(x)} ${fixed(y0)}L${fixed(x)} ${fixed(y1)}` }),
    node('path', { class: 'tw', d: `M${fixed(x)} ${fixed(low)}L${fixed(x)} ${fixed(high)}` }),
    text(x - 9 * u, low + word * 0.36, temp.loWords, 'k', word, 'end'),
    text(x - 9 * u, high + word * 0.36, temp.hiWords, 'k', word, 'end'),
    node('path', { class: `ptr${alarm}`, d: `M${fixed(x + 6 * u)} ${fixed(y)}l${fixed(10 * u)} ${fixed(-6 * u)}v${fixed(12 * u)}z` }),
    text(x - 9 * u, words, temp.words, `v${alarm}`, value * 0.86, 'end'),
    ...ages.map((age, i) => text(x - 9 * u, words + word * 1.2 + i * word * 1.1, [age], kind, word, 'end')),
  ];
}

/* The charge as a number, with its age and what that is in kWh. */
export function number({ cx, u, size: { soc, word }, jar: { top, height }, text }, s) {
  const y = top + height * 0.615, ageClass = s.socOld ? 'v' : 'k2';
  if (s.soc === null) return [text(cx, y - soc * 0.3, '–', 'k', soc * 0.5), text(cx, y + word * 1.7, s.socAge, 'k2', word)];
  return [
    text(cx, y, [s.socWords, node('tspan', { class: 'v', 'font-size': fixed(soc * 0.42), dx: fixed(3 * u) }, '%')], 'soc', soc),
    text(cx, y + word * 1.7, s.socAge, ageClass, word),
    height > 190 && s.kwh ? text(cx, y + word * 3, s.kwh, 'k2', word) : null,
  ];
}
