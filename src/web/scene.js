/*
 * The picture on Now: a section through the house. Above the ground sun, house and grid;
 * below it the battery as a jar. Three wires meet in the house, each what one meter says,
 * nothing attributed. Unknown is dotted, old is hatched, zero is a thin line.
 *
 * scene(w, h, s) is pure: a size in true pixels and what is to be seen (nowPicture() in
 * screens/now-model.js makes it) go in, the SVG's nodes come out.
 */
import { h as node } from './lib/preact.js';
import { jarPath, marks, scale, number } from './scene-jar.js';
import { contacts, wire, RIBBON_LEAST_W } from './scene-wires.js';
import { fixed, linesOf, textMaker } from './scene-draw.js';

const BIG = 520; /* from this width on there is room beside the glyphs */

/* All that other parts of the drawing need to know of its measures. */
function layout(w, h) {
  const u = Math.min(w / 400, h / 440, 1.75);
  const isBig = w > BIG;
  const ground = Math.round(h * (h < 340 ? 0.42 : 0.372));
  const size = { value: isBig ? 22 * u : Math.max(15, Math.min(19, 23 * u)), word: Math.max(12.5, 13 * u), soc: Math.max(54, 76 * u) };
  const half = (isBig ? 58 : 50) * u;
  const eaves = ground - (isBig ? 60 : 88) * u;
  const sunX = Math.max(50, w * 0.14);
  const top = ground + 50 * u;
  const jarHeight = h - top - Math.max(14, 16 * u);
  return {
    w, h, u, isBig, ground, size, cx: Math.round(w / 2),
    house: { half, eaves, ridge: eaves - (isBig ? 36 : 30) * u },
    sources: { y: ground * (isBig ? 0.26 : 0.33), sunX, gridX: w - sunX, r: 19 * u, wireY: eaves + (isBig ? 20 : 7) * u },
    jar: { top, height: jarHeight, half: Math.min(w * (isBig ? 0.27 : 0.25), jarHeight * 0.5) },
    text: textMaker(w),
  };
}

export function scene(w, h, s) {
  const m = layout(w, h);
  return node('svg', { viewBox: `0 0 ${w} ${h}`, role: 'img', 'aria-label': s.alt }, [
    ground(m), flows(m, s), sun(m, s), pylon(m, s), sourceWords(m, s), jar(m, s), house(m, s),
    node('path', { class: 's-ground', d: `M0 ${m.ground}H${w}` }), batteryWire(m, s), number(m, s),
  ]);
}

function ground({ w, h, u, ground: y0 }) {
  return node('g', null, [
    node('rect', { class: 'f-sky', width: w, height: y0 }),
    node('rect', { class: 'f-earth', y: y0, width: w, height: h - y0 }),
    ...[0.3, 0.58, 0.84].map((part, i) => {
      const y = y0 + (h - y0) * part;
      return node('path', { class: 'strat', d: `M0 ${fixed(y + 6 * u)}C${fixed(w * 0.2)} ${fixed(y - 10 * u)} ${fixed(w * 0.34)} ${fixed(y + 14 * u)} ${fixed(w * 0.52)} ${fixed(y + (i % 2 ? -4 : 6) * u)}S${fixed(w * 0.84)} ${fixed(y + 10 * u)} ${w} ${fixed(y - 4 * u)}` });
    }),
  ]);
}

/* ---- sun and grid ---- */

function flows(m, s) {
  const { cx, u, house: { half }, sources: { y, sunX, gridX, wireY } } = m;
  const way = (meter) => (meter?.old ? 'stale' : s.flow ?? '');
  return [
    node('g', { class: way(s.pv) }, wire([sunX, y], [cx - half, wireY], { bend: 'h', watts: s.pv?.w ?? null, kind: 'sun', u, isForward: true, isOld: s.pv?.old, at: [0.38, 0.58, 0.78] })),
    node('g', { class: way(s.grid) }, wire([cx + half, wireY], [gridX, y], { bend: 'h', watts: s.grid?.w ?? null, kind: 'grid', u, isForward: !(s.grid?.w > 0), isOld: s.grid?.old, at: [0.22, 0.42, 0.62] })),
  ];
}

