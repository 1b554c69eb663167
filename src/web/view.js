/* What the screens draw with: Preact, its hooks, signals, and htm in place of JSX. */
import { h } from './lib/preact.js';
import htm from './lib/htm.js';

export { h, render, Fragment } from './lib/preact.js';
export { useEffect, useLayoutEffect, useMemo, useRef, useState, useId, useCallback } from './lib/hooks.js';
export { signal, computed, effect, batch, useSignal, useComputed } from './lib/signals.js';
export const html = htm.bind(h);
