/*
 * Wires and the contacts on them. A wire's width is its power, linear; below 20 W it is a
 * thin line; where no meter says, it is dotted. A contact's solid lever is what the relay
 * reads back, its dashed lever what it was asked.
 */
import { h as node } from './lib/preact.js';
import { fixed } from './scene-draw.js';

export const RIBBON_LEAST_W = 20;
const FULL_W = 5000; /* drawn 40u wide, and more no wider */

/*
 * From p to q. `watts` null: not measured. `isForward` tells whether it flows from p to q;
 * `at` are the places of the chevrons; `bend` 'h' leaves p level, 'v' upright.
 */
export function wire(p, q, { bend, watts, kind, u, isForward, isOld, at }) {
  const c1 = bend === 'h' ? [p[0] + (q[0] - p[0]) * 0.62, p[1]] : [p[0], (p[1] + q[1]) / 2];
  const c2 = bend === 'h' ? [p[0] + (q[0] - p[0]) * 0.42, q[1]] : [q[0], (p[1] + q[1]) / 2];
  const d = `M${p.map(fixed)}C${c1.map(fixed)} ${c2.map(fixed)} ${q.map(fixed)}`;
  if (watts === null) return [node('path', { class: 's-mut dot', d })];
  if (Math.abs(watts) < RIBBON_LEAST_W) return [node('path', { class: 's-mut', d })];
  const thick = Math.max(4, Math.min(1, Math.abs(watts) / FULL_W) * 40 * u);
  const point = (k) => [0, 1].map((i) => (1 - k) ** 3 * p[i] + 3 * (1 - k) ** 2 * k * c1[i] + 3 * (1 - k) * k * k * c2[i] + k ** 3 * q[i]);
  const isThin = thick < 13, reach = isThin ? 5.5 : Math.min(7, thick * 0.28);
  const places = isForward ? at : at.slice().reverse();
  return [
    node('path', { class: `rib ${kind} edge`, 'stroke-width': fixed(thick + 2.6), d }),
    node('path', { class: `rib ${kind}`, 'stroke-width': fixed(thick), d }),
    isOld && node('path', { class: 'rib', stroke: 'url(#hatb)', 'stroke-width': fixed(thick), d }),
    ...places.map((k, i) => {
      const a = point(k - 0.02), b = point(k + 0.02);
      const degrees = Math.atan2(b[1] - a[1], b[0] - a[0]) * 180 / Math.PI + (isForward ? 0 : 180);
      return node('path', { class: `chev c${i}${isThin ? ' out' : ''}`, transform: `translate(${point(k).map(fixed)}) rotate(${Math.round(degrees)})`, d: `M${fixed(-reach * 0.6)} ${-reach}L${fixed(reach * 0.4)} 0L${fixed(-reach * 0.6)} ${reach}` });
    }),
  ];
}

/*
 * The relays of a battery on its wire, side by side. Where power flows and all of them
 * agree, the ribbon alone says it; where one does not, its levers stand on the ribbon.
 */
export function contacts({ cx, u, ground, jar: { top } }, s, isFlowing) {
  const shown = s.relays.slice(0, 3), y0 = ground + 2, y1 = top - 1, upper = ground + 13 * u, lower = top - 9 * u;
  const agrees = (relay) => relay.is === relay.asked;
  if (!shown.length || (isFlowing && shown.every(agrees))) return null;
  const step = 26 * u, xs = shown.map((_, i) => cx + step * (i - (shown.length - 1) / 2));
  const left = xs[0], right = xs.at(-1), isFork = shown.length > 1, bar = 6 * u;
  const path = (d) => node('path', { class: 'lever thin', d });
  return node('g', { class: isFlowing ? 'contacts on-ribbon' : 'contacts' }, [
    !isFlowing && path(isFork
      ? `M${cx} ${y0}V${fixed(upper - bar)}M${fixed(left)} ${fixed(upper)}V${fixed(upper - bar)}H${fixed(right)}V${fixed(upper)}M${fixed(left)} ${fixed(lower)}V${fixed(lower + bar)}H${fixed(right)}V${fixed(lower)}M${cx} ${fixed(lower + bar)}V${fixed(y1)}`
      : `M${cx} ${y0}V${fixed(upper)}M${cx} ${fixed(lower)}V${fixed(y1)}`),
    ...shown.map((relay, i) => contact(xs[i], upper, lower, relay, isFork && i === 0 ? -1 : 1, u, isFork)),
  ]);
}

function contact(x, upper, lower, relay, side, u, isFork) {
  const swing = (isFork ? 13 : 20) * u;
  const closed = `M${fixed(x)} ${fixed(lower)}L${fixed(x)} ${fixed(upper)}`, open = `M${fixed(x)} ${fixed(lower)}L${fixed(x + side * swing)} ${fixed(upper + 3 * u)}`;
  const lever = (state) => (state === 'on' ? closed : open);
  const isKnown = relay.is !== 'unknown';
  return node('g', null, [
    isKnown ? node('path', { class: relay.bad ? 'lever al-s' : 'lever', d: lever(relay.is) }) : null,
    !isKnown || relay.asked !== relay.is ? node('path', { class: 'ghost', d: isKnown ? lever(relay.asked) : closed }) : null,
    node('circle', { class: 'knob', cx: fixed(x), cy: fixed(upper), r: fixed(4.2 * u) }),
    node('circle', { class: 'knob', cx: fixed(x), cy: fixed(lower), r: fixed(4.2 * u) }),
  ]);
}
