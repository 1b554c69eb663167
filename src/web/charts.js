/*
 * Charts as SVG at true pixels: lanes on one axis of time, squares of hours; bars are in charts-bars.js.
 * Each draws what it is given: unknown is dotted, a gap hatched with its cause, zero a thin
 * line; a line breaks where nothing is known.
 */
import { html, useLayoutEffect, useRef, useState } from './view.js';
import { middle } from './series.js';

export const r = (n) => Math.round(n * 10) / 10;
export const CHARS = 6.7; /* pixels a letter of 12 px takes, about */

/* The element's width in pixels, measured anew when it changes; 0 before the first time. */
export function useWidth() {
  const ref = useRef(null);
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const measure = () => setWidth(Math.round(ref.current?.clientWidth ?? 0));
    const observer = new ResizeObserver(measure);
    observer.observe(ref.current);
    measure();
    return () => observer.disconnect();
  }, []);
  return [ref, width];
}

export const Patterns = () => html`<defs><pattern id="gap" width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><path class="gapline" d="M0 0V8" /></pattern><pattern id="resv" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)" class="hatch"><path d="M0 0V7" /></pattern></defs>`;

/* ---- paths ---- */

const line = (points, X, y) => 'M' + points.map((point) => `${r(X(middle(point)))} ${r(y(point))}`).join('L');
const area = (points, X, low, high) => `${line(points, X, high)}L${[...points].reverse().map((point) => `${r(X(middle(point)))} ${r(low(point))}`).join('L')}Z`;

/* ---- the axis of time ---- */

/* ticks: [{ at, text, isStrong }] */
function Axis({ ticks, X, width, height }) {
  let end = -Infinity;
  return ticks.map(({ at, text, isStrong }) => {
    const x = X(at), half = (text.length * CHARS) / 2;
    const fits = x - half > Math.max(0, end + 8) && x + half < width;
    if (fits) end = x + half;
    return html`<path class=${isStrong ? 'g-day' : 'g'} d=${`M${r(x)} 0V${height - 18}`} />${fits && html`<text class=${isStrong ? 'num' : ''} x=${r(x)} y=${height - 4} text-anchor="middle">${text}</text>`}`;
  });
}

/* ---- lanes ---- */

/* Scale marks: two or three round numbers within low … high. */
function marksIn(low, high) {
  const rough = (high - low) / 3;
  const power = 10 ** Math.floor(Math.log10(rough || 1));
  const step = [1, 2, 5, 10].map((n) => n * power).find((n) => n >= rough) ?? power;
  const marks = [];
  for (let mark = Math.ceil(low / step) * step; mark <= high; mark += step) marks.push(Math.round(mark * 100) / 100);
  return marks;
}

/* A quantity with its mean as a line and what lay between as a band; or several of them, each with its pieces. */
function Values({ lane, X, Y }) {
  const { name, area: fill, line: stroke } = lane;
  if (lane.layers) return lane.layers.map((layer) => html`<${Values} lane=${layer} X=${X} Y=${Y} />`);
  return lane.pieces.map((piece) => {
    const known = piece.filter((point) => point[name] !== null && point[name] !== undefined);
    if (!known.length) return null;
    const isDot = known.length === 1;
    return html`${fill && html`<path class=${fill} d=${area(known, X, () => Y(lane.stand ?? 0), (point) => Y(point[name]))} />`}
      ${lane.band && html`<path class=${lane.band} d=${area(known, X, (point) => Y(point[`${name}Min`]), (point) => Y(point[`${name}Max`]))} />`}
      ${isDot ? html`<circle class="ptr" cx=${r(X(middle(known[0])))} cy=${r(Y(known[0][name]))} r="2" />` : html`<path class=${stroke} d=${line(known, X, (point) => Y(point[name]))} />`}`;
  });
}

/* When a relay was on: filled; off is a thin line. */
function Contacts({ lane, X, top }) {
  const y = top + lane.height / 2;
  return html`${lane.known.map(([from, to]) => html`<path class="g-day" d=${`M${r(X(from))} ${y}H${r(X(to))}`} />`)}
    ${lane.on.map(([from, to]) => html`<rect class=${lane.isLoad ? 'b-out on-load' : 'b-bat'} x=${r(X(from))} y=${y - 6} width=${r(Math.max(1.5, X(to) - X(from)))} height="12" rx="2" />`)}`;
}

