/*
 * What the screens draw with: Preact, its hooks, our signals. Templates are written as for htm; of
 * <p class="lede">${words}</p> scripts/embed_html.py makes html('p', { class: 'lede' }, words)
 * before it is served, so that nothing of them is read in the browser.
 */
export { h as html, render } from './lib/preact.js';
export { useEffect, useLayoutEffect, useMemo, useRef, useState, useId } from './lib/hooks.js';
export { signal, computed } from './signals.js';
