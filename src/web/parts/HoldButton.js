/*
 * What is not to happen by a slip: held for one second, or pressed twice within 0.5–5 s
 * (keyboard, switch). Nothing is done on the first press.
 */
import { html, useEffect, useRef, useState } from '../view.js';
import { t } from '../words.js';

const HOLD_MS = 1000;
const AGAIN_MIN_MS = 500;
const AGAIN_MAX_MS = 5000;

export function HoldButton({ what, why = null, describedBy, onConfirm }) {
  const [isHeld, setHeld] = useState(false);
  const [isArmed, setArmed] = useState(false);
  const own = useRef({ hold: 0, disarm: 0, pressed_ms: 0, isDone: false }).current;

  useEffect(() => () => { clearTimeout(own.hold); clearTimeout(own.disarm); }, []);
  useEffect(() => { disarm(); }, [what, why]);

  function disarm() {
    clearTimeout(own.disarm);
    own.pressed_ms = 0;
    setArmed(false);
  }
  function confirm() {
    disarm();
    setHeld(false);
    own.isDone = true;
    onConfirm();
  }
  function press(event) {
    if (event.button > 0) return;
    own.isDone = false;
    setHeld(true);
    own.hold = setTimeout(confirm, HOLD_MS);
  }
  function release() {
    clearTimeout(own.hold);
    setHeld(false);
  }
  function click() {
    const now_ms = performance.now();
    if (own.isDone) { own.isDone = false; return; }
    const since_ms = now_ms - own.pressed_ms;
    if (own.pressed_ms && since_ms >= AGAIN_MIN_MS && since_ms <= AGAIN_MAX_MS) { confirm(); own.isDone = false; return; }
    if (own.pressed_ms && since_ms < AGAIN_MIN_MS) return;
    own.pressed_ms = now_ms;
    setArmed(true);
    clearTimeout(own.disarm);
    own.disarm = setTimeout(disarm, AGAIN_MAX_MS);
  }

  return html`<button class=${isHeld ? 'hold go' : 'hold'} type="button" disabled=${!!why} aria-describedby=${describedBy}
    onPointerDown=${press} onPointerUp=${release} onPointerLeave=${release} onPointerCancel=${release} onContextMenu=${(e) => e.preventDefault()} onClick=${click}><b></b><span aria-live="polite">${why ?? t(isArmed ? 'hold.again' : 'hold.hold', { what })}</span></button>`;
}
