/* What the screens draw with: Preact, its hooks, our signals, and htm in place of JSX. */
import { h } from './lib/preact.js';
import htm from './lib/htm.js';

export { render } from './lib/preact.js';
export { useEffect, useLayoutEffect, useMemo, useRef, useState, useId } from './lib/hooks.js';
export { signal, computed } from './signals.js';
export const html = htm.bind(h);
