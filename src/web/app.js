/*
 * The page around the screens: what is always there (tabs or rail, the top bar with how
 * live it is), and which screen is shown. Now comes with the page; the others, in one
 * file, when one of them is asked for.
 */
import { html, render, useEffect, useRef, useState, signal, computed } from './view.js';
import { askSession, session } from './api.js';
import { house, isCut, heardAt, silence_s, start } from './live.js';
import { route, link } from './router.js';
import { day, lang, span, startWords, t } from './words.js';
import { switchTheme } from './theme-choice.js';
import { Brand } from './parts/Brand.js';
import { Icon } from './parts/Icon.js';
import { openSheet, SheetHead, SheetHost, closeSheet } from './parts/Sheet.js';
import { Tag } from './parts/Tag.js';
import './parts/install.js';
import Now from './screens/now.js';

const loadOthers = () => import('./screens/others.js');
const SCREENS = ['now', 'plan', 'history', 'battery', 'nodes', 'alerts', 'settings', 'login', 'install', 'setup'];
const TABS = [['now'], ['plan'], ['history'], ['battery', 'wide'], ['nodes', 'wide'], ['alerts'], ['settings', 'wide']];
const UNDER_MORE = ['battery', 'nodes', 'settings', 'install'];

const openAlerts = computed(() => (house.value?.state.alerts ?? []).filter((alert) => alert.active !== false && !alert.ended).length);

/* ---- the frame ---- */

function Live() {
  const isStarting = heardAt.value === null && !isCut.value;
  const words = isStarting ? t('shell.starting') : t(isCut.value ? 'shell.silent' : 'shell.live', { age: span(silence_s.value) });
  return html`<span class=${isCut.value ? 'live off' : 'live'}><i aria-hidden="true"></i>${words}<span class="vh" role="status">${isCut.value ? t('gate.cut') : ''}</span></span>`;
}

function Top() {
  const isDemo = house.value?.state.demo;
  const openDrawer = async () => openSheet((await loadOthers()).demo);
  return html`<header class="top"><${Brand} />
    ${isDemo && html`<button class="demo" type="button" aria-haspopup="dialog" onClick=${openDrawer}><${Tag} kind="solid">${t('shell.demo')}<//></button>`}
    <${Live} />
    <button class="btn icon" type="button" aria-label=${t('shell.theme')} onClick=${switchTheme}><${Icon} name="theme" /></button></header>`;
}

function MoreSheet() {
  return html`<${SheetHead} title=${t('shell.menu')} /><ul class="list">${UNDER_MORE.filter((name) => name !== 'install').map((name) =>
    html`<li><${Icon} name=${name} /><h3><a href=${link(name)} onClick=${closeSheet}>${t(`tabs.${name}`)}</a></h3></li>`)}</ul>`;
}

function Nav({ here }) {
  const n = openAlerts.value;
  return html`<nav class="nav" aria-label=${t('tabs.label')}><ul>${TABS.map(([name, kind]) =>
    html`<li class=${kind ?? ''}><a href=${link(name)} aria-current=${name === here ? 'page' : undefined}><${Icon} name=${name} />${t(`tabs.${name}`)}${name === 'alerts' && n > 0 && html`<span class="n"><span aria-hidden="true">${n}</span><span class="vh">, ${t('shell.open', { n })}</span></span>`}</a></li>`)}
    <li class="narrow"><button type="button" aria-haspopup="dialog" aria-current=${UNDER_MORE.includes(here) ? 'page' : undefined} onClick=${() => openSheet(MoreSheet)}><${Icon} name="more" />${t('tabs.more')}</button></li></ul></nav>`;
}

function InsecureBanner() {
  if (!session.value?.insecure) return null;
  return html`<p class="insecure"><${Icon} name="warn" small /><span>${t('shell.insecure')} <a href=${link('install')}>${t('shell.insecureMore')}</a></span></p>`;
}

/* Which relays stay closed when Amphora is gone, or may: on every screen. */
function LeaseBanner() {
  const bare = (house.value?.state.relays ?? []).filter(({ lease, timer }) => lease === 'none' || timer === 'untold');
  return bare.map(({ id, lease, trial }) => html`<p class=${lease !== 'none' && trial?.passed ? 'insecure q' : 'insecure'}><${Icon} name="warn" small /><span>${t(`shell.timer.${lease === 'none' ? 'none' : trial ? trial.passed : 'untold'}`, { id, day: trial && day(trial.at, house.value.state.utc_offset_s) })}</span></p>`);
}

/* ---- the screen ---- */

const loaded = signal({ now: Now });

async function load(name) {
  if (!loaded.value[name]) loaded.value = { ...loaded.value, ...await loadOthers() };
}

function Screen({ name, args }) {
  const [failed, setFailed] = useState(null);
  const attempt = () => { setFailed(null); load(name).catch(() => setFailed(name)); };
  useEffect(attempt, [name]);
  const Component = loaded.value[name];
  if (Component) return html`<${Component} args=${args} />`;
  if (failed === name) return html`<div class="page"><p class="lede">${t('shell.lost')}</p><p class="acts"><button class="btn" type="button" onClick=${attempt}>${t('shell.again')}</button></p></div>`;
  return html`<div class="page"><p class="lede mut" role="status">${t('shell.loading')}</p></div>`;
}

/* Which screen the address means now: without a login, where one is needed to look, there is only that. */
function screenFor({ name }) {
  if (session.value?.role === 'none' && name !== 'install') return 'login';
  return SCREENS.includes(name) ? name : 'now';
}

function App() {
  const main = useRef(null);
  const name = screenFor(route.value);
  useEffect(() => { main.current.scrollTop = 0; closeSheet(); }, [name]);
  useEffect(() => { document.title = `${t(`tabs.${TABS.some(([tab]) => tab === name) ? name : 'more'}`)} · Amphora`; }, [name, lang.value]);
  const skip = (event) => { event.preventDefault(); main.current.focus(); };
  return html`<a class="skip" href="#main" onClick=${skip}>${t('shell.skip')}</a>
    <div class="app" key=${lang.value}><${Top} /><${Nav} here=${name} />
    <main id="main" ref=${main} tabindex="-1"><${InsecureBanner} /><${LeaseBanner} /><${Screen} name=${name} args=${route.value.args} /></main></div><${SheetHost} />`;
}

/* ---- start ---- */

async function begin() {
  start();
  await Promise.all([startWords(), askSession()]);
  const root = document.getElementById('app');
  root.textContent = '';
  render(html`<${App} />`, root);
  if ('serviceWorker' in navigator && isSecureContext) navigator.serviceWorker.register('sw.js').catch(() => {});
}

begin();
