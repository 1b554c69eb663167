/* One alert: what it is, since when, what Amphora did, what you can do. */
import { html, useState } from '../view.js';
import { post } from '../api.js';
import { house, houseTime } from '../live.js';
import { clock, day, lang, num, span, t, unit } from '../words.js';
import { alertText, alertTitle } from '../reasons.js';
import { Button } from '../parts/Button.js';
import { problemWords } from '../parts/gate.js';
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
  const ms = Date.parse(time), today = dateText(dateOf(houseTime()));
  return `${dateText(dateOf(ms)) === today ? '' : `${day(ms, offset_s(ms))}, `}${clock(ms, offset_s(ms))}`;
}

/* Why a lockout cannot be ended now: the limit that tripped still holds. */
function whyLocked(alert) {
  if (alert.code !== 'locked-out') return null;
  const tripped = (house.value?.state.alerts ?? []).find((one) => one.active && one.code === 'limit-tripped' && one.subject === alert.subject);
  if (!tripped) return null;
  const about = house.value.state.batteries.find((one) => one.id === alert.subject);
  return about?.temp_c > about?.charge_max_c ? t('alerts.notAbove', { at: about.charge_max_c }) : t('alerts.notWhileTripped');
}

export function OpenAlert({ alert, again }) {
  const [problem, setProblem] = useState(null);
  const [isAsked, setAsked] = useState(false);
  const isLock = alert.code === 'locked-out';
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
    <div class="act">${alert.acknowledged && !isLock ? html`<p class="sm mut">${t('alerts.watching')}</p>` : isAsked ? html`<p class="sm" role="status">${t('alerts.asked')}</p>` : html`<${Button} icon=${isLock ? 'lock' : 'check'} why=${whyLocked(alert)} onClick=${acknowledge}>${t(isLock ? 'alerts.unlock' : 'alerts.acknowledge')}<//>`}${problem && html`<p class="sm" role="alert">${problemWords(problem)}</p>`}</div></li>`;
}

export function EndedAlert({ alert }) {
  return html`<li><${Icon} name=${iconOf(alert.code)} /><div><h3>${alertTitle(alert)}</h3><p class="sm mut">${t('alerts.fromTo', { from: when(alert.raised), to: when(alert.cleared), age: span((Date.parse(alert.cleared) - Date.parse(alert.raised)) / 1000) })}${alert.count > 1 ? `, ${t('alerts.times', { n: alert.count })}` : ''}</p></div><${Tag} icon="check">${t('alerts.isEnded')}<//></li>`;
}
