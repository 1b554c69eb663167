/*
 * A button that changes something: off while it may not be pressed, with the reason beside it.
 * `why` is a further reason of the caller's (a sentence or null); `gated` false leaves out who we are.
 */
import { html, useId } from '../view.js';
import { Icon } from './Icon.js';
import { needsLogin, whyNot } from './gate.js';
import { link } from '../router.js';
import { t } from '../words.js';

export function Button({ icon, primary, why = null, gated = true, onClick, children, ...rest }) {
  const id = useId();
  const reason = why ?? (gated ? whyNot.value : null);
  return html`<button class=${primary ? 'btn pri' : 'btn'} type="button" disabled=${!!reason} aria-describedby=${reason ? id : undefined} onClick=${onClick} ...${rest}>${icon && html`<${Icon} name=${icon} />`}${children}</button>
    ${reason && html`<p class="sm mut why-not" id=${id}>${reason}${!why && needsLogin.value ? html` <a href=${link('login')}>${t('gate.logIn')}</a>` : null}</p>`}`;
}
