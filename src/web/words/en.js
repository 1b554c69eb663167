/* English, by screen. `words/it.js` has the same keys. */
import shell from './en/shell.js';
import now from './en/now.js';
import reasons from './en/reasons.js';
import access from './en/access.js';
import plan from './en/plan.js';
import history from './en/history.js';
import battery from './en/battery.js';
import nodes from './en/nodes.js';
import settings from './en/settings.js';
import alerts from './en/alerts.js';
import demo from './en/demo.js';

export default { ...shell, now, reasons, access, plan, history, battery, nodes, settings, alerts, demo };