function sun({ sources: { y, sunX, r }, u }, s) {
  const halo = node('circle', { class: 'f-sky', cx: fixed(sunX), cy: fixed(y), r: fixed(r * 1.75) });
  if (!s.pv) return [halo, node('circle', { class: 's-mut dot', cx: fixed(sunX), cy: fixed(y), r: fixed(r) })];
  if (s.pv.w < RIBBON_LEAST_W) {
    const a = r * 0.95, x = sunX + r * 0.1;
    return [halo, node('path', { class: 'moon', d: `M${fixed(x)} ${fixed(y - a)}A${fixed(a)} ${fixed(a)} 0 1 0 ${fixed(x + a)} ${fixed(y + a * 0.1)}A${fixed(a * 0.78)} ${fixed(a * 0.78)} 0 0 1 ${fixed(x)} ${fixed(y - a)}Z` })];
  }
  const from = r * 1.05, to = r * (1.05 + 0.42 * Math.min(1, s.pv.w / 4000));
  const rays = Array.from({ length: 12 }, (_, i) => {
    const x = Math.cos(i * Math.PI / 6), dy = Math.sin(i * Math.PI / 6);
    return `M${fixed(sunX + x * from)} ${fixed(y + dy * from)}L${fixed(sunX + x * to)} ${fixed(y + dy * to)}`;
  });
  return [halo, node('g', { class: s.pv.old ? 'stale' : '' }, [
    node('circle', { class: 'sunfill', cx: fixed(sunX), cy: fixed(y), r: fixed(r * 0.78) }),
    node('path', { class: 'rib sun', 'stroke-width': fixed(2.4 * u), 'stroke-linecap': 'round', d: rays.join('') }),
  ])];
}

function pylon({ sources: { y, gridX, r } }, s) {
  const P = (dx, dy) => `${fixed(gridX + dx * r)} ${fixed(y + dy * r)}`;
  return [
    node('circle', { class: 'f-sky', cx: fixed(gridX), cy: fixed(y), r: fixed(r * 1.5) }),
    node('path', { class: s.grid ? 's-ink' : 's-mut dot', d: `M${P(-0.55, 1.15)}L${P(-0.18, -1.1)}L${P(0.18, -1.1)}L${P(0.55, 1.15)}M${P(-0.8, -0.55)}L${P(0.8, -0.55)}M${P(-0.95, -0.02)}L${P(0.95, -0.02)}M${P(-0.42, 0.4)}L${P(0.48, 0.9)}M${P(0.42, 0.4)}L${P(-0.48, 0.9)}` }),
  ];
}

/* Of several meters some may be silent: then the value is of the others only, and says so. */
const named = (meter, name) => (meter.part ? `${name}, ${meter.part}` : name);

/* A value with its name and age below, or that it needs a meter. */
function labelled(m, x, y, meter, name, L) {
  const { size: { value, word }, text } = m;
  if (!meter) return [text(x, y - 2, name, 'k', word), text(x, y + word * 1.2, L.needs, 'k', word), text(x, y + word * 2.4, L.ameter, 'k', word)];
  return [
    text(x, y, [meter.kw, node('tspan', { class: 'k', 'font-size': fixed(word), dx: fixed(value * 0.17) }, 'kW')], meter.doubt ? 'v al-f' : 'v', value),
    text(x, y + word * 1.35, named(meter, name), 'k', word),
    text(x, y + word * 2.6, meter.doubt ? L.doubt : meter.age, meter.old || meter.doubt ? 'v' : 'k', word),
  ];
}

function sourceWords(m, s) {
  const { sources: { y, sunX, gridX, r }, size: { value }, isBig, u } = m;
  const below = y + r * 1.4 + value * (isBig ? 1.02 : 1.32), out = isBig ? 8 * u : 0, { L } = s;
  const gridName = !s.grid || Math.abs(s.grid.w) < RIBBON_LEAST_W ? L.grid : s.grid.w > 0 ? L.taking : L.giving;
  return [...labelled(m, sunX - out, below, s.pv, L.sun, L), ...labelled(m, gridX + out, below, s.grid, gridName, L)];
}

/* ---- the house over the ends of its wires ---- */

