/*
 * Logging in: by name and password, or by a code that only the machine that runs Amphora
 * shows (`#/login/CODE` uses it at once). Where nobody has a login yet, the first is made here.
 */
import { html, useEffect, useState } from '../view.js';
import { askSession, post, remove, session } from '../api.js';
import { reconnect } from '../live.js';
import { link, replace } from '../router.js';
import { span, t } from '../words.js';

const w = (key, values) => t(`access.login.${key}`, values);
const PASSWORD_LEAST = 8;

function failureWords(problem, isCode) {
  if (problem.status === 429) return w('tries', { age: span(problem.retry_s ?? 30) });
  if (problem.status === 401) return w(isCode ? 'wrongCode' : 'wrong');
  if (problem.status === 0) return t('problem.unreachable');
  if (problem.status === 409) return w('taken');
  return w('refused', { detail: problem.detail });
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

  const name = { name: 'name', label: w('name'), autocomplete: 'username', autocapitalize: 'none', maxlength: 32 };
  const password = (kind) => ({ name: 'password', label: w('password'), type: 'password', autocomplete: kind });
  const codeField = { name: 'code', label: w('code'), autocomplete: 'one-time-code', autocapitalize: 'characters', maxlength: 32, spellcheck: false };
  const isIn = who && (who.user || (who.role === 'control' && who.login_needed !== true));
  const out = async () => { await remove('session').catch(() => {}); await askSession(); };

  return html`<div class="page narrow"><header><h1>${w('title')}</h1></header>
    ${failure && html`<p class="bad" role="alert">${failureWords(failure, true)}</p>`}
    ${isIn && html`<p class="lede">${who.user ? w('as', { user: who.user, role: w(`roles.${who.role}`) }) : w('asCode', { role: w(`roles.${who.role}`) })}</p><p class="acts"><a class="btn pri" href=${link('now')}>${w('go')}</a> <button class="btn" type="button" onClick=${out}>${w('out')}</button></p>`}
    ${!isIn && html`<p class="lede">${w(who?.role === 'none' ? 'closed' : 'open')}</p>`}
    ${!isIn && !who?.first_run && html`<${Form} key="name" title=${w('title')} fields=${[name, password('current-password')]} action=${w('enter')} path="session" body=${(f) => ({ name: f.name, password: f.password })} onDone=${entered} />`}
    ${who?.first_run && html`<${Form} key="first" title=${w('first')} lede=${w('firstMore')} fields=${[codeField, name, { ...password('new-password'), hint: w('passwordMore', { n: PASSWORD_LEAST }), minlength: PASSWORD_LEAST }]} action=${w('make')} path="users" body=${(f) => ({ code: f.code.trim(), name: f.name, password: f.password })} isCode onDone=${entered} />`}
    ${!isIn && html`<${Form} key="code" title=${w('withCode')} lede=${w('codeMore')} fields=${[codeField]} action=${w('useCode')} path="session" body=${(f) => ({ code: f.code.trim() })} isCode onDone=${entered} />`}</div>`;
}
