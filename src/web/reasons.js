/* What the daemon says by codes, in the words of the language that is set: a reason ({ code, value, limit }), an alert. */
import { clock, exactSpan, has, num, pct, celsius, t, unit } from './words.js';

/* What the numbers of each code are; see src/model/reason.c. */
const UNITS = {
  stale: 'ms', dwell: 'ms', 'lease-short': 'ms', override: 'ms', settling: 'count', budget: 'count', 'relay-clock': 'count', 'relay-given-up': 'count', 'schedule-window': 'time',
  ceiling: 'soc', 'ceiling-latched': 'soc', reserve: 'soc', 'reserve-latched': 'soc', 'charge-below': 'soc', 'charge-until': 'soc', 'discharge-above': 'soc', 'discharge-until': 'soc', between: 'soc',
  'plan-charge': 'soc', 'plan-discharge': 'soc', 'plan-keep': 'soc', 'plan-wait': 'soc', 'plan-sun': 'watts', 'plan-serve': 'watts', 'plan-rest': 'watts', 'plan-expired': 'ms',
  'charge-cold': 'temp', 'charge-cold-latched': 'temp', 'charge-hot': 'temp', 'charge-hot-latched': 'temp', 'discharge-cold': 'temp', 'discharge-cold-latched': 'temp', 'discharge-hot': 'temp', 'discharge-hot-latched': 'temp',
};

/* Beside a limit of whole percents a value needs its decimals only where they would look alike. */
function soc(value, beside) {
  const near = Math.abs(value - beside) < 100 && value !== beside;
  return pct(value / 100, value % 100 !== 0 && near ? 1 : 0);
}

function quantity(kind, value, beside) {
  switch (kind) {
    case 'soc': return soc(value, beside);
    case 'watts': return unit(value, 0, 'W');
    case 'temp': return celsius(value / 1000);
    case 'ms': return exactSpan(value / 1000);
    case 'time': return clock(value * 1000);
    default: return num(value);
  }
}

function words(part, code, value, limit, more, spare) {
  const key = `reasons.${part}.${code}`;
  if (!has(key)) return spare;
  const kind = UNITS[code];
  return t(key, { value: quantity(kind, value, limit), limit: quantity(kind, limit, value), ...more });
}

/* "64 % is between …": what stands after "because". A code that is newer than this page: the daemon's own words. */
export const whyWords = (reason, more = {}) => words('why', reason.code, reason.value, reason.limit, more, reason.words ?? reason.code);

/* "It would stop at 80 %." */
export function flipWords(reason, more = {}) {
  const code = reason.flip_code ?? reason.code;
  return words('flip', code, reason.flip_value ?? reason.value, reason.flip_limit ?? reason.limit, more, reason.flip ?? '');
}

/* What an alert is ('title'), what Amphora did ('did'), what one can do ('todo'); '' for a code that is newer than this page. */
export function alertText(alert, part) {
  const key = `alerts.codes.${alert.code}.${part}`;
  return has(key) ? t(key, { id: alert.subject || t('alerts.amphora') }) : '';
}

export const alertTitle = (alert) => alertText(alert, 'title') || alert.words;
