/* The picture at true pixels: as large as its place, drawn again when that changes. */
import { html, useLayoutEffect, useRef, useState } from '../view.js';
import { scene } from '../scene.js';

export function Scene({ picture }) {
  const box = useRef(null);
  const [size, setSize] = useState(null);
  useLayoutEffect(() => {
    const measure = () => { const { width, height } = box.current.getBoundingClientRect(); setSize([Math.round(width), Math.round(height)]); };
    const watch = new ResizeObserver(measure);
    watch.observe(box.current);
    measure();
    return () => watch.disconnect();
  }, []);
  return html`<div class="scene" ref=${box}>${size && size[0] > 40 && scene(size[0], size[1], picture)}</div>`;
}
