import { html } from '../view.js';
import { t } from '../words.js';

export default function Screen() {
  return html`<div class="page"><header><h1>${t('tabs.battery')}</h1></header></div>`;
}
