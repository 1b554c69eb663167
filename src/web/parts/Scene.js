/* The picture at true pixels: as large as its place, drawn again when that changes. */
import { html, useEffect, useLayoutEffect, useRef, useState } from '../view.js';
import { scene } from '../scene.js';

/* What flows goes on a step at a time: an animation, even in steps, kept a wall tablet twice as busy. */
const STEP_MS = 600;
const STEPS = 4;

function useSteps(box) {
  useEffect(() => {
    let step = 0;
    const timer = setInterval(() => { if (!document.hidden) box.current.dataset.step = step++ % STEPS; }, STEP_MS);
    return () => clearInterval(timer);
  }, []);
}

export function Scene({ picture }) {
  const box = useRef(null);
  const [size, setSize] = useState(null);
  useSteps(box);
  useLayoutEffect(() => {
    const measure = () => { const { width, height } = box.current.getBoundingClientRect(); setSize([Math.round(width), Math.round(height)]); };
    const watch = new ResizeObserver(measure);
    watch.observe(box.current);
    measure();
    return () => watch.disconnect();
  }, []);
  return html`<div class="scene" ref=${box}>${size && size[0] > 40 && scene(size[0], size[1], picture)}</div>`;
}
