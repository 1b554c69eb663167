/*
 * English that no catalogue has: details of a refusal, a system's or another server's words.
 * Marked, so that a screen reader speaks it as English.
 */
import { html } from '../view.js';

/* Stands in a text for what is foreign: t('problem.other', { detail: HERE }). */
export const HERE = '\u0001';

export const foreign = (words) => html`<span lang="en">${words}</span>`;

/* `text` with `words` where HERE stands. */
export function withForeign(text, words) {
  const [before, after] = text.split(HERE);
  return [before, foreign(words), after];
}