/* The points in runs of those that `is` holds of. */
function runs(points, is) {
  const found = [];
  points.forEach((point, i) => { if (is(point)) { if (i && is(points[i - 1])) found[found.length - 1].push(point); else found.push([point]); } });
  return found;
}

/* Prices stand for their whole slot: steps. What is assumed is hatched; `tips` name extremes in place. */
function Steps({ lane, X, Y, width }) {
  const steps = (points, name) => `M${points.map((point, i) => `${i ? 'H' : ''}${r(X(point.from))}${i ? 'V' : ' '}${r(Y(point[name]))}`).join('')}H${r(X(points[points.length - 1].to))}`;
  const under = (points) => `${steps(points, 'buy')}V${r(Y(0))}H${r(X(points[0].from))}Z`;
  let end = -Infinity;
  return html`${runs(lane.points, (point) => point.buy !== null).map((run) => html`<path class="a-grid" d=${under(run)} />`)}
    ${runs(lane.points, (point) => point.buy !== null && point.isAssumed).map((run) => html`<path class="gap" d=${under(run)} />`)}
    ${['buy', 'sell'].map((name) => runs(lane.points, (point) => point[name] !== null).map((run) => html`<path class=${name === 'buy' ? 'l-grid' : 'l-grid dash'} d=${steps(run, name)} />`))}
    ${lane.tips.map(({ at, value, text }) => {
      const x = X(at), half = text.length * 3.6;
      if (x - half < Math.max(0, end + 8) || x + half > width) return null;
      end = x + half;
      return html`<text class="num halo" x=${r(x)} y=${r(Y(value) - 5)} text-anchor="middle">${text}</text>`;
    })}`;
}

/* What is done and for how long: [{ from, to, looks, texts, isDark }]; where nothing is done, a line. */
function Blocks({ lane, X, width }) {
  return lane.list.map(({ from, to, looks, texts, isDark }) => {
    const a = Math.max(0, X(from)), b = Math.min(width, X(to)), y = lane.top;
    if (b - a < 1) return null;
    if (!looks) return html`<path class="g-day" d=${`M${r(a)} ${y + lane.height / 2}H${r(b)}`} />`;
    const text = texts.find((one) => one.length * CHARS + 10 < b - a);
    return html`<rect class=${looks} x=${r(a + 1)} y=${y + 1} width=${r(Math.max(2, b - a - 2))} height=${lane.height - 2} rx="5" />${text && html`<text class=${isDark ? 'num' : 'on-bat'} x=${r((a + b) / 2)} y=${y + lane.height / 2 + 4} text-anchor="middle">${text}</text>`}`;
  });
}

function Lane({ lane, X, width }) {
  const { top, height } = lane;
  const Y = (value) => top + height - ((value - lane.low) / (lane.high - lane.low)) * height;
  if (lane.kind === 'contacts' && lane.known.length) return html`<${Contacts} lane=${lane} X=${X} top=${top} />`;
  if (lane.kind === 'blocks') return html`<${Blocks} lane=${lane} X=${X} width=${width} />`;
  if (lane.needs) return html`<path class="g-day dot" d=${`M0 ${top + height / 2}H${width}`} /><text class="halo num" x=${width / 2} y=${top + height / 2 + 4} text-anchor="middle">${lane.needs}</text>`;
  const marks = marksIn(lane.low, lane.high);
  return html`${marks.map((mark) => html`<path class="g" d=${`M0 ${r(Y(mark))}H${width}`} />`)}
    ${lane.hatchBelow !== undefined && html`<rect x="0" width=${width} y=${r(Y(lane.hatchBelow))} height=${r(Math.max(0, top + height - Y(lane.hatchBelow)))} fill="url(#resv)" opacity=".6" />`}
    ${lane.kind === 'steps' ? html`<${Steps} lane=${lane} X=${X} Y=${Y} width=${width} />` : html`<${Values} lane=${lane} X=${X} Y=${Y} />`}
    ${marks.map((mark) => html`<text class="halo" x=${width - 4} y=${r(Y(mark) - 3)} text-anchor="end">${lane.format(mark)}</text>`)}
    ${(lane.marks ?? []).map(({ at, text, isBelow }) => html`<path class="g-day dash" d=${`M0 ${r(Y(at))}H${width}`} /><text class="num halo" x=${width - 4} y=${r(Y(at) + (isBelow ? 14 : -4))} text-anchor="end">${text}</text>`)}
    ${lane.zero !== undefined && html`<path class="g-day" d=${`M0 ${r(Y(lane.zero))}H${width}`} />`}`;
}

