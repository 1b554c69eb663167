import { html } from '../view.js';
import { t } from '../words.js';
import { SheetHead } from '../parts/Sheet.js';

export default function DemoSheet() {
  return html`<${SheetHead} title=${t('shell.demo')} />`;
}
