/* Sums of History with how much of them was measured, and its tables as files. */
import { num, pct, t } from './words.js';

/* "97.6 % measured"; nothing where that cannot be told. */
export const measuredWords = (share) => (share === null ? '' : t('history.measured', { share: pct(Math.floor(share * 1000) / 10, share > 0.999 || share < 0.001 ? 0 : 1) }));

/* Energy as one of the facts; where some of it is missing it is a least. isHeard: whether anything was known in that time. */
export const energyFact = (name, wh, share, isHeard) => (wh === null ? { name, needs: t(isHeard ? 'history.needsPower' : 'history.noData') }
  : { name, lead: share !== null && share < 0.999 ? t('history.atLeast') : '', value: num(wh / 1000, wh < 1e5 ? 1 : 0), unit: 'kWh', note: measuredWords(share) });

const cell = (value) => (typeof value === 'string' ? value : value === null || value === undefined ? '' : String(Math.round(value * 1000) / 1000));

export const timeCell = (ms) => new Date(ms).toISOString();

/* heads: the names of columns with commas between; rows: [[cell]]. */
export const fileOf = (name, heads, rows) => ({ name: `amphora-${name}.csv`, text: [heads, ...rows.map((row) => row.map(cell).join(',')), ''].join('\r\n') });
