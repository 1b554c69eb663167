/* What all parts of the drawing use. */
import { h as node } from './lib/preact.js';

/* A tenth of a pixel is enough. */
export const fixed = (n) => Math.round(n * 10) / 10;

export const textMaker = () => (x, y, content, className, size, anchor = 'middle') =>
  node('text', { x: fixed(x), y: fixed(y), class: className, 'font-size': fixed(size), 'text-anchor': anchor }, content);
