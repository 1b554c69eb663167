/*
 * What stands under the words of a picture. axe looks at HTML alone: it skips words in SVG, and
 * these stand on liquid, hatching, ribbons and bands.
 */

/* In the page: words of the pictures in `selector` that their ground swallows, as lines. */
function swallowed(selector) {
  const rgba = (text) => { const [r, g, b, a = 1] = text.match(/[\d.]+/g).map(Number); return [r, g, b, a]; };
  const over = (top, ground) => { const k = top[3]; return [0, 1, 2].map((i) => top[i] * k + ground[i] * (1 - k)).concat(1); };
  const light = (colour) => { const [r, g, b] = colour.slice(0, 3).map((v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4)); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const contrast = (a, b) => { const [hi, lo] = [light(a), light(b)].sort((x, y) => y - x); return (hi + 0.05) / (lo + 0.05); };
  const thinned = (colour, element) => { let k = colour[3]; for (let at = element; at instanceof SVGElement; at = at.parentElement) k *= Number(getComputedStyle(at).opacity); return [...colour.slice(0, 3), k]; };
  /* Of a gradient its strongest stop, which is worst for words; of a pattern its lines as they are from afar. */
  const server = (element, name) => {
    const [, id] = name.match(/#([\w-]+)/), found = element.ownerSVGElement.querySelector(`#${id}`);
    const part = found.querySelector('stop') ?? found.querySelector('path, line, rect'), style = getComputedStyle(part);
    if (part.tagName === 'stop') return rgba(style.stopColor);
    const line = thinned(rgba(style.stroke), part);
    return [...line.slice(0, 3), line[3] * parseFloat(style.strokeWidth) / found.width.baseVal.value];
  };
  const paint = (element, value, opacity) => { const colour = value.startsWith('url') ? server(element, value) : rgba(value); return thinned([...colour.slice(0, 3), colour[3] * Number(opacity)], element); };
  const layers = (element, x, y) => {
    const style = getComputedStyle(element);
    if (!(element instanceof SVGGeometryElement)) return element instanceof SVGElement ? [] : [rgba(style.backgroundColor)];
    const at = new DOMPoint(x, y).matrixTransform(element.getScreenCTM().inverse()), found = [];
    if (style.fill !== 'none' && element.isPointInFill(at)) found.push(paint(element, style.fill, style.fillOpacity));
    if (style.stroke !== 'none' && parseFloat(style.strokeWidth) > 3 && element.isPointInStroke(at)) found.push(paint(element, style.stroke, style.strokeOpacity));
    return found;
  };
  const wrong = [];
  for (const text of document.querySelectorAll(`${selector} svg text`)) {
    const parts = text.querySelector('tspan') ? [text, ...text.querySelectorAll('tspan')] : [text];
    const box = text.getBoundingClientRect(), words = text.textContent.trim(), style = getComputedStyle(text);
    if (!words || box.width < 1 || box.bottom < 0 || box.top > innerHeight || style.visibility === 'hidden') continue;
    const size = parseFloat(style.fontSize) * (box.height / (text.getBBox().height || 1)), least = size >= 24 || (size >= 18.7 && Number(style.fontWeight) >= 600) ? 3 : 4.5;
    let worst = 99, place = '';
    for (let i = 0; i < 7; i++) for (let j = 0; j < 3; j++) {
      const x = box.left + box.width * (0.04 + 0.153 * i), y = box.top + box.height * (0.32 + 0.18 * j);
      const stack = document.elementsFromPoint(x, y).filter((one) => !one.closest('text')), below = [rgba(getComputedStyle(document.documentElement).backgroundColor)], above = [];
      for (const element of stack.reverse()) (text.compareDocumentPosition(element) & Node.DOCUMENT_POSITION_FOLLOWING ? above : below).push(...layers(element, x, y));
      /* A halo is drawn around the letters, and so is what they stand on. */
      if (style.paintOrder.startsWith('stroke') && style.stroke !== 'none' && parseFloat(style.strokeWidth) >= 3) below.push(rgba(style.stroke));
      const under = (colour) => above.reduce((all, one) => over(one, all), colour), bare = below.reduce((all, one) => over(one, all)), ground = under(bare);
      for (const part of parts) {
        const found = contrast(under(over(rgba(getComputedStyle(part).fill), bare)), ground);
        if (found < worst) [worst, place] = [found, `rgb(${ground.slice(0, 3).map(Math.round)})`];
      }
    }
    if (worst < least) wrong.push(`"${words.slice(0, 30)}" ${worst.toFixed(1)} of ${least} on ${place}`);
  }
  return [...new Set(wrong)];
}

/* Words of a picture whose contrast with what lies under them is too little. */
export const swallowedWords = (page, selector = 'main') => page.evaluate(swallowed, selector);
