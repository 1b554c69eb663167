/* One parameter: what it is, its range, a line and a text field; a change is shown as asked until it was read back. */
import { html, useEffect, useId, useState } from '../view.js';
import { patch, Problem } from '../api.js';
import { num, t } from '../words.js';
import { problemWords, whyNot } from '../parts/gate.js';
import { holding, parameterHelp, parameterName, placeWords, valueWords } from '../parameters.js';

const WAIT_MS = 1500;

/* A step of the line: about a hundred of them, a round number. */
function stepOf({ min, max, unit }) {
  if (unit === '%') return 1;
  if (unit === '°C') return 0.5;
  return [1, 5, 10, 60, 300, 600].find((step) => (max - min) / step <= 200) ?? 600;
}

/* What was typed as a number; null where it is none. */
const readNumber = (text) => (/^\s*-?\d+([.,]\d+)?\s*$/.test(text) ? Number(text.trim().replace(',', '.')) : null);

function rangeWords(parameter) {
  const preset = valueWords(parameter, parameter.default);
  return parameter.kind === 'number' ? t('settings.range', { min: valueWords(parameter, parameter.min), max: valueWords(parameter, parameter.max), preset }) : t('settings.preset', { preset });
}

function Line({ parameter, value, disabled, onInput, label, why }) {
  const { min, max } = parameter, x = ((parameter.default - min) / (max - min)) * 244 + 8;
  return html`<div class="rngbox"><svg class="rng" viewBox="0 0 260 18" preserveAspectRatio="none" aria-hidden="true"><path class="tt" d="M8 9H252" /><path class="mark" d=${`M${x} 2v14`} /></svg>
    <input class="scrub" type="range" min=${min} max=${max} step=${stepOf(parameter)} value=${value} disabled=${disabled} aria-label=${label} aria-valuetext=${valueWords(parameter, value)} aria-describedby=${why} onInput=${onInput} /></div>`;
}

/* The field beside it: number, choice or windows of the day. */
function Field({ parameter, text, disabled, label, isWrong, why, onText, onEnter }) {
  if (parameter.kind === 'choice') return html`<select class="field" value=${text} disabled=${disabled} aria-label=${label} aria-describedby=${why} onChange=${(event) => onText(event.target.value)}>${parameter.choices.map((name) => html`<option value=${name} selected=${name === text}>${valueWords(parameter, name)}</option>`)}</select>`;
  return html`<span class="with-unit"><input class="field" type="text" inputmode=${parameter.kind === 'number' ? 'decimal' : 'text'} value=${text} disabled=${disabled} aria-label=${label} aria-invalid=${isWrong} aria-describedby=${why} onInput=${(event) => onText(event.target.value)} onKeyDown=${(event) => { if (event.key === 'Enter') onEnter(); }} />${parameter.unit && html`<span class="u">${parameter.unit}</span>`}</span>`;
}

const same = (a, b) => (typeof a === 'number' && typeof b === 'number' ? Math.abs(a - b) < 1e-6 : a === b);

export function Parameter({ parameter, scope, etag, again }) {
  const { value, place, set } = holding(parameter, scope);
  const [draft, setDraft] = useState(null);
  const [asked, setAsked] = useState(null);
  const [problem, setProblem] = useState(null);
  const hint = useId();
  const name = parameterName(parameter);
  const written = (one) => (parameter.kind === 'number' ? num(one, Number.isInteger(one) ? 0 : 2) : String(one ?? ''));
  const shown = draft ?? written(value);
  const wanted = parameter.kind === 'number' ? readNumber(shown) : shown;
  const isWrong = draft !== null && parameter.kind === 'number' && (wanted === null || wanted < parameter.min || wanted > parameter.max);
  const outside = ({ min, max }) => t('settings.outside', { min: valueWords(parameter, min), max: valueWords(parameter, max) });
  const isOff = !!whyNot.value || !!asked, said = isWrong || asked ? hint : 'settings-why';
  const isNew = draft !== null && !isWrong && !same(wanted, value);

  /* It is there once it was read back, by whomever it was changed. */
  useEffect(() => { if (asked && (asked.isUnset ? set === null : same(asked.value, value))) setAsked(null); }, [value, set, asked]);
  /* What was read after the daemon took it holds, also where somebody else was quicker. */
  useEffect(() => { if (asked?.isTaken) setAsked(null); }, [parameter]);
  useEffect(() => { if (!asked) return undefined; const timer = setInterval(again, WAIT_MS); return () => clearInterval(timer); }, [asked]);

  async function ask(next) {
    setProblem(null);
    setDraft(null);
    setAsked({ value: next, isUnset: next === null });
    try {
      await patch('settings', { ...(scope ? { scope } : {}), name: parameter.name, value: next }, etag);
      setAsked({ value: next, isTaken: true });
    } catch (failure) {
      setAsked(null);
      setProblem(failure instanceof Problem ? failure : new Problem(0, {}));
      if (failure.status === 412 && next !== null) setDraft(written(next)); /* asks anew, beside what it is now */
    }
    again();
  }
  const refused = () => {
    const { status, range } = problem;
    if (status === 412) return t('settings.changed', { is: valueWords(parameter, value) });
    return range ? outside(range) : problemWords(problem);
  };
  const lineValue = wanted === null ? value : Math.min(parameter.max, Math.max(parameter.min, wanted));
  return html`<div class="par"><h3>${name}</h3><p>${parameterHelp(parameter)}</p><p>${rangeWords(parameter)}. ${placeWords(place)}.</p>
    ${parameter.kind === 'number' && html`<${Line} parameter=${parameter} value=${lineValue} disabled=${isOff} why=${said} label=${t('settings.line', { name })} onInput=${(event) => setDraft(num(Number(event.target.value), Number.isInteger(Number(event.target.value)) ? 0 : 1))} />`}
    <div class=${parameter.kind === 'number' ? 'step' : 'step wide'}><${Field} parameter=${parameter} text=${shown} disabled=${isOff} label=${name} isWrong=${isWrong} why=${said} onText=${setDraft} onEnter=${() => isNew && ask(wanted)} /></div>
    ${isWrong && html`<p class="wait" role="alert" id=${hint}>${outside(parameter)}</p>`}
    ${problem && html`<p class="wait" role="alert">${refused()}</p>`}
    ${isNew && html`<p class="wait acts"><button class="btn pri" type="button" disabled=${isOff} aria-describedby=${said} onClick=${() => ask(wanted)}>${t('settings.set', { value: valueWords(parameter, wanted) })}</button><button class="btn" type="button" onClick=${() => { setDraft(null); setProblem(null); }}>${t('settings.leave', { value: valueWords(parameter, value) })}</button></p>`}
    ${asked && html`<p class="wait" role="status" id=${hint}>${t(asked.isUnset ? 'settings.askedUnset' : 'settings.asked', { asked: valueWords(parameter, asked.value), is: valueWords(parameter, value) })}</p>`}
    ${set !== null && !asked && draft === null && html`<p class="wait plain"><button class="btn small" type="button" disabled=${isOff} aria-describedby=${said} onClick=${() => ask(null)}>${t('settings.unset')}</button></p>`}</div>`;
}
