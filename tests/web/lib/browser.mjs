/*
 * Debian's Chromium by playwright-core, and how a test looks at a page: what it says, what
 * axe finds, what does not fit.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { PATIENCE } from './suite.mjs';

const tools = createRequire(path.join(process.env.WEB_TOOLS, 'package.json'));
const { chromium, devices } = tools('playwright-core');
const axeSource = readFileSync(tools.resolve('axe-core/axe.min.js'), 'utf8');

export const SIZES = {
  360: { width: 360, height: 780 },
  '1024x600': { width: 1024, height: 600 },
  1440: { width: 1440, height: 900 },
};

export { devices };

let shared = null;

const ARGS = ['--no-sandbox', '--disable-dev-shm-usage'];

/* One browser for all tests that do not ask for their own. */
export async function browser() {
  shared ??= chromium.launch({ executablePath: process.env.CHROMIUM, args: ARGS });
  return shared;
}

/* A browser of a test's own: with other arguments, or to be measured. */
export function launch(args = []) {
  return chromium.launch({ executablePath: process.env.CHROMIUM, args: [...ARGS, ...args] });
}

export function launchWithProfile(directory, options = {}) {
  return chromium.launchPersistentContext(directory, { executablePath: process.env.CHROMIUM, args: ARGS, ...options });
}

export async function closeBrowser() {
  if (shared) await (await shared).close();
  shared = null;
}

/* What a browser reports that is no fault of the page: a network that the test took away. */
const EXPECTED = /Failed to load resource|net::ERR_|status of (401|403|409|412|422|428|503)/;

/* Options: size, scheme ('light', 'dark'), motion, more (of the context). Its complaints end up in page.complaints. */
export async function openPage(t, { size = '360', scheme = 'light', motion = 'reduce', context: more = {}, browser: own } = {}) {
  const context = await (own ?? await browser()).newContext({
    viewport: SIZES[size] ?? size, colorScheme: scheme, reducedMotion: motion, locale: 'en-GB', ...more,
  });
  t.atEnd(() => context.close());
  const page = await context.newPage();
  watch(page);
  return page;
}

/* Script errors, refused inline code and warnings of ours are a test's failure: see calm(). */
export function watch(page) {
  page.setDefaultTimeout(12000 * PATIENCE);
  page.complaints = [];
  page.on('pageerror', (error) => page.complaints.push(`script: ${error.message}`));
  page.on('console', (message) => {
    const text = message.text();
    if ((message.type() === 'error' && !EXPECTED.test(text)) || /no words for|Content Security Policy/.test(text)) page.complaints.push(text);
  });
  return page;
}

export function calm(page) {
  if (page.complaints.length > 0) throw new Error(`the page complained: ${[...new Set(page.complaints)].join('; ')}`);
}

/* ---- axe ---- */

