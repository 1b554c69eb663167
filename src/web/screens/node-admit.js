/* How a stranger becomes yours, and is forgotten again: asked in a sheet, done when Amphora says so. */
import { html, useEffect, useState } from '../view.js';
import { get, post, remove } from '../api.js';
import { t } from '../words.js';
import { Button } from '../parts/Button.js';
import { Made, number, Word } from '../parts/Field.js';
import { problemWords } from '../parts/gate.js';
import { SheetHead } from '../parts/Sheet.js';

export const ADMISSIONS = 'nodes/admissions';

export const Lines = ({ children }) => html`<pre class="lines" tabindex="0" role="region" aria-label=${t('nodes.admitLines')}>${children}</pre>`;

/* Closes once `act` is done; the list behind it is told anew by then. `why` it may not be asked. */
export function Act({ act, words, why, close }) {
  const [isAsked, setAsked] = useState(false);
  const [problem, setProblem] = useState(null);
  const ask = () => { setAsked(true); setProblem(null); act().then(close, (failure) => { setProblem(failure); setAsked(false); }); };
  return html`<div class="acts">${isAsked ? html`<p class="sm" role="status">${t('nodes.askedFor')}</p>` : html`<${Button} primary icon="check" why=${why} onClick=${ask}>${words}<//>`}</div>${problem && html`<p class="sm" role="alert">${problemWords(problem)}</p>`}`;
}

const isSize = (value) => value >= 0.001 && value <= 10000;

export function AdmitSheet({ node, close }) {
  const name = node.node, [about, setAbout] = useState(null), [said, setAll] = useState({ chemistry: '' });
  useEffect(() => { get('setup').then(setAbout, () => {}); }, []);
  const kwh = number(said.capacity), a = { ...said, power: said.power ?? (isSize(kwh) ? kwh / 2 : '') }, kw = number(a.power);
  const why = a.chemistry && !(isSize(kwh) && isSize(kw)) ? t('nodes.sizesNeed') : null;
  const sizes = a.chemistry && { chemistry: a.chemistry, capacity_kwh: kwh, power_kw: kw };
  return html`<${SheetHead} title=${t('nodes.admitTitle', { id: name })} /><p>${t('nodes.admitHow')}</p>
    ${about && html`<div class="login"><${Made} a=${a} set=${(change) => setAll({ ...said, ...change })} chemistries=${about.chemistries} none=${t('nodes.notSaid')}>${said.power === undefined && html`<p class="sm mut">${t('nodes.powerGuess')}</p>`}<//></div>`}
    <${Act} words=${t('nodes.admit')} why=${why} act=${() => post(ADMISSIONS, { node: name, ...sizes })} close=${close} />`;
}

/* `relay`, where it is one: without a lease it may be out of reach, and somebody has to look at it. */
export function ForgetSheet({ node, relay, close }) {
  const [isSeen, setSeen] = useState(false);
  return html`<${SheetHead} title=${t('nodes.forgetTitle', { id: node })} /><p>${t(relay ? 'nodes.forgetRelay' : 'nodes.forgetHow')}</p>
    ${relay?.lease === 'none' && html`<${Word} a=${{ isSeen }} set=${(said) => setSeen(said.isSeen)} name="isSeen">${t('nodes.seenOpen')}<//>`}
    <${Act} words=${t('nodes.forget')} act=${() => remove(`${ADMISSIONS}/${encodeURIComponent(node)}${isSeen ? '?seen_open=true' : ''}`)} close=${close} />`;
}
