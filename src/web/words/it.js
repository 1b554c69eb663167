/* Italiano, per schermata, con le stesse chiavi di words/en.js. */
import shell from './it/shell.js';
import now from './it/now.js';
import reasons from './it/reasons.js';
import access from './it/access.js';
import plan from './it/plan.js';
import history from './it/history.js';
import battery from './it/battery.js';
import nodes from './it/nodes.js';
import settings from './it/settings.js';
import alerts from './it/alerts.js';
import demo from './it/demo.js';

export default { ...shell, now, reasons, access, plan, history, battery, nodes, settings, alerts, demo };
