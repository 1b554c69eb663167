import { html } from '../view.js';

export const Brand = () => html`<a class="brand" href="#/now"><svg viewBox="0 0 20 24" aria-hidden="true"><path fill="currentColor" d="M6 0h8v2l-1.500 1c0 3 6.500 3.500 6.500 9.500 0 5-3 8.500-4.500 11.500h-9C4 21 1 17.500 1 12.500 1 6.500 7.500 6 7.500 3L6 2z" /></svg><span>Amphora</span></a>`;
