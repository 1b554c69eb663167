/*
 * The slider under a chart: its cursor, its keyboard and its screen reader in one, and beside it what stands there,
 * `words`, of which the first says where. keys: what a key does there, by its name. step: the width of a bar, where the
 * chart is of bars, so that the slider stands below the middle of each.
 */
import { html, useId } from '../view.js';

export function Scrub({ label, max, at, words, onMove, keys, step = 0 }) {
  const id = useId();
  const press = (event) => {
    const act = keys[event.key === '=' ? '+' : event.key];
    if (!act) return;
    act();
    event.preventDefault();
  };
  return html`<label class="vh" for=${id}>${label}</label><input class="scrub" id=${id} type="range" min="0" max=${max} value=${at} style=${step ? { width: `calc(100% + 24px - ${step}px)`, marginLeft: `${step / 2 - 12}px` } : {}} aria-valuetext=${words.join('; ')} onInput=${(event) => onMove(Number(event.target.value))} onKeyDown=${press} />
    <output class="read" for=${id}><b>${words[0]}</b>${words.slice(1).map((one) => html`<span>${one}</span>`)}</output>`;
}
