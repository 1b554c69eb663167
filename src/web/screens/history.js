/*
 * History: a day as lanes, a week, month or year as bars; closer by drag, wheel, fingers or
 * keys, and back. Only what was measured: where it was not, it says so.
 */
import { html, useEffect, useRef, useState } from '../view.js';
import { house, houseTime } from '../live.js';
import { go, link, replace } from '../router.js';
import { t } from '../words.js';
import { problemWords } from '../parts/gate.js';
import { Icon } from '../parts/Icon.js';
import { battery, BatteryPick } from '../which.js';
import { argsAt, argsOf, drawnAs, KINDS, neighbour, spanOf, titleOf, zoomed } from '../history-span.js';
import { readBars, readLanes } from '../history-data.js';
import { HistoryLanes } from './history-lanes.js';
import { HistoryBars } from './history-bars.js';

const AGAIN_MS = 30000;

/* What was read of the span: { span, data } or { problem }; read again while the span is not over. */
function useHistory(span, about, drawn) {
  const [read, setRead] = useState({});
  const [round, setRound] = useState(0);
  useEffect(() => {
    const abort = new AbortController();
    const reading = drawn === 'lanes' ? readLanes(span, about, { signal: abort.signal }) : readBars(span, about, drawn, { signal: abort.signal });
    reading.then((data) => setRead({ span, data, drawn, of: about.id }), (problem) => { if (problem.name !== 'AbortError') setRead({ problem }); });
    return () => abort.abort();
  }, [about.id, span.from, span.to, drawn, round]);
  useEffect(() => {
    const timer = setInterval(() => { if (!document.hidden && span.to > houseTime() && span.from < houseTime()) setRound((n) => n + 1); }, AGAIN_MS);
    return () => clearInterval(timer);
  }, [span.from, span.to]);
  return [read, () => setRound((n) => n + 1)];
}

function SpanBar({ span, now, onCsv }) {
  const isLast = span.to > now;
  return html`<div class="spanbar"><a class="btn icon" href=${link('history', ...neighbour(span, -1))} aria-label=${t('history.earlier')}><${Icon} name="prev" /></a>
    <h2 aria-live="polite">${titleOf(span)}</h2>
    ${isLast ? html`<button class="btn icon" type="button" disabled aria-label=${t('history.noLater')} title=${t('history.noLater')}><${Icon} name="next" /></button>` : html`<a class="btn icon" href=${link('history', ...neighbour(span, 1))} aria-label=${t('history.later')}><${Icon} name="next" /></a>`}
    <button class="btn" type="button" onClick=${onCsv}><${Icon} name="down" />CSV</button></div>`;
}

function WayBack({ span }) {
  if (!span.isZoomed) return null;
  return html`<p class="acts back"><a class="btn" href=${link('history', ...argsOf({ ...span, isZoomed: false }))}><${Icon} name="prev" />${t(`history.whole.${span.kind}`, { what: titleOf({ ...span, ...span.base, isZoomed: false }) })}</a></p>`;
}

function save({ name, text }) {
  const anchor = document.createElement('a');
  anchor.href = URL.createObjectURL(new Blob([text], { type: 'text/csv' }));
  anchor.download = name;
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(anchor.href), 10000);
}

function Content({ args, about }) {
  const now = houseTime();
  const span = spanOf(args, now);
  const drawn = drawnAs(span);
  const [read, again] = useHistory(span, about, drawn);
  const isThis = read.span && read.drawn === drawn && read.of === about.id && read.span.base.from === span.base.from && read.span.kind === span.kind;
  /* One step of the way back for looking closer, however close. */
  const look = (view) => (span.isZoomed ? replace : go)('history', ...zoomed(span, view));
  const open = (kind, at) => go('history', ...argsAt(kind, at));
  const Drawing = drawn === 'lanes' ? HistoryLanes : HistoryBars;
  const csv = useRef(null);
  return html`<div class="page"><header><h1>${t('tabs.history')}</h1><${BatteryPick} /><div class="seg" role="group" aria-label=${t('history.span')}>${KINDS.map((kind) =>
    html`<button type="button" aria-pressed=${kind === span.kind} onClick=${() => open(kind, Math.min(span.from, now))}>${t(`history.kinds.${kind}`)}</button>`)}</div></header>
    <${SpanBar} span=${span} now=${now} onCsv=${() => csv.current && save(csv.current())} /><${WayBack} span=${span} />
    ${read.problem && html`<p class="lede">${problemWords(read.problem)}</p><p class="acts"><button class="btn" type="button" onClick=${again}>${t('shell.again')}</button></p>`}
    ${!isThis && !read.problem && html`<p class="lede mut" role="status">${t('history.reading')}</p>`}
    ${isThis && html`<${Drawing} key=${`${drawn}${about.id}`} span=${span} data=${read.data} unit=${drawn} about=${about} now=${now} onLook=${look} onOpen=${open} csv=${csv} />`}</div>`;
}

export default function History({ args }) {
  const about = battery();
  if (!house.value) return html`<div class="page"><header><h1>${t('tabs.history')}</h1></header><p class="lede mut">${t('gate.starting')}</p></div>`;
  if (!about) return html`<div class="page"><header><h1>${t('tabs.history')}</h1></header><p class="lede">${t('history.nothing')}</p></div>`;
  return html`<${Content} args=${args} about=${about} />`;
}
