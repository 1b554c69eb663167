/* How a stranger becomes yours, and is forgotten again: asked in a sheet, done when Amphora says so. */
import { html, useState } from '../view.js';
import { post, remove } from '../api.js';
import { t } from '../words.js';
import { Button } from '../parts/Button.js';
import { problemWords } from '../parts/gate.js';
import { SheetHead } from '../parts/Sheet.js';

const ADMISSIONS = 'nodes/admissions';

export const Lines = ({ children }) => html`<pre class="lines" tabindex="0" role="region" aria-label=${t('nodes.admitLines')}>${children}</pre>`;

/* Closes once `act` is done; the list behind it is told anew by then. */
function Act({ act, words, close }) {
  const [isAsked, setAsked] = useState(false);
  const [problem, setProblem] = useState(null);
  const ask = () => { setAsked(true); setProblem(null); act().then(close, (failure) => { setProblem(failure); setAsked(false); }); };
  return html`<div class="acts">${isAsked ? html`<p class="sm" role="status">${t('nodes.askedFor')}</p>` : html`<${Button} primary icon="check" onClick=${ask}>${words}<//>`}</div>${problem && html`<p class="sm" role="alert">${problemWords(problem)}</p>`}`;
}

export function AdmitSheet({ node, close }) {
  const name = node.node;
  return html`<${SheetHead} title=${t('nodes.admitTitle', { id: name })} /><p>${t('nodes.admitHow')}</p>
    <${Act} words=${t('nodes.admit')} act=${() => post(ADMISSIONS, { node: name })} close=${close} />
    <p class="sm mut">${t('nodes.admitMore')}</p><${Lines}>${`batteries:\n  - {id: ${name}, chemistry: lfp, capacity_kwh: 5, power_kw: 2}`}<//>`;
}

export function ForgetSheet({ node, close }) {
  return html`<${SheetHead} title=${t('nodes.forgetTitle', { id: node.node })} /><p>${t('nodes.forgetHow')}</p>
    <${Act} words=${t('nodes.forget')} act=${() => remove(`${ADMISSIONS}/${encodeURIComponent(node.node)}`)} close=${close} />`;
}
