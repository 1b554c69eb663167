/* Numbers with their names: [{ name, lead, value, unit, note, needs, isOld }]; what is not known says what it needs. */
import { html } from '../view.js';

const Fact = ({ name, lead, value, unit, note, needs, isOld }) => html`<div><dt>${name}</dt>${needs ? html`<dd class="u">${needs}${note && html`<small>${note}</small>`}</dd>`
  : html`<dd>${lead && html`<span class="u">${lead} </span>`}<span class=${isOld ? 'old' : ''}>${value}${unit === '%' || unit === '°C' ? `\u00a0${unit}` : ''}</span>${unit && unit !== '%' && unit !== '°C' && html`${'\u00a0'}<span class="u">${unit}</span>`}${note && html`<small>${note}</small>`}</dd>`}</div>`;

export const Facts = ({ facts }) => html`<dl class="facts">${facts.map((fact) => html`<${Fact} ...${fact} />`)}</dl>`;
