/* What a chart shows as numbers; folded until it is asked for. */
import { html } from '../view.js';
import { t } from '../words.js';

export const Table = ({ heads, rows }) => html`<details><summary>${t('shell.asTable')}</summary><div class="scroll" tabindex="0" role="region" aria-label=${t('shell.table')}><table class="tbl">
  <thead><tr>${heads.map((head, i) => html`<th scope="col" class=${i ? 'r' : ''}>${head}</th>`)}</tr></thead>
  <tbody>${rows.map((row) => html`<tr>${row.map((cell, i) => html`<td class=${i ? 'r' : ''}>${cell}</td>`)}</tr>`)}</tbody></table></div></details>`;
