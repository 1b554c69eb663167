/* Icons of the sprite in index.html, on a grid of 24, stroke 1.7, round ends. They say nothing that words beside them do not. */
import { html } from '../view.js';

export const Icon = ({ name, small }) => html`<svg class=${small ? 'i i-s' : 'i'} viewBox="0 0 24 24" aria-hidden="true"><use href=${`#i-${name}`} /></svg>`;
