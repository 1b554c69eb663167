export default {
  title: 'Demo house', what: 'Not your battery. Break something and see what Amphora does. Each fault ends when you press it again.',
  faults: { 'sensor-silent': 'Sensor silent', 'relay-stuck': 'Relay stuck', 'relay-lying': 'Relay lying', 'battery-hot': 'Hot battery', cloud: 'Cloud', 'broker-gone': 'Broker gone', 'sensor-frozen': 'Sensor frozen', 'relay-welded': 'Relay welded' },
  does: { 'sensor-silent': 'it stops talking', 'relay-stuck': 'it answers and does not move', 'relay-lying': 'it says what it is told, and does not move', 'battery-hot': 'it heats above its limit', cloud: 'a twentieth of the sun is left', 'broker-gone': 'MQTT is down', 'sensor-frozen': 'it repeats the same values', 'relay-welded': 'it says off, power flows' },
  on: 'on, {age}', off: 'off', askedOn: 'asked on', askedOff: 'asked off', speed: 'House time runs {n} times as fast.', leave: 'Your own battery needs a configuration of its own: see the installation guide.',
};
