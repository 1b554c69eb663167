/* Which battery the screens are about, where the house has several. */
import { html, signal } from './view.js';
import { house } from './live.js';
import { t } from './words.js';

const chosen = signal(null);

export const batteries = () => house.value?.state.batteries ?? [];

/* The battery's state, or null before the first word from the daemon. */
export const battery = () => batteries().find((one) => one.id === chosen.value) ?? batteries()[0] ?? null;

export function BatteryPick() {
  const list = batteries();
  if (list.length < 2) return null;
  return html`<div class="seg" role="group" aria-label=${t('tabs.battery')}>${list.map(({ id }) =>
    html`<button type="button" aria-pressed=${id === battery().id} onClick=${() => { chosen.value = id; }}>${id}</button>`)}</div>`;
}
