/*
 * Bars, one a day or month: one quantity up from zero, another down, both in kWh on one scale. What was measured in part
 * is pale and hatched with its share on top; what was not is hatched over its whole height; what is to come is left out.
 */
import { html } from './view.js';
import { num } from './words.js';
import { CHARS, Patterns, r } from './charts.js';

const TOP = 56; /* of the highest bar: the numbers and the title have their room above it */
const MANY = 14; /* beyond, the highest bar alone has its number, and few have names */
const BOLD = 8.4; /* pixels a bold digit takes, about */
const THIN = 1.5; /* of zero, in pixels */

/* One half of a bar, from y over `height`. */
const Half = ({ x, wide, y, height, cover, fill }) => html`<rect class=${`${cover < 1 ? 'a' : 'b'}-${fill}`} x=${r(x)} y=${r(y)} width=${r(wide)} height=${r(height)} rx="2" />${cover < 1 && html`<rect class="gap" x=${r(x)} y=${r(y)} width=${r(wide)} height=${r(height)} />`}`;

const Gap = ({ x, wide, from, to }) => html`<rect class="gap" x=${r(x)} y=${r(from)} width=${r(wide)} height=${r(to - from)} />`;

function Bar({ bar, x, wide, width, zero, floor, scale, fills, name, isHere, number, share, above }) {
  const center = r(x + wide / 2), top = zero - Math.max(THIN, (bar.up ?? 0) * scale), bottom = zero + 2 + Math.max(THIN, (bar.down ?? 0) * scale);
  /* Above or below its middle, but within the picture. */
  const within = (text) => { const half = (text.length * BOLD) / 2; return r(Math.max(half, Math.min(x + wide / 2, width - half))); };
  const part = Math.min(...[bar.upCover, bar.downCover].filter(Boolean));
  const numbers = top - (number ? 18 : 4) - (number && part < 1 ? 15 : 0);
  const hasNone = !bar.isFuture && bar.up === null && bar.down === null;
  return html`${hasNone && html`<${Gap} x=${x} wide=${wide} from=${34} to=${floor} />`}
    ${!bar.isFuture && !hasNone && html`${bar.up === null ? html`<${Gap} x=${x} wide=${wide} from=${34} to=${zero} />` : html`<${Half} x=${x} wide=${wide} y=${top} height=${zero - top} cover=${bar.upCover} fill=${fills[0]} />`}
      ${bar.down === null ? bar.hasDown && html`<${Gap} x=${x} wide=${wide} from=${zero + 2} to=${floor} />` : html`<${Half} x=${x} wide=${wide} y=${zero + 2} height=${bottom - zero - 2} cover=${bar.downCover} fill=${fills[1]} />`}`}
    ${number && bar.up !== null && html`<text class="num" x=${within(number)} y=${r(top - 5)} text-anchor="middle">${number}</text>${part < 1 && html`<text x=${within(share(part))} y=${r(top - 20)} text-anchor="middle">${share(part)}</text>`}`}
    ${isHere && !hasNone && html`<path class="g-cur" d=${`M${center} ${above}V${Math.max(above, r(bar.up === null ? above : numbers))}M${center} ${r(bar.isFuture ? zero : bottom + 3)}V${floor + 3}`} />`}
    ${name && html`<text class=${isHere || part < 1 ? 'num' : ''} x=${within(name)} y=${floor + 38} text-anchor="middle">${name}</text>`}`;
}

/* list: [{ texts: from the longest, up, down, upCover, downCover: 0–1, isFuture }]; needs: what is missing for the lower half. */
export function Bars({ width, list, fills, heads, needs, share, cursor, picked, label }) {
  const height = width > 620 ? 356 : 300, floor = height - 44, hasDown = !needs;
  const most = Math.max(0.1, ...list.map((bar) => bar.up ?? 0)), least = hasDown ? Math.max(most / 8, ...list.map((bar) => bar.down ?? 0)) : most / 6;
  const scale = (floor - TOP) / (most + least), zero = Math.round(TOP + most * scale), middle = (zero + floor) / 2;
  const step = width / list.length, wide = Math.min(46, step * 0.68), isMany = list.length > MANY;
  const named = (bar, i) => (isMany ? (Number(bar.texts[2]) % 5 === 0 || (i === 0 && Number(bar.texts[2]) % 5 < 4) ? bar.texts[2] : '') : bar.texts.find((text) => text.length * CHARS * 1.15 + 8 < step) ?? bar.texts[2]);
  const highest = list.findIndex((bar) => bar.up === most);
  const number = (bar, i) => { const text = bar.up === null ? '' : num(bar.up, most < 100 ? 1 : 0); return (isMany ? i === highest : text.length * CHARS < step) ? text : ''; };
  return html`<svg width=${width} height=${height} viewBox=${`0 0 ${width} ${height}`} role="img" aria-label=${label}><${Patterns} />
    ${picked && html`<rect class="picked" x=${r(picked[0] * step)} y="20" width=${r((picked[1] - picked[0] + 1) * step)} height=${height - 40} />`}
    ${list.map((bar, i) => html`<${Bar} bar=${{ ...bar, hasDown }} x=${i * step + (step - wide) / 2} wide=${wide} width=${width} zero=${zero} floor=${floor} scale=${scale} fills=${fills} name=${named(bar, i)} isHere=${cursor === i} number=${number(bar, i)} share=${share} above=${isMany ? TOP - 2 : 22} />`)}
    <text class="hd" x="4" y="14">${heads[0]} <tspan font-weight="400">kWh</tspan></text><text class="hd" x="4" y=${floor + 20}>${heads[1]} <tspan font-weight="400">kWh</tspan></text>
    <path class="g-day" d=${`M0 ${zero + 0.5}H${width}`} />${needs && html`<path class="g-day dot" d=${`M0 ${middle}H${width}`} /><text class="halo num" x=${width / 2} y=${middle + 4} text-anchor="middle">${needs}</text>`}</svg>`;
}
