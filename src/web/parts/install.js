/* The browser's offer to install the page, kept until somebody asks for it. */
import { signal } from '../view.js';

export const installPrompt = signal(null);

addEventListener('beforeinstallprompt', (event) => {
  event.preventDefault();
  installPrompt.value = event;
});
addEventListener('appinstalled', () => { installPrompt.value = null; });
