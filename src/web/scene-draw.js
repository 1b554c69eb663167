/* What all parts of the drawing use. */
import { h as node } from './lib/preact.js';

/* A tenth of a pixel is enough. */
export const fixed = (n) => Math.round(n * 10) / 10;

/* About how wide words are, in a wide font: the picture is drawn without asking the browser. */
const widthOf = (words, size, className) => words.length * size * (/\bv\b/.test(className) ? 0.66 : 0.6);

/* Where words have to stand so that they do not leave the picture by its sides. */
function within(w, x, width, anchor) {
  const before = { start: 0, middle: width / 2, end: width }[anchor];
  return Math.max(Math.min(x, w - 4 - width + before), 4 + before);
}

export const textMaker = (w) => (x, y, content, className, size, anchor = 'middle') => {
  const at = typeof content === 'string' ? within(w, x, widthOf(content, size, className), anchor) : x;
  return node('text', { x: fixed(at), y: fixed(y), class: className, 'font-size': fixed(size), 'text-anchor': anchor }, content);
};

/* The words in one line, or in two where `room` is too small. */
export function linesOf(words, size, className, room) {
  const spaces = [...words.matchAll(/[ ]/g)].map(({ index }) => index), half = words.length / 2;
  if (!spaces.length || widthOf(words, size, className) <= room) return [words];
  const at = spaces.reduce((a, b) => (Math.abs(b - half) < Math.abs(a - half) ? b : a));
  return [words.slice(0, at), words.slice(at + 1)];
}
