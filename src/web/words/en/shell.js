/* What every screen has. */
export default {
  tabs: { now: 'Now', plan: 'Plan', history: 'History', battery: 'Battery', nodes: 'Nodes', alerts: 'Alerts', settings: 'Settings', more: 'More', label: 'Main' },
  shell: {
    skip: 'Skip to content', theme: 'Switch light and dark', open: '{n} open',
    live: 'Live, {age}', starting: 'Connecting', silent: 'No word for {age}',
    timer: { none: '{id} has no lease: it stays closed when Amphora is gone.', untold: '{id}: its timer is set and not told back, and no trial has proved it.', true: '{id}: its timer is set and not told back; a trial on {day} proved it.', false: '{id} did not open by itself when it was tried on {day}.' },
    insecure: 'Not encrypted: whoever shares this network can read along and send commands.', insecureMore: 'How to change that',
    demo: 'Demo house', loading: 'Reading this screen from Amphora.', lost: 'This screen is not on this device, and Amphora cannot be reached.', again: 'Try again',
    close: 'Close', menu: 'More', asTable: 'Show as a table', table: 'Table of values',
  },
  age: { ago: '{age} ago', old: '{age} old', never: 'not heard yet', now: 'now' },
  date: {
    weekdays: ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'], months: ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'],
    monthsLong: ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'],
    day: '{weekday} {day} {month}',
  },
  /* Why a control is off. */
  gate: { logIn: 'Log in', cut: 'Not while cut off.', starting: 'Not before Amphora is heard.', login: 'Needs a login.', role: 'You may look, not change: it needs a login that may control.' },
  problem: {
    unreachable: 'Amphora cannot be reached. Nothing was changed.', loginNeeded: 'It needs a login. Nothing was changed.', role: 'Your login may look, not change. Nothing was changed.',
    changed: 'Someone else changed it meanwhile. Look again, then decide.', limits: 'The limits refuse it: {detail}', tries: 'Too many tries. Wait {age}.',
    other: 'Amphora did not do it: {detail}',
  },
  hold: { hold: 'Hold to confirm: {what}', again: 'Press again: {what}' },
};
