/* A node in a list: what it is, its state as a word, its facts, its last hour, what you can do. */
import { html } from '../view.js';
import { Beat } from '../charts.js';
import { t } from '../words.js';
import { Icon } from './Icon.js';
import { Tag } from './Tag.js';

const beatWords = (minutes) => {
  const known = minutes.filter((heard) => heard !== null), missed = known.filter((heard) => !heard).length;
  if (!known.length) return t('nodes.hourUnknown');
  if (missed) return t('nodes.hourMissed', { n: missed, of: known.length });
  return t(known.length === 60 ? 'nodes.hourWhole' : 'nodes.hourHeard', { n: known.length });
};

/* facts: [[name, value]], value a vnode or text; tag: { words, kind, icon } */
export function NodeRow({ icon, title, tag, facts = [], minutes, advice, children }) {
  return html`<li><${Icon} name=${icon} /><div><h3>${title}</h3>${facts.length > 0 && html`<div class="kv">${facts.map(([name, value]) => html`<span>${name} <b>${value}</b></span>`)}</div>`}
    ${minutes && html`<${Beat} minutes=${minutes} label=${beatWords(minutes)} /><p class="sm mut">${beatWords(minutes)}</p>`}</div>
    <${Tag} kind=${tag.kind} icon=${tag.icon}>${tag.words}<//>${(advice || children) && html`<div class="act">${advice && html`<p class="sm">${advice}</p>`}${children}</div>`}</li>`;
}
