/* Where we are: `#/history/month/2026-11` is { name: 'history', args: ['month', '2026-11'] }. */
import { signal } from './view.js';

function read() {
  const [name, ...args] = location.hash.replace(/^#\/?/, '').split('/').map(decodeURIComponent);
  return { name: name || 'now', args };
}

export const route = signal(read());

addEventListener('hashchange', () => { route.value = read(); });

/* go('history', 'month'); with `replace`, the way back leaves this step out. */
export function go(name, ...args) {
  location.hash = link(name, ...args);
}

export function link(name, ...args) {
  return '#/' + [name, ...args].map(encodeURIComponent).join('/');
}

export function replace(name, ...args) {
  history.replaceState(null, '', link(name, ...args));
  route.value = read();
}
