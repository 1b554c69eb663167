/*
 * Logging in: by name and password, or by a code that only the machine that runs Amphora
 * shows (`#/login/CODE` uses it at once). Where nobody has a login yet, the first is made here.
 */
import { html, useEffect, useState } from '../view.js';
import { askSession, post, remove, session } from '../api.js';
import { reconnect } from '../live.js';
import { link, replace } from '../router.js';
import { span, t } from '../words.js';
import { HERE, withForeign } from '../parts/Foreign.js';

const PASSWORD_LEAST = 8;

function failureWords(problem, isCode) {
  if (problem.status === 429) return t('access.login.tries', { age: span(problem.retry_s ?? 30) });
  if (problem.status === 401) return t(isCode ? 'access.login.wrongCode' : 'access.login.wrong');
  if (problem.status === 0) return t('problem.unreachable');
  if (problem.status === 409) return t('access.login.taken');
  return withForeign(t('access.login.refused', { detail: HERE }), problem.detail);
}

/* One form: sends what `body` makes of its fields, and shows why not where it was refused. */
function Form({ title, lede, fields, action, path, body, isCode, onDone }) {
  const [failure, setFailure] = useState(null);
  const [isBusy, setBusy] = useState(false);
  async function send(event) {
    event.preventDefault();
    const values = Object.fromEntries(new FormData(event.target));
    setBusy(true);
    setFailure(null);
    try {
      await post(path, body(values));
      await onDone();
    } catch (problem) {
      setFailure(problem);
    }
    setBusy(false);
  }
  return html`<form class="sec login" onSubmit=${send}><h2>${title}</h2>${lede && html`<p class="sm mut">${lede}</p>`}
    ${fields.map(({ name, label, hint, ...rest }) => html`<p key=${name}><label for=${`f-${path}-${name}`}>${label}</label>${hint && html` <span class="sm mut">${hint}</span>`}<input class=${name === 'code' ? 'field code' : 'field'} id=${`f-${path}-${name}`} name=${name} required ...${rest} /></p>`)}
    <p class="acts"><button class="btn pri" type="submit" disabled=${isBusy}>${action}</button></p>
    ${failure && html`<p class="sm bad" role="alert">${failureWords(failure, isCode)}</p>`}</form>`;
}

async function entered() {
  await askSession();
  reconnect();
  if (session.value?.role === 'control' || session.value?.role === 'view') location.hash = link('now');
}

export default function Login({ args = [] }) {
  const [failure, setFailure] = useState(null);
  const [code] = args, who = session.value;
  useEffect(() => {
    if (!code) return;
    replace('login'); /* a code is good once: it has no place in the address */
    post('session', { code }).then(entered, setFailure);
  }, []);

  const name = { name: 'name', label: t('access.login.name'), autocomplete: 'username', autocapitalize: 'none', maxlength: 32 };
  const password = (kind) => ({ name: 'password', label: t('access.login.password'), type: 'password', autocomplete: kind });
  const codeField = { name: 'code', label: t('access.login.code'), autocomplete: 'one-time-code', autocapitalize: 'characters', maxlength: 32, spellcheck: false };
  const isIn = who && (who.user || (who.role === 'control' && who.login_needed !== true));
  const out = async () => { await remove('session').catch(() => {}); await askSession(); };

  return html`<div class="page narrow"><header><h1>${t('access.login.title')}</h1></header>
    ${failure && html`<p class="bad" role="alert">${failureWords(failure, true)}</p>`}
    ${isIn && html`<p class="lede">${who.user ? t('access.login.as', { user: who.user, role: t(`access.login.roles.${who.role}`) }) : t('access.login.asCode', { role: t(`access.login.roles.${who.role}`) })}</p><p class="acts"><a class="btn pri" href=${link('now')}>${t('access.login.go')}</a> <button class="btn" type="button" onClick=${out}>${t('access.login.out')}</button></p>`}
    ${!isIn && html`<p class="lede">${t(who?.role === 'none' ? 'access.login.closed' : 'access.login.open')}</p>`}
    ${!isIn && !who?.first_run && html`<${Form} key="name" title=${t('access.login.title')} fields=${[name, password('current-password')]} action=${t('access.login.enter')} path="session" body=${(f) => ({ name: f.name, password: f.password })} onDone=${entered} />`}
    ${who?.first_run && html`<${Form} key="first" title=${t('access.login.first')} lede=${t('access.login.firstMore')} fields=${[codeField, name, { ...password('new-password'), hint: t('access.login.passwordMore', { n: PASSWORD_LEAST }), minlength: PASSWORD_LEAST }]} action=${t('access.login.make')} path="users" body=${(f) => ({ code: f.code.trim(), name: f.name, password: f.password })} isCode onDone=${entered} />`}
    ${!isIn && html`<${Form} key="code" title=${t('access.login.withCode')} lede=${t('access.login.codeMore')} fields=${[codeField]} action=${t('access.login.useCode')} path="session" body=${(f) => ({ code: f.code.trim() })} isCode onDone=${entered} />`}</div>`;
}
