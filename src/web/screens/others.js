/* All screens but Now, and the demo's drawer: one file for the daemon to serve, which packs better than nine. */
import '../app.js'; /* so that what all screens use is packed with the frame and Now */
export { default as plan } from './plan.js';
export { default as history } from './history.js';
export { default as battery } from './battery.js';
export { default as nodes } from './nodes.js';
export { default as alerts } from './alerts.js';
export { default as settings } from './settings.js';
export { default as login } from './login.js';
export { default as setup } from './setup.js';
export { default as install } from './install.js';
export { default as demo } from './demo.js';
