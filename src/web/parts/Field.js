/* Fields of a form: `a` has what was answered, which set({ name: value }) changes; and what a battery is made of. */
import { html } from '../view.js';
import { celsius, pct, t } from '../words.js';

export const number = (text) => Number(String(text ?? '').trim().replace(',', '.'));

export function Field({ a, set, name, label, options, ...rest }) {
  const id = `s-${name}`, onInput = (event) => set({ [name]: event.target.value });
  return html`<p><label for=${id}>${label}</label>${options ? html`<select class="field" id=${id} onChange=${onInput}>${options.map(([key, words]) => html`<option value=${key} selected=${key === (a[name] ?? '')}>${words}</option>`)}</select>` : html`<input class="field" id=${id} value=${a[name] ?? ''} onInput=${onInput} ...${rest} />`}</p>`;
}

export const Word = ({ a, set, name, children }) => html`<p class="pick"><label><input type="checkbox" checked=${!!a[name]} onChange=${(event) => set({ [name]: event.target.checked })} /><span>${children}</span></label></p>`;

/* Chemistry, capacity and power, with the limits that come of them; `none` is the line for who does not know, or nothing. */
export function Made({ a, set, chemistries, none, children }) {
  const kind = chemistries.find(({ name }) => name === a.chemistry);
  return html`<${Field} a=${a} set=${set} name="chemistry" label=${t('access.setup.chemistry')} options=${[...(none ? [['', none]] : []), ...chemistries.map(({ name }) => [name, t(`battery.chemistries.${name.replace('-', '_')}`)])]} />
    ${kind && html`<${Field} a=${a} set=${set} name="capacity" label=${t('access.setup.capacity')} inputmode="decimal" /><${Field} a=${a} set=${set} name="power" label=${t('access.setup.power')} inputmode="decimal" />${children}
    <p class="sm mut">${t('access.setup.limits', { ceiling: pct(kind.ceiling_pct), coldest: celsius(kind.charge_min_c), warmest: celsius(kind.charge_max_c), reserve: pct(kind.reserve_pct), cold: celsius(kind.discharge_min_c), warm: celsius(kind.discharge_max_c) })}</p>`}`;
}
