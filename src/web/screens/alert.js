/* One alert: what it is, since when, what Amphora did, what you can do. */
import { html, useState } from '../view.js';
import { get, post } from '../api.js';
import { house, houseTime } from '../live.js';
import { clock, day, lang, num, span, t, unit } from '../words.js';
import { alertText, alertTitle } from '../reasons.js';
import { Button } from '../parts/Button.js';
import { problemWords } from '../parts/gate.js';
import { useRead } from '../parts/read.js';
import { Icon } from '../parts/Icon.js';
import { Tag } from '../parts/Tag.js';
import { dateOf, dateText, offset_s } from '../zone.js';

const ICONS = [[/^(sensor|reading|soc|temp|power|cells|sign|sequence|interval)/, 'sensor'], [/^(relay|still|no-effect)/, 'relay'], [/^(limit|locked)/, 'hot'], [/^(broker|marker|control)/, 'broker']];
const iconOf = (code) => ICONS.find(([pattern]) => pattern.test(code))?.[1] ?? 'alerts';

const quantity = (n, name) => (name === 's' ? span(Math.abs(n)) : name ? unit(n, { '°C': 1, V: 2 }[name] ?? (n % 1 ? 1 : 0), name) : num(n));

/* What was measured, beside what it should be. Where there are no numbers, English has the daemon's sentence. */
function measured({ code, values, words }) {
  if (!values) return lang.value === 'it' ? '' : `${words}.`;
  const value = quantity(values.value, values.unit);
  if (values.limit === null) return t('alerts.by', { value });
  const both = { value, limit: quantity(values.limit, values.unit) };
  return /contra|clock|no-eff/.test(code) ? t('alerts.instead', both) : t('alerts.most', both);
}

function when(time) {
  const ms = +new Date(time), today = dateText(dateOf(houseTime()));
  return `${dateText(dateOf(ms)) === today ? '' : `${day(ms, offset_s(ms))}, `}${clock(ms, offset_s(ms))}`;
}

/* What a lockout waits for: the battery's limits, and its temperature as its own log lets expect it. */
async function readLock(id) {
  const [{ batteries }, { columns }] = await Promise.all(['battery/health', 'forecast'].map((path) => get(`${path}?battery=${encodeURIComponent(id)}`)));
  return { limits: batteries[0].limits, ...columns };
}

/* Why a lockout cannot be ended now: the limit that tripped still holds; and until about when. */
function whyLocked({ code, subject }, lock) {
  const tripped = code === 'locked-out' && (house.value?.state.alerts ?? []).find((one) => one.active && one.code === 'limit-tripped' && one.subject === subject);
  if (!tripped) return null;
  const { value, limit, unit: of } = tripped.values ?? {}, isHot = value > limit;
  const rule = of === '°C' && lock?.limits.find((one) => one.value === limit && one.name.endsWith(isHot ? 'max_c' : 'min_c'));
  if (!rule) return t('alerts.notWhileTripped');
  const at = lock.temp_p50_c.findIndex((c) => (isHot ? c <= rule.release : c >= rule.release));
  return `${t(isHot ? 'alerts.notAbove' : 'alerts.notBelow', { at: unit(rule.release, 1, '°C') })} ${at < 0 ? t(lock.t.length ? 'alerts.notToday' : 'alerts.noTime') : t('alerts.expected', { time: when(lock.t[at] * 1000) })}`;
}

export function OpenAlert({ alert, again }) {
  const [problem, setProblem] = useState(null);
  const [isAsked, setAsked] = useState(false);
  const isLock = alert.code === 'locked-out';
  const { data: lock } = useRead(() => (isLock ? readLock(alert.subject) : Promise.resolve(null)), [isLock], 60000);
  const since_s = (houseTime() - Date.parse(alert.raised)) / 1000;
  async function acknowledge() {
    setAsked(true);
    setProblem(null);
    try {
      await post(`alerts/${alert.id}/acknowledge`);
    } catch (failure) {
      setProblem(failure);
      setAsked(false);
    }
    again();
  }
  return html`<li><${Icon} name=${iconOf(alert.code)} /><div><h3>${alertTitle(alert)}</h3><p class="sm mut">${t('alerts.since', { at: when(alert.raised), age: span(since_s) })}${alert.count > 1 ? `, ${t('alerts.times', { n: alert.count })}` : ''}</p>
    <p class="sm words-of">${measured(alert)}</p><p>${alertText(alert, 'did')} ${alertText(alert, 'todo')}</p></div>
    <${Tag} kind=${alert.level === 'notice' ? '' : 'al'} icon=${isLock ? 'lock' : 'warn'}>${t(isLock ? 'alerts.locked' : alert.acknowledged ? 'alerts.seen' : 'alerts.isOpen')}<//>
    <div class="act">${alert.acknowledged && !isLock ? html`<p class="sm mut">${t('alerts.watching')}</p>` : isAsked ? html`<p class="sm" role="status">${t('alerts.asked')}</p>` : html`<${Button} icon=${isLock ? 'lock' : 'check'} why=${whyLocked(alert, lock)} onClick=${acknowledge}>${t(isLock ? 'alerts.unlock' : 'alerts.acknowledge')}<//>`}${problem && html`<p class="sm" role="alert">${problemWords(problem)}</p>`}</div></li>`;
}

export function EndedAlert({ alert }) {
  return html`<li><${Icon} name=${iconOf(alert.code)} /><div><h3>${alertTitle(alert)}</h3><p class="sm mut">${t('alerts.fromTo', { from: when(alert.raised), to: when(alert.cleared), age: span((Date.parse(alert.cleared) - Date.parse(alert.raised)) / 1000) })}${alert.count > 1 ? `, ${t('alerts.times', { n: alert.count })}` : ''}</p></div><${Tag} icon="check">${t('alerts.isEnded')}<//></li>`;
}
