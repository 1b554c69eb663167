/* First run, login, and what a phone needs. */
export default {
  first: {
    title: 'Nothing to show yet', lede: 'Amphora runs, but knows of no battery. It will switch nothing until you say what is yours.',
    running: 'Amphora and its broker are running', runningMore: 'on port {port}, since {age}', broker: 'Amphora runs, its broker does not answer', brokerMore: 'It is tried again and again: {host}, port {port}.',
    sensor: 'A battery sensor', sensorMore: 'Listening at {topic}. Nothing heard for {age}.', sensorHeard: 'Heard, not acted on: {nodes}.',
    relay: 'A relay', relayMore: 'Optional. Without one Amphora only watches.',
    chemistry: 'Your battery’s chemistry', chemistryMore: 'It sets the limits. You can make them narrower.',
    how: 'Set it up here, or with “amphora setup” in a terminal: both write the same file. Nodes that were heard meanwhile stand in Nodes.', setup: 'Set it up', nodes: 'See what was heard',
  },
  setup: {
    title: 'Set up', lede: 'From the broker to a battery that is watched. Nothing is written before the end, and nothing is switched.', why: 'It cannot be written from here: {why}.',
    broker: 'The broker', host: 'Where it is', port: 'Port', user: 'Our user there, if any', look: 'Connect and look for devices', connecting: 'Connecting.', connected: 'The broker has taken us.',
    noBattery: 'Nobody told a state of charge, among {n} topics. Is the sensor on, and does it use this broker?',
    battery: 'The battery', which: 'Which one', chemistry: 'What it is made of', capacity: 'It holds, in kWh', power: 'It takes or gives at most, in kW', reserve: 'Is to stay in it for an outage, in %',
    limits: 'Charged up to {ceiling} and between {coldest} and {warmest}, discharged down to {reserve} and between {cold} and {warm}. Settings narrow this later.',
    switches: 'Its switches', source: 'Lets the source (panels, grid) charge it', load: 'Lets it feed the house', none: 'none', coap: 'one that speaks CoAP', kind: 'What kind', uri: 'Its address', value: 'The path it is switched by, or its LED',
    kinds: { own: 'amphora-relay, or one like it', 'course-node': 'node of a course project', lwm2m: 'LwM2M or IPSO switch', 'contiki-ng': 'LED of Contiki-NG’s examples' }, word: 'I use it all the same',
    rest: 'The house', zone: 'Time zone', replace: 'Take the place of {file}; the old one stays beside it', monitor: 'Amphora only watches afterwards, until you change its logic in Settings.', preview: 'Show the file', write: 'Write it and start',
    restarts: 'Amphora starts again with it.', runs: 'It runs, and only watches. Try each switch now: Nodes has “Try it”.', written: 'Written: {file}.', kept: 'The one before: {file}.',
  },
  login: {
    title: 'Log in', open: 'You may look without a login. To change anything you need one.', closed: 'From here Amphora shows nothing without a login.', as: 'Logged in as {user}, may {role}.', asCode: 'Logged in by a code, may {role}.', roles: { view: 'look', control: 'control' },
    name: 'Name', password: 'Password', enter: 'Log in', out: 'Log out', go: 'See Now',
    withCode: 'Or with a code', code: 'Code', codeMore: '“amphora open” on the machine that runs Amphora shows one: good once, for ten minutes.', useCode: 'Use the code',
    first: 'Nobody has a login yet', firstMore: 'Make the first one. The code shows that you are at the machine that runs Amphora.', make: 'Make it', passwordMore: 'At least {n} characters.',
    wrong: 'Name and password do not belong together. Nothing was changed.', wrongCode: 'That code is not good, or not any more. “amphora open” makes a new one.', tries: 'Too many tries. The next one counts in {age}.', taken: 'There is that name already.', refused: 'Amphora did not take it: {detail}',
  },
  install: {
    title: 'On your phone', can: 'This page can be installed', canMore: 'Your browser’s menu has “Install” or “Add to home screen”. It opens without the network then, and says that it is cut off.', now: 'Install', done: 'Installed', doneMore: 'You are looking at the installed page.',
    cannot: 'Over plain HTTP this page cannot be installed', cannotMore: 'It works, but your browser keeps nothing for it: it does not open without the network, and who shares the network can read along.',
    local: 'Only this machine counts as safe', localMore: 'At this address your browser trusts the page because it comes from the same machine. Another device needs HTTPS.',
    how: 'How to get HTTPS', own: 'A certificate of your own', ownMore: 'Put it into the configuration as web.certificate and web.key. The phone has to trust whoever signed it.', proxy: 'A proxy that has one', proxyMore: 'nginx or Caddy in front of Amphora, also under a path of its own. Name its address as web.proxy.', vpn: 'A VPN, to look from afar', vpnMore: 'WireGuard or Tailscale bring your phone into the house. Nothing of Amphora is opened to the internet.', docs: 'docs/remote.md has each of them step by step.',
    insecure: 'What “not encrypted” means here', insecureMore: 'web.insecure is set: names, passwords and commands cross the network in the open. Take it out of the configuration once HTTPS works.',
  },
};
