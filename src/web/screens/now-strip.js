/*
 * Today at a glance: when the battery was charged (+) and used (−), by what its meter
 * counted in each quarter of an hour, or where there is none by when its relays were on.
 */
import { html, useEffect, useLayoutEffect, useRef, useState } from '../view.js';
import { get } from '../api.js';
import { house, houseTime, isCut } from '../live.js';
import { clock, t } from '../words.js';

const QUARTER_S = 900;
const LEAST_WH = 15; /* in a quarter of an hour: less is what an inverter that stands by takes */
const LEAST_ON_S = 120;
const AGAIN_MS = 60000;

/* Neighbouring quarters of one kind as one block: [{ kind: 'into' | 'out', from_ms, to_ms }]. */
export function blocksOf(quarters) {
  const blocks = [];
  for (const { kind, from_ms, to_ms } of quarters.filter((one) => one.kind).sort((a, b) => a.from_ms - b.from_ms)) {
    const last = blocks.at(-1);
    if (last && last.kind === kind && from_ms - last.to_ms < 1000) last.to_ms = to_ms;
    else blocks.push({ kind, from_ms, to_ms });
  }
  return blocks;
}

const kindOfEnergy = (row) => (row.charged_wh >= LEAST_WH && row.charged_wh >= row.discharged_wh ? 'into' : row.discharged_wh >= LEAST_WH ? 'out' : null);
const times = (row) => ({ from_ms: Date.parse(row.from), to_ms: Date.parse(row.to) });

async function read(battery, relays, from_ms, to_ms) {
  const span = `level=15min&from=${from_ms}&to=${to_ms}&limit=200`;
  const rows = (await get(`series?node=${battery}&${span}`)).rows;
  if (rows.some((row) => row.charged_wh !== null && row.charged_wh !== undefined)) return blocksOf(rows.map((row) => ({ ...times(row), kind: kindOfEnergy(row) })));
  const all = await Promise.all(relays.map(async ({ id, role }) => (await get(`series?node=${id}&kind=relay&${span}`)).rows.map((row) => ({ ...times(row), kind: row.on_s >= LEAST_ON_S ? (role === 'source' ? 'into' : 'out') : null }))));
  return blocksOf(all.flat());
}

/* Today of the house, in ms since 1970. */
export function today() {
  const offset_ms = (house.value?.state.utc_offset_s ?? 0) * 1000, now_ms = houseTime();
  const start = Math.floor((now_ms + offset_ms) / 86400000) * 86400000 - offset_ms;
  return { start, end: start + 86400000, now_ms, offset_s: offset_ms / 1000 };
}

const KEY_HOURS = [0, 6, 12, 18, 24];

export function drawStrip(w, blocks, { start, end, now_ms, offset_s }) {
  const x = (ms) => Math.round((Math.max(start, Math.min(end, ms)) - start) / (end - start) * w * 10) / 10;
  const words = blocks.map((block) => t(block.kind === 'into' ? 'now.stripInto' : 'now.stripOut', { from: clock(block.from_ms, offset_s), to: clock(Math.min(block.to_ms, now_ms), offset_s) })).join(', ');
  return html`<svg width=${w} height="46" viewBox=${`0 0 ${w} 46`} role="img" aria-label=${blocks.length ? t('now.strip', { blocks: words }) : t('now.stripNone')}>
    <path class="g-day" d=${`M0 14H${w}`} />
    ${blocks.map((block) => {
      const a = x(block.from_ms), b = Math.max(a + 3, x(Math.min(block.to_ms, now_ms))), isInto = block.kind === 'into';
      return html`<rect class=${isInto ? 'b-bat' : 'b-out'} x=${a} y=${isInto ? 4 : 5} width=${Math.max(2, b - a - 1)} height=${isInto ? 20 : 18} rx="4" />${b - a > 14 && html`<text class=${isInto ? 'on-bat' : 'num'} x=${(a + b) / 2} y="19" text-anchor="middle">${isInto ? '+' : '−'}</text>`}`;
    })}
    <path class="g-now" d=${`M${x(now_ms)} 0V28`} /><path class="ptr" d=${`M${x(now_ms) - 5} 0h10l-5 6z`} />
    ${KEY_HOURS.map((hour) => html`<text x=${hour / 24 * w} y="42" text-anchor=${hour === 0 ? 'start' : hour === 24 ? 'end' : 'middle'}>${String(hour).padStart(2, '0')}</text>`)}</svg>`;
}

export function Strip({ battery, relays }) {
  const box = useRef(null);
  const [width, setWidth] = useState(0);
  const [blocks, setBlocks] = useState([]);
  useLayoutEffect(() => {
    const watch = new ResizeObserver(() => setWidth(Math.round(box.current.clientWidth)));
    watch.observe(box.current);
    return () => watch.disconnect();
  }, []);
  useEffect(() => {
    let isOver = false;
    const again = async () => {
      if (document.hidden || isCut.value) return;
      const { start, now_ms } = today();
      try {
        const found = await read(battery, relays, start, Math.ceil(now_ms));
        if (!isOver) setBlocks(found);
      } catch { /* what was read last stays; that we are cut off is said elsewhere */ }
    };
    again();
    const timer = setInterval(again, AGAIN_MS / Math.min(20, house.value?.state.clock_factor ?? 1));
    return () => { isOver = true; clearInterval(timer); };
  }, [battery]);
  return html`<div class="chart strip" ref=${box}>${width > 0 && drawStrip(width, blocks, today())}</div>`;
}
