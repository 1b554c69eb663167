/* How old a value is, counting on: "3 s ago", and "6 min old" and hatched once it does not count any more. */
import { html } from '../view.js';
import { ageOf } from '../live.js';
import { ageWords } from '../words.js';

export function Age({ of, field = 'age_s', isOld = false }) {
  return html`<span class=${isOld ? 'age old' : 'age'}>${ageWords(ageOf(of, field), isOld)}</span>`;
}