const RULES = { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'], resultTypes: ['violations'] };

export const axeTotals = { pages: 0, violations: 0 };

/* Violations as lines: rule, where, why. */
export async function axe(page) {
  if (!(await page.evaluate(() => Boolean(window.axe)))) await page.evaluate(axeSource);
  const { violations } = await page.evaluate((rules) => window.axe.run(document, rules), RULES);
  axeTotals.pages += 1;
  axeTotals.violations += violations.length;
  return violations.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map(({ target, failureSummary }) => `${target.join(' ')} (${failureSummary.split('\n').slice(1, 3).map((line) => line.trim()).join(', ')})`).join('; ')}`);
}

/* ---- what fits ---- */

/* In the page: what reaches beyond the width, what is cut, and what of a picture lies on other words. */
function misfits() {
  const found = [];
  const wide = innerWidth;
  const name = (element) => `${element.tagName.toLowerCase()}${element.id ? `#${element.id}` : ''}${typeof element.className === 'string' && element.className ? `.${element.className.trim().replace(/\s+/g, '.')}` : ''}`;
  const scrolls = (element) => {
    for (let at = element; at && at !== document.body; at = at.parentElement) {
      if (at.id === 'main') return false;
      if (/auto|scroll/.test(getComputedStyle(at).overflowX) && at.scrollWidth > at.clientWidth) return true;
    }
    return false;
  };
  const isHidden = (element) => {
    if (element.closest('.vh, .skip, [hidden], noscript, .sr-only') || (element.closest('details:not([open])') && !element.closest('summary'))) return true;
    for (let at = element; at && at !== document.body; at = at.parentElement) {
      if (at.clientWidth <= 1 && at.clientHeight <= 1 && getComputedStyle(at).position === 'absolute') return true;
    }
    const style = getComputedStyle(element);
    return style.visibility === 'hidden' || style.display === 'none' || style.opacity === '0';
  };
  if (document.scrollingElement.scrollWidth > wide) found.push(`the page is ${document.scrollingElement.scrollWidth} px wide of ${wide}`);
  const main = document.getElementById('main');
  if (main && main.scrollWidth > main.clientWidth + 1) found.push(`main is ${main.scrollWidth} px wide of ${main.clientWidth}`);
  const dialog = document.querySelector('dialog[open]');
  if (dialog && dialog.scrollWidth > dialog.clientWidth + 1) found.push(`the sheet is ${dialog.scrollWidth} px wide of ${dialog.clientWidth}`);
  const walker = document.createTreeWalker(dialog ?? document.body, NodeFilter.SHOW_TEXT);
  const inPictures = new Map();
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (!node.data.trim() || isHidden(element) || /^(SCRIPT|STYLE|TITLE|OPTION)$/i.test(element.tagName)) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const boxes = [...range.getClientRects()].filter((box) => box.width > 1 && box.height > 1);
    for (const box of boxes) {
      if ((box.left < -1 || box.right > wide + 1) && !scrolls(element)) found.push(`"${node.data.trim().slice(0, 40)}" reaches from ${Math.round(box.left)} to ${Math.round(box.right)} px`);
    }
    const picture = element.closest('svg');
    if (picture && boxes.length > 0) {
      const frame = picture.getBoundingClientRect();
      const box = element.closest('text').getBoundingClientRect();
      if (box.left < frame.left - 1 || box.right > frame.right + 1 || box.top < frame.top - 2 || box.bottom > frame.bottom + 2) found.push(`"${element.closest('text').textContent.trim().slice(0, 40)}" leaves its picture`);
      if (!inPictures.has(picture)) inPictures.set(picture, new Map());
      inPictures.get(picture).set(element.closest('text'), box);
    } else if (boxes.length > 0) {
      for (let at = element; at && at !== document.body; at = at.parentElement) {
        const style = getComputedStyle(at);
        if (/hidden|clip/.test(style.overflowX) && at.clientWidth > 0 && at.scrollWidth > at.clientWidth + 1 && style.display !== 'inline') { found.push(`"${node.data.trim().slice(0, 40)}" is cut by ${name(at)}`); break; }
      }
    }
  }
  for (const texts of inPictures.values()) {
    const list = [...texts];
    for (let i = 0; i < list.length; i++) {
      for (let j = i + 1; j < list.length; j++) {
        const [[one, a], [other, b]] = [list[i], list[j]];
        const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
        const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
        /* A line's box has a quarter above and below its digits. */
        const blank = (a.height + b.height) * 0.25;
        if (across > 2 && down - blank > Math.min(a.height, b.height) * 0.2) found.push(`"${one.textContent.trim().slice(0, 30)}" lies on "${other.textContent.trim().slice(0, 30)}"`);
      }
    }
  }
  return [...new Set(found)];
}

export const whatDoesNotFit = (page) => page.evaluate(misfits);

/* Controls smaller than a finger: 44 px, but for links within a text. */
export const tooSmall = (page) => page.evaluate(() => [...document.querySelectorAll('button, a.btn, nav a, select, summary, label:has(input[type=radio])')]
  .filter((one) => !one.closest('[hidden], .vh') && one.getClientRects().length > 0 && !one.classList.contains('skip'))
  .map((one) => ({ words: (one.ariaLabel ?? one.textContent).trim().slice(0, 30), box: one.getBoundingClientRect() }))
  .filter(({ box }) => box.width > 0 && (box.height < 43.5 || box.width < 43.5))
  .map(({ words, box }) => `"${words}" is ${Math.round(box.width)} × ${Math.round(box.height)} px`));
