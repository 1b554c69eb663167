// A course project's actuator on node-coap: POST /act?mode=1, GET /act answers {"status":n}.
// With `late` it answers apart from its acknowledgement, as node-coap does after 50 ms.
//
//   node relay.js PORT [late]
'use strict'
const coap = require('coap')
const port = Number(process.argv[2])
const delay = process.argv[3] === 'late' ? 200 : 0
let status = 0

coap.createServer((request, response) => {
  const mode = new URLSearchParams(request.url.split('?')[1] || '').get('mode')
  setTimeout(() => {
    if (!request.url.startsWith('/act')) {
      response.code = '4.04'
      response.end()
    } else if (request.method === 'GET') {
      response.setOption('Content-Format', 'application/json')
      response.end(JSON.stringify({ status }))
    } else if (mode === '0' || mode === '1') {
      status = Number(mode)
      response.code = '2.04'
      response.end()
    } else {
      response.code = '4.00'
      response.end()
    }
  }, delay)
}).listen(port, '127.0.0.1', () => console.log('listening'))
