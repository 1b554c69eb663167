// A battery and a plug on MQTT.js: QoS 1, a retained will, a plug with a timer of its own, and
// values each second, each another by a hundredth, with a line for what the broker acknowledged.
// `test/soc` sets the state of charge.
//
//   node device.js PORT
'use strict'
const mqtt = require('mqtt')
const client = mqtt.connect(`mqtt://127.0.0.1:${process.argv[2]}`, {
  clientId: 'shed', reconnectPeriod: 500,
  will: { topic: 'shed/status', payload: 'offline', qos: 1, retain: true }
})
let soc = 20
let count = 0
let isOn = false
let timer

function tell () {
  client.publish('shed/plug', JSON.stringify({ on: isOn ? 1 : 0 }), { qos: 1 })
}

function switchTo (on, seconds) {
  clearTimeout(timer)
  isOn = on
  if (on && seconds) timer = setTimeout(() => switchTo(false), seconds * 1000)
  tell()
}

client.on('connect', () => {
  client.subscribe(['shed/plug/set', 'shed/plug/get', 'test/soc'], { qos: 1 })
  client.publish('shed/status', 'online', { qos: 1, retain: true })
  console.log('connected')
})
client.on('error', () => {}) // it tries again by itself
client.on('message', (topic, payload) => {
  if (topic === 'test/soc') {
    soc = Number(payload)
  } else if (topic === 'shed/plug/get') {
    tell()
  } else {
    const asked = JSON.parse(payload)
    switchTo(asked.on === 1, asked.for)
  }
})
setInterval(() => {
  if (!client.connected) return
  const now = (soc + count++ % 100 / 100).toFixed(2)
  client.publish('shed/bat', `{"bms":{"soc":${now},"t":20}}`, { qos: 1 }, (error) => {
    if (!error) console.log('acknowledged', now)
  })
}, 1000)
