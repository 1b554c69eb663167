/* What the looks in a chart mean: [[words, looks, …]], areas and lines of the style sheet one upon the other; false for none. */
import { html } from '../view.js';

export const Key = ({ list }) => html`<ul class="key">${list.filter(Boolean).map(([words, ...looks]) => html`<li><svg aria-hidden="true">${looks.map((name, i) =>
  /^[lg]-/.test(name) ? html`<path class=${name} d=${i && looks[0] === 'a-sun' ? 'M0 1h22' : 'M0 6h22'} />` : html`<rect class=${name} x="1" y="1" width="20" height="10" rx=${name[0] === 'b' ? 2 : 0} />`)}</svg>${words}</li>`)}</ul>`;
