/*
 * Looking closer at a span of time: drag over it, wheel (with Ctrl, or once the chart was
 * touched), two fingers, or keys on the slider. While it moves `view` follows at once; the
 * rest of the page hears of it when it rests.
 */
import { useEffect, useRef, useState } from '../view.js';

const REST_MS = 300;
const DRAG_PX = 8;
const WHEEL = 0.0022;

export const around = ({ from, to }, at, factor) => ({ from: at - (at - from) * factor, to: at + (to - at) * factor });

/*
 * span: what is shown; clamp(view) keeps it within bounds; isFree: the view may follow fingers
 * (lanes; bars change only when it rests). Returns { ref, view, picked, handlers, zoom(at, factor) }.
 */
export function useZoom({ span, width, clamp, isFree, onRest }) {
  const ref = useRef(null);
  const [view, setView] = useState(null);
  const [picked, setPicked] = useState(null);
  const own = useRef({ pointers: new Map(), timer: 0, isActive: false }).current;
  const shown = view ?? span;
  own.shown = shown;
  own.span = span;

  useEffect(() => { setView(null); own.pending = null; }, [span.from, span.to]);
  useEffect(() => () => clearTimeout(own.timer), []);

  const timeAt = (x, of = own.shown) => of.from + (x / width) * (of.to - of.from);
  const xOf = (event) => event.clientX - ref.current.getBoundingClientRect().left;

  function show(next) {
    const within = clamp(next);
    own.pending = within;
    if (isFree) setView(within);
    clearTimeout(own.timer);
    own.timer = setTimeout(() => onRest(within), REST_MS);
  }
  const zoom = (at, factor) => show(around(own.pending ?? own.shown, at, factor));

  useEffect(() => {
    const element = ref.current;
    const wheel = (event) => {
      if (!event.ctrlKey && !event.metaKey && !own.isActive) return;
      event.preventDefault();
      zoom(timeAt(xOf(event)), Math.exp(Math.max(-100, Math.min(100, event.deltaY)) * WHEEL * (event.ctrlKey ? 3 : 1)));
    };
    element.addEventListener('wheel', wheel, { passive: false });
    return () => element.removeEventListener('wheel', wheel);
  }, [width, span.from, span.to, isFree]);

  function down(event) {
    if (event.button > 0) return;
    own.isActive = true;
    own.pointers.set(event.pointerId, { start: xOf(event), at: xOf(event) });
    event.currentTarget.setPointerCapture?.(event.pointerId);
    own.base = { ...own.shown };
    setPicked(null);
  }
  function move(event) {
    const pointer = own.pointers.get(event.pointerId);
    if (!pointer) return;
    pointer.at = xOf(event);
    const [a, b] = [...own.pointers.values()];
    if (b) return pinch(a, b);
    if (Math.abs(pointer.at - pointer.start) > DRAG_PX) setPicked([pointer.start, pointer.at].sort((m, n) => m - n).map((x) => timeAt(Math.max(0, Math.min(width, x)))));
  }
  function pinch(a, b) {
    setPicked(null);
    if (Math.abs(b.at - a.at) < DRAG_PX) return;
    const each = (timeAt(b.start, own.base) - timeAt(a.start, own.base)) / (b.at - a.at);
    if (each <= 0) return;
    const from = timeAt(a.start, own.base) - each * a.at;
    show({ from, to: from + each * width });
  }
  function up(event) {
    if (!own.pointers.delete(event.pointerId)) return;
    if (own.pointers.size === 0 && picked) {
      setPicked(null);
      onRest(clamp({ from: picked[0], to: picked[1] }));
    }
  }
  function cancel(event) {
    own.pointers.delete(event.pointerId);
    setPicked(null);
  }
  const handlers = { onPointerDown: down, onPointerMove: move, onPointerUp: up, onPointerCancel: cancel, onPointerLeave: () => { if (!own.pointers.size) own.isActive = false; } };
  return { ref, view: shown, picked, handlers, zoom };
}
