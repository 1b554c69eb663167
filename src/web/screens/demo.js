/* The drawer of the demo house: six faults that really happen in it, and how long each has been on. */
import { html, useEffect, useState } from '../view.js';
import { get, post } from '../api.js';
import { house, tick } from '../live.js';
import { span, has, t } from '../words.js';
import { problemWords, whyNot } from '../parts/gate.js';
import { Icon } from '../parts/Icon.js';
import { SheetHead } from '../parts/Sheet.js';
import { useRead } from '../parts/read.js';

const FAULTS = [['sensor-silent', 'sensor'], ['relay-stuck', 'relay'], ['relay-lying', 'relay'], ['battery-hot', 'hot'], ['cloud', 'cloud'], ['broker-gone', 'broker'], ['sensor-frozen', 'clock'], ['relay-welded', 'relay']];
const LOOK_AGAIN_MS = 2000;

async function readFaults() {
  const { faults } = await get('demo/faults');
  return { at_ms: performance.now(), faults: Object.fromEntries(faults.map((one) => [one.fault, one])) };
}

/* The word of the tag: what is, or that it was asked for. */
function stateWords(fault, read, asked) {
  if (asked !== undefined && asked !== fault.on) return t(asked ? 'demo.askedOn' : 'demo.askedOff');
  if (!fault.on) return t('demo.off');
  const since_s = (fault.on_for_s ?? 0) + ((tick.value - read.at_ms) / 1000) * (house.value?.state.clock_factor ?? 1);
  return t('demo.on', { age: span(since_s) });
}

export default function DemoSheet({ close }) {
  const { data: read, problem, again } = useRead(readFaults, [], LOOK_AGAIN_MS);
  const [asked, setAsked] = useState({});
  const [refused, setRefused] = useState(null);
  useEffect(() => { if (read) setAsked((old) => Object.fromEntries(Object.entries(old).filter(([name, on]) => read.faults[name]?.on !== on))); }, [read]);
  const why = whyNot.value;
  async function press(name, on) {
    setAsked((old) => ({ ...old, [name]: on }));
    setRefused(null);
    try {
      await post('demo/faults', { fault: name, on });
    } catch (failure) {
      setAsked(({ [name]: _, ...rest }) => rest);
      setRefused(failure);
    }
    again();
  }
  return html`<${SheetHead} title=${t('demo.title')} /><p class="mut">${t('demo.what')}</p>
    ${(problem || refused) && html`<p class="bar q" role="status"><${Icon} name="warn" /><span>${problemWords(refused ?? problem)}</span></p>`}
    ${why && html`<p class="sm mut why-not" id="demo-why">${why}</p>`}
    <div class="faults">${read && FAULTS.filter(([name]) => read.faults[name]).map(([name, icon]) => {
      const fault = read.faults[name];
      return html`<button type="button" aria-pressed=${fault.on} disabled=${!!why} aria-describedby=${why ? 'demo-why' : undefined} onClick=${() => press(name, !fault.on)}><${Icon} name=${icon} /><span><b>${has(`demo.faults.${name}`) ? t(`demo.faults.${name}`) : name}</b><small>${t(`demo.does.${name}`)}</small></span><span class=${fault.on ? 'tag solid' : 'tag'}>${stateWords(fault, read, asked[name])}</span></button>`;
    })}</div>
    <p class="sm mut drawer-foot">${t('demo.speed', { n: house.value?.state.clock_factor ?? 1 })} ${t('demo.leave')}</p>`;
}
