/* A state as a word in a pill: kind 'al' alarm, 'sk' sketched (not there yet), 'solid'. Never by colour alone. */
import { html } from '../view.js';
import { Icon } from './Icon.js';

export const Tag = ({ kind = '', icon, children }) => html`<span class=${`tag ${kind}`}>${icon && html`<${Icon} name=${icon} small />`}${children}</span>`;