function house(m, s) {
  const { cx, u, ground: gy, isBig, house: { half, eaves, ridge }, size: { value, word }, text } = m;
  const isKnown = !!s.load, y = eaves + (isBig ? 14 : 32) * u, { L } = s;
  const walls = `M${fixed(cx - half)} ${gy}V${fixed(eaves)}L${cx} ${fixed(ridge)}L${fixed(cx + half)} ${fixed(eaves)}V${gy}`;
  const roof = `M${fixed(cx - half - 8 * u)} ${fixed(eaves + 5 * u)}L${cx} ${fixed(ridge)}L${fixed(cx + half + 8 * u)} ${fixed(eaves + 5 * u)}`;
  return [
    node('path', { class: isKnown ? 'house' : 'house unk', d: walls }), node('path', { class: isKnown ? 's-ink' : 's-mut dot', d: roof }),
    ...(isKnown
      ? [text(cx, y, [s.load.kw, node('tspan', { class: 'k', 'font-size': fixed(word), dx: fixed(value * 0.17) }, 'kW')], s.load.doubt ? 'v al-f' : 'v', value), text(cx, y + word * 1.35, named(s.load, L.home), 'k', word), text(cx, y + word * 2.55, s.load.doubt ? L.doubt : s.load.age, s.load.old || s.load.doubt ? 'v' : 'k', word)]
      : [text(cx, y - 8 * u, L.home, 'k', word), text(cx, y - 8 * u + word * 1.2, L.needs, 'k', word), text(cx, y - 8 * u + word * 2.4, L.ameter, 'k', word)]),
  ];
}

/* ---- the jar ---- */

function jar(m, s) {
  const { cx, u, jar: { top, height, half } } = m, d = jarPath(cx, top, half, height), isKnown = s.soc !== null;
  const ears = [-1, 1].map((k) => node('path', { class: isKnown ? 'rim' : 'rim unk', d: `M${fixed(cx + k * half * 0.3)} ${fixed(top + height * 0.055)}C${fixed(cx + k * half * 0.82)} ${fixed(top + height * 0.02)} ${fixed(cx + k * half * 0.96)} ${fixed(top + height * 0.12)} ${fixed(cx + k * half * 0.78)} ${fixed(top + height * 0.232)}` }));
  return [
    node('defs', null, [
      node('clipPath', { id: 'jar' }, node('path', { d })),
      node('pattern', { id: 'hat', class: 'hatch', width: 7, height: 7, patternUnits: 'userSpaceOnUse', patternTransform: 'rotate(45)' }, node('path', { d: 'M0 0V7' })),
      node('pattern', { id: 'hatb', class: 'hatch', width: 9, height: 9, patternUnits: 'userSpaceOnUse', patternTransform: 'rotate(-45)' }, node('path', { d: 'M0 0V9' })),
    ]),
    node('g', { class: 's-mut' }, ears),
    isKnown && node('path', { class: 'shell', d }),
    isKnown && liquid(m, s),
    node('path', { class: isKnown ? 'rim' : 'rim unk', d }),
    isKnown && marks(m, s),
    s.temp && scale(m, s),
  ];
}

function liquid(m, s) {
  const { cx, u, jar: { top, height, half, }, size } = m;
  const floor = top + height * 0.985, at = (pct) => floor - (floor - (top + height * 0.135)) * pct / 100, level = at(s.soc);
  const across = { x: fixed(cx - half), width: fixed(half * 2) }, below = (y) => ({ ...across, y: fixed(y), height: fixed(floor - y + 20) });
  const power = s.bat && !s.bat.isStill && Math.abs(s.bat.w) >= RIBBON_LEAST_W ? Math.abs(s.bat.w) : 0;
  const thick = Math.max(4, Math.min(1, power / 5000) * 40 * u), numberTop = top + height * 0.615 - size.soc * 0.78, end = Math.min(level + 2 * u, numberTop);
  return [
    node('g', { 'clip-path': 'url(#jar)', class: s.socOld ? 'stale' : '' }, [
      node('rect', { class: 'liq', ...below(level) }),
      node('path', { class: 'liq2', d: `M${fixed(cx - half)} ${fixed(level)}h${fixed(half * 2)}v${fixed(4 * u)}c${fixed(-half * 0.5)} ${fixed(7 * u)} ${fixed(-half * 0.7)} ${fixed(-5 * u)} ${fixed(-half)} ${fixed(1 * u)}s${fixed(-half * 0.6)} ${fixed(5 * u)} ${fixed(-half)} ${fixed(-1 * u)}z` }),
      node('rect', { ...below(at(s.reserve)), fill: 'url(#hat)' }),
      s.socOld && node('rect', { ...below(level), fill: 'url(#hatb)' }),
    ]),
    /* What flows in falls to the level; what flows out rises from it. */
    power > 0 && end > top + 4 && node('g', { class: s.bat.old ? 'stale' : s.flow ?? '' }, [
      node('defs', null, node('linearGradient', { id: 'pour', gradientUnits: 'userSpaceOnUse', x1: 0, x2: 0, y1: fixed(top + height * 0.08), y2: fixed(end) }, [node('stop', { class: 'p0', offset: 0 }), node('stop', { class: 'p1', offset: 1 })])),
      node('rect', { class: 'pour', fill: 'url(#pour)', x: fixed(cx - thick / 2), width: fixed(thick), y: fixed(top + 2), height: fixed(end - top - 2) }),
    ]),
  ];
}

