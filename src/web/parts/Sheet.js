/*
 * A sheet over the page: <dialog>, so that the rest is inert, Escape closes it and focus
 * returns. Open one with openSheet(Component, props); it gets `close` besides.
 */
import { html, signal, useEffect, useRef } from '../view.js';
import { t } from '../words.js';
import { Icon } from './Icon.js';

const shown = signal(null);

export function openSheet(component, props = {}) {
  shown.value = { component, props };
}

export function closeSheet() {
  shown.value = null;
}

export function SheetHead({ title }) {
  return html`<header><h2 id="sheet-t" tabindex="-1">${title}</h2><button class="btn icon" type="button" aria-label=${t('shell.close')} onClick=${closeSheet}><${Icon} name="x" /></button></header>`;
}

/* Stands once in the page. */
export function SheetHost() {
  const dialog = useRef(null);
  const sheet = shown.value;
  useEffect(() => {
    const element = dialog.current;
    if (sheet && !element.open) {
      element.showModal();
      element.querySelector('#sheet-t')?.focus();
    } else if (!sheet && element.open) element.close();
  }, [sheet]);
  const outside = (event) => { if (event.target === dialog.current) closeSheet(); };
  return html`<dialog ref=${dialog} id="sheet" aria-labelledby="sheet-t" onClose=${closeSheet} onClick=${outside}>${sheet && html`<${sheet.component} ...${sheet.props} close=${closeSheet} />`}</dialog>`;
}