/* Hatched over the lanes of its source; words in it where they fit, else beside it, below the name of the lane's ceiling. */
function Gap({ gap, lanes, X, width }) {
  const from = Math.max(0, X(gap.from)), to = Math.min(width, X(gap.to));
  if (to - from < 1 || !lanes.length) return null;
  const length = Math.max(...gap.words.map((text) => text.length)) * CHARS + 12;
  const isLeft = to + length > width;
  const isInside = to - from > length || (isLeft && from < length);
  const x = isInside ? (from + to) / 2 : isLeft ? from - 5 : to + 5;
  const worded = lanes.find((lane) => lane.key === 'soc') ?? lanes[0];
  const mayWord = isInside ? to - from > length : true;
  return html`${lanes.map((lane) => html`<rect class="gap" x=${r(from)} y=${lane.top} width=${r(to - from)} height=${lane.height} />`)}
    ${gap.isWorded && mayWord && gap.words.map((text, i) => html`<text class=${i ? 'halo' : 'num halo'} text-anchor=${isInside ? 'middle' : isLeft ? 'end' : 'start'} x=${r(x)} y=${worded.top + 38 + 15 * i}>${text}</text>`)}`;
}

/*
 * view: { from, to, now, ticks }; lanes: [{ key, head, unit, height, low, high, … }];
 * gaps: [{ from, to, words, isWorded }]; cursor: ms or null; picked: [from, to] or null.
 */
export function Lanes({ width, view, lanes, gaps, cursor, picked, label, ...rest }) {
  const X = (at) => ((at - view.from) / (view.to - view.from)) * width;
  const { placed, height } = place(lanes);
  /* From lane to lane, but not through their names. */
  const upright = (at) => placed.map((lane) => `M${r(X(at))} ${lane.top - (X(at) < namedTo(lane, fitting(lane, width)) ? 4 : 24)}V${lane.top + lane.height + 6}`).join('');
  return html`<svg width=${width} height=${height} viewBox=${`0 0 ${width} ${height}`} role="img" aria-label=${label} ...${rest}><${Patterns} />
    ${view.now > view.from && view.now < view.to && html`<rect class="past" x="0" y="0" width=${r(Math.min(width, X(view.now)))} height=${height - 18} />`}
    <${Axis} ticks=${view.ticks} X=${X} width=${width} height=${height} />
    ${placed.map((lane) => html`<${Lane} lane=${lane} X=${X} width=${width} />`)}
    ${gaps.map((gap) => html`<${Gap} gap=${gap} lanes=${placed.filter((lane) => (gap.isOfMeters ? lane.isOfMeters : lane.isOfSensor) && !lane.needs)} X=${X} width=${width} />`)}
    ${view.now >= view.from && view.now < view.to && html`<path class="g-now" d=${upright(view.now)} />`}
    ${picked && html`<rect class="picked" x=${r(X(picked[0]))} y="0" width=${r(X(picked[1]) - X(picked[0]))} height=${height - 18} />`}
    ${cursor !== null && html`<path class="g-cur" d=${upright(cursor)} />`}
    ${placed.map((lane) => html`<text class="hd" x="4" y=${lane.top - 8}>${lane.head} <tspan font-weight="400">${fitting(lane, width)}</tspan></text>`)}</svg>`;
}

/* What stands behind a lane's name: all of it, or its unit alone where there is no room. */
const fitting = (lane, width) => (namedTo(lane, lane.unit) < width ? lane.unit : lane.short ?? '');

/* How far a lane's name reaches, with `unit` behind it. */
const namedTo = ({ head }, unit) => (head.length * 1.15 + unit.length + 2) * CHARS;

function place(lanes) {
  let top = 24;
  const placed = lanes.map((lane) => {
    const here = { ...lane, top };
    top += lane.height + 30;
    return here;
  });
  return { placed, height: top - 30 + 22 };
}

/* ---- where a battery has lived: charge against temperature, hours as the size of squares ---- */

const LIFE = { left: 52, bottom: 34, top: 20, right: 12, soc: 5, temp: 2 };