/* ---- the wire between house and battery, and its relays ---- */

function batteryWire(m, s) {
  const { w, cx, u, ground: gy, jar: { top, half }, size: { value, word }, text } = m;
  const y0 = gy + 2, y1 = top - 1, middle = (gy + top) / 2, aside = Math.max(half * 0.5, 34 * u), { L } = s;
  const isFlowing = s.bat && !s.bat.isStill && Math.abs(s.bat.w) >= RIBBON_LEAST_W;
  const words = (x, anchor, upper, lower, upperClass, lowerClass, upperSize) => {
    /* Two lines below begin higher: the jar's ear is not written over. */
    const lines = linesOf(lower ?? '', word, lowerClass, w - x - 4), y = middle - (lines.length - 1) * word * 0.6;
    return [
      text(x, y + (s.bat ? value * 0.12 : word * 0.1), upper, upperClass, upperSize, anchor),
      ...lines.map((line, i) => line && text(x, y + (s.bat ? value * 0.12 + word * 1.3 : word * 1.45) + i * word * 1.15, line, lowerClass, word, anchor)),
    ];
  };
  return [
    s.first || (!isFlowing && !s.relays.length) ? node('path', { class: s.first || !s.bat ? 's-mut dot' : 's-mut', d: `M${cx} ${y0}V${fixed(y1)}` }) : null,
    isFlowing ? node('g', { class: s.bat.old ? 'stale' : s.flow ?? '' }, wire([cx, y0], [cx, y1 + 3], { bend: 'v', watts: s.bat.w, kind: 'bat', u, isForward: s.bat.w > 0, isOld: s.bat.old, at: [0.3, 0.7] })) : null,
    s.first ? null : contacts(m, s, isFlowing),
    s.bat ? words(cx + aside, 'start', [s.bat.kw, node('tspan', { class: 'k', 'font-size': fixed(word), dx: fixed(value * 0.17) }, 'kW')], s.bat.word, 'v', s.bat.old ? 'v' : 'k', value) : null,
    s.bat === null ? words(cx + aside, 'start', L.power, L.needsMeter, 'k', 'k', word) : null,
    ...relayWords(m, s, cx - aside, middle),
  ];
}

/* One relay: its name over its state. Several: a line each, so that both are read. */
function relayWords({ size: { word }, text }, s, x, middle) {
  if (s.relays.length < 2) {
    const relay = s.relays[0];
    return [text(x, middle + word * 0.1, s.L.relay, 'k', word, 'end'), text(x, middle + word * 1.45, relay?.tag ?? s.L.noRelay, 'v' + (relay?.bad ? ' al-f' : ''), word * 1.1, 'end')];
  }
  const lines = s.relays.slice(0, 3).flatMap((relay) => linesOf(`${relay.name} ${relay.tag}`, word, 'v', x - 4).map((line, i) => ({ line, name: i === 0 ? relay.name : '', kind: 'v' + (relay.bad ? ' al-f' : '') })));
  const step = word * (lines.length > 2 ? 1.15 : 1.3);
  return lines.map(({ line, name, kind }, i) => text(x, middle + word * 0.55 + step * (i - (lines.length - 1) / 2), [node('tspan', { class: 'k' }, name), line.slice(name.length)], kind, word, 'end'));
}
