/* The theme: '' follows the device, 'light', 'dark'. theme.js sets it before the first paint. */
import { signal } from './view.js';

const dark = matchMedia('(prefers-color-scheme: dark)');

function stored() {
  try {
    return localStorage.getItem('theme') ?? '';
  } catch {
    return '';
  }
}

export const theme = signal(stored());

export function setTheme(name) {
  theme.value = name;
  if (name) document.documentElement.dataset.theme = name;
  else delete document.documentElement.dataset.theme;
  try {
    if (name) localStorage.setItem('theme', name);
    else localStorage.removeItem('theme');
  } catch { /* for this visit only */ }
}

export const isDark = () => (theme.value || (dark.matches ? 'dark' : 'light')) === 'dark';
export const switchTheme = () => setTheme(isDark() ? 'light' : 'dark');
