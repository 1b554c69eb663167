/* The picture at true pixels: as large as its place, drawn again when that changes. */
import { html, useLayoutEffect, useRef, useState } from '../view.js';
import { scene } from '../scene.js';

/* What flows goes on a step at a time: an animation, even in steps, kept a wall tablet twice as busy. */
const STEP_MS = 700; /* 2.8 s in all */
const STEPS = 4;

export function Scene({ picture }) {
  const box = useRef(null);
  const [size, setSize] = useState(null);
  useLayoutEffect(() => {
    const place = box.current;
    let step = 0;
    const measure = () => { const { width, height } = place.getBoundingClientRect(); setSize([Math.round(width), Math.round(height)]); };
    const watch = new ResizeObserver(measure);
    const timer = setInterval(() => { if (!document.hidden) place.dataset.step = step++ % STEPS; }, STEP_MS);
    watch.observe(place);
    measure();
    return () => { watch.disconnect(); clearInterval(timer); };
  }, []);
  return html`<div class="scene" ref=${box}>${size && size[0] > 40 && scene(size[0], size[1], picture)}</div>`;
}
