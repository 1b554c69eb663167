/* What a phone needs, and what plain HTTP cannot give it: said as it is. */
import { html } from '../view.js';
import { session } from '../api.js';
import { t } from '../words.js';
import { Icon } from '../parts/Icon.js';
import { installPrompt } from '../parts/install.js';

const w = (key) => t(`access.install.${key}`);

const Item = ({ icon, name }) => html`<li><${Icon} name=${icon} /><div><h3>${w(name)}</h3><p class="sm mut">${w(`${name}More`)}</p></div></li>`;

export default function Install() {
  const isInstalled = matchMedia('(display-mode: standalone)').matches, isHttps = location.protocol === 'https:';
  const prompt = installPrompt.value;
  const ask = async () => { await prompt.prompt(); installPrompt.value = null; };
  return html`<div class="page narrow"><header><h1>${w('title')}</h1></header><h2 class="vh">${w('title')}</h2><ul class="list">
    ${isInstalled ? html`<${Item} icon="check" name="done" />` : isSecureContext ? html`<${Item} icon="install" name="can" />` : html`<${Item} icon="warn" name="cannot" />`}
    ${isSecureContext && !isHttps && html`<${Item} icon="lock" name="local" />`}
    ${session.value?.insecure && html`<${Item} icon="warn" name="insecure" />`}</ul>
    ${prompt && html`<p class="acts"><button class="btn pri" type="button" onClick=${ask}>${w('now')}</button></p>`}
    ${!isHttps && html`<section class="sec"><h2>${w('how')}</h2><ul class="list"><${Item} icon="lock" name="own" /><${Item} icon="flip" name="proxy" /><${Item} icon="nodes" name="vpn" /></ul><p class="sm mut">${w('docs')}</p></section>`}</div>`;
}
