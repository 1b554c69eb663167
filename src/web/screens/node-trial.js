/* The trial of a relay while its battery is only watched: asked in a sheet, followed until it is over. */
import { html, useEffect, useState } from '../view.js';
import { get, post } from '../api.js';
import { t } from '../words.js';
import { Button } from '../parts/Button.js';
import { problemWords } from '../parts/gate.js';
import { SheetHead } from '../parts/Sheet.js';

const ASK_MS = 1000;

export function TrialSheet({ relay }) {
  const [told, setTold] = useState(null);
  const [problem, setProblem] = useState(null);
  const path = `relays/${encodeURIComponent(relay.id)}/trial`, isRunning = told?.state === 'running';
  const begin = () => { setProblem(null); setTold(null); post(path).then(({ body }) => setTold(body), setProblem); };
  useEffect(() => {
    if (!isRunning) return undefined;
    const timer = setInterval(() => get(path).then(setTold, setProblem), ASK_MS);
    return () => clearInterval(timer);
  }, [isRunning]);
  return html`<${SheetHead} title=${t('nodes.trialTitle', { id: relay.id })} /><p>${t(relay.lease === 'none' ? 'nodes.trialFollow' : 'nodes.trialOpen')}</p>
    <div class="acts">${isRunning ? html`<p class="sm" role="status">${t('nodes.trialRuns')}</p>` : html`<${Button} primary onClick=${begin}>${t('nodes.trialBegin')}<//>`}</div>
    ${told?.state === 'done' && html`<p class=${told.passed ? '' : 'bad'} role="alert">${t(`nodes.trials.${told.result}`)}</p>`}${problem && html`<p class="sm" role="alert">${problemWords(problem)}</p>`}`;
}
