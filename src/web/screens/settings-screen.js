/* What Settings has about this screen and who looks at it. */
import { html } from '../view.js';
import { askSession, get, remove, session } from '../api.js';
import { link } from '../router.js';
import { lang, languages, setLang, t } from '../words.js';
import { setTheme, theme } from '../theme-choice.js';
import { useRead } from '../parts/read.js';
import { OutletList } from '../parts/Outlets.js';

const Pick = ({ name, legend, choices, value, onPick }) => html`<fieldset class="pick"><legend>${legend}</legend>${choices.map(([key, words, code]) =>
  html`<label><input type="radio" name=${name} value=${key} checked=${key === value} onChange=${() => onPick(key)} /><span lang=${code}>${words}</span></label>`)}</fieldset>`;

export const ThisScreen = () => html`<section class="sec"><h2>${t('settings.thisScreen')}</h2>
  <${Pick} name="theme" legend=${t('settings.theme')} choices=${[['', t('settings.asDevice')], ['light', t('settings.light')], ['dark', t('settings.dark')]]} value=${theme.value} onPick=${setTheme} />
  <${Pick} name="lang" legend=${t('settings.language')} choices=${languages.map(([code, words]) => [code, words, code])} value=${lang.value} onPick=${setLang} /></section>`;

export const Phone = () => html`<section class="sec"><h2>${t('settings.phone')}</h2><p class="sm mut">${t(isSecureContext ? 'settings.phoneSecure' : 'settings.phonePlain')}</p><p class="acts"><a class="btn" href=${link('install')}>${t(isSecureContext ? 'settings.install' : 'settings.https')}</a></p></section>`;

const signOut = () => remove('session').catch(() => {}).then(askSession);

export function Access() {
  const who = session.value;
  if (!who) return null;
  const role = t(`settings.roles.${who.role}`);
  return html`<section class="sec"><h2>${t('settings.access')}</h2><p class="sm mut">${who.user ? t('settings.signedIn', { user: who.user, role }) : t('settings.notSignedIn', { role })} ${t(`settings.transports.${who.transport}`)}</p>
    <p class="acts">${who.user ? html`<button class="btn" type="button" onClick=${signOut}>${t('settings.signOut')}</button>` : who.transport !== 'unix' && html`<a class="btn" href=${link('login')}>${t('settings.signIn')}</a>`}</p></section>`;
}

export function Outlets() {
  const { data } = useRead(() => get('alerts'));
  return html`<section class="sec"><h2>${t('alerts.outlets')}</h2><${OutletList} outlets=${data?.outlets} /></section>`;
}