/* hours: Map "soc,temp" of the lower corner to hours; charge and discharge: { low_c, high_c, from_pct, to_pct }. */
export function Life({ width, hours, charge, discharge, at, label, text, age }) {
  const height = Math.round(Math.min(360, width * 0.72));
  const low = Math.min(0, charge.low_c, discharge.low_c, at?.temp_c ?? 0) - 5, high = Math.max(charge.high_c, discharge.high_c, at?.temp_c ?? 0) + 8;
  const X = (c) => LIFE.left + ((c - low) / (high - low)) * (width - LIFE.left - LIFE.right);
  const Y = (p) => height - LIFE.bottom - (p / 100) * (height - LIFE.bottom - LIFE.top);
  const most = Math.max(...hours.values(), 0.01);
  return html`<svg width=${width} height=${height} viewBox=${`0 0 ${width} ${height}`} role="img" aria-label=${label}>
    ${[...hours].map(([key, h]) => { const [p, c] = key.split(',').map(Number); return html`<${Square} x=${X(c)} y=${Y(p + LIFE.soc)} w=${X(c + LIFE.temp) - X(c)} h=${Y(p) - Y(p + LIFE.soc)} share=${h / most} />`; })}
    <${Frame} of=${charge} X=${X} Y=${Y} name="s-ink" /><${Frame} of=${discharge} X=${X} Y=${Y} name="s-mut dash" />
    ${apart([0, discharge.from_pct, charge.to_pct, 100].map((p) => [p, Y(p)]), 14).map(([p, y]) => html`<text x=${LIFE.left - 8} y=${r(y + 4)} text-anchor="end">${p} %</text>`)}
    ${apart([discharge.low_c, charge.low_c, charge.high_c, discharge.high_c].map((c) => [c, X(c)]), 34).map(([c, x]) => html`<text x=${r(x)} y=${height - LIFE.bottom + 18} text-anchor="middle">${c}°</text>`)}
    ${at && html`<${Ring} x=${X(at.temp_c)} y=${Y(at.soc_pct)} width=${width} isOld=${at.isOld} isOut=${at.temp_c > charge.high_c || at.temp_c < charge.low_c} text=${text} age=${age} />`}</svg>`;
}

function Square({ x, y, w, h, share }) {
  const side = Math.max(share, 0.004) ** 0.3, sw = Math.max(2, (w - 2) * side), sh = Math.max(2, (h - 2) * side);
  return html`<rect class="b-bat" x=${r(x + (w - sw) / 2)} y=${r(y + (h - sh) / 2)} width=${r(sw)} height=${r(sh)} rx="1.5" />`;
}

const Frame = ({ of, X, Y, name }) => html`<rect class=${name} x=${r(X(of.low_c))} y=${r(Y(of.to_pct))} width=${r(X(of.high_c) - X(of.low_c))} height=${r(Y(of.from_pct) - Y(of.to_pct))} rx="3" />`;

function Ring({ x, y, width, isOld, isOut, text, age }) {
  const isLeft = x > width - 140, side = isLeft ? 'end' : 'start', from = r(isLeft ? x - 15 : x + 15);
  return html`<circle class=${isOld ? 'ring dash' : 'ring'} cx=${r(x)} cy=${r(y)} r="9" />${!isOld && html`<circle class=${isOut ? 'al-f' : 'ptr'} cx=${r(x)} cy=${r(y)} r="4" />`}
    <text class="halo" text-anchor=${side} x=${from} y=${r(y < 40 ? y + 20 : y - 10)}>${age}</text><text class="hd halo" text-anchor=${side} x=${from} y=${r(y + 5)}>${text}</text>`;
}

/* Names of marks, moved apart so that none covers another. */
function apart(marks, least) {
  const sorted = [...new Map(marks)].sort((a, b) => a[1] - b[1]);
  sorted.forEach((mark, i) => { if (i) mark[1] = Math.max(mark[1], sorted[i - 1][1] + least); });
  return sorted;
}

/* ---- an hour in minutes: full when heard, tall and hollow when missed, a dot before anything is known ---- */

export function Beat({ minutes, label }) {
  return html`<svg class="beat" viewBox="0 0 480 16" preserveAspectRatio="none" role="img" aria-label=${label}>${minutes.map((heard, i) =>
    heard === null ? html`<rect class="n" x=${i * 8 + 2} y="7.5" width="2" height="2" />` : heard ? html`<rect class="y" x=${i * 8 + 1} y="5" width="4" height="7" rx="1" />` : html`<rect class="x" x=${i * 8 + 1} y="1.5" width="4" height="13" />`)}</svg>`;
}
