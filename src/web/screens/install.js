import { html } from '../view.js';
import { t } from '../words.js';
import { house } from '../live.js';
import { Age } from '../parts/Age.js';

export default function Screen() {
  return html`<div class="page"><header><h1>${t('tabs.now')}</h1></header>${(house.value?.state.batteries ?? []).map((b) => html`<p>${b.id} ${b.soc_pct} % <${Age} of=${b} /> ${b.decision}</p>`)}</div>`;
}
