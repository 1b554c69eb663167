/*
 * A house of its own for a test: broker, amphora-house and amphorad on a fast clock, as in
 * ./demo. Everything is private and ends with the test.
 */
import { spawn, execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { until } from './suite.mjs';

const running = new Set();
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));

export function freePort() {
  return new Promise((resolve) => {
    const server = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/* A program with its words kept; end() asks it to end and waits. */
export function start(program, args, options = {}) {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
  let said = '';
  running.add(child);
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => { said = (said + data).slice(-20000); });
  const over = new Promise((resolve) => child.on('close', (code) => { running.delete(child); resolve(code); }));
  return {
    pid: child.pid,
    said: () => said,
    signal: (name) => child.kill(name),
    async end() {
      child.kill('SIGTERM');
      const late = setTimeout(() => child.kill('SIGKILL'), 8000);
      const code = await over;
      clearTimeout(late);
      return code;
    },
  };
}

export function run(program, args, options = {}) {
  return new Promise((resolve) => execFile(program, args, { timeout: 30000, ...options }, (error, out, err) =>
    resolve({ code: error ? (error.code ?? 1) : 0, out, err })));
}

const canConnect = (port) => new Promise((resolve) => {
  const socket = net.connect(port, '127.0.0.1', () => { socket.destroy(); resolve(true); });
  socket.on('error', () => resolve(false));
});

export class House {
  /* Options: speed, batteries, soc_pct, start, web (more of `web:`), settings, isDemo, more (of the file). */
  static async open(build, options = {}) {
    const house = new House();
    house.build = build;
    house.dir = await mkdtemp(path.join(tmpdir(), 'amphora-web-'));
    house.parts = [];
    try {
      await house.begin({ speed: 60, batteries: 1, soc_pct: 35, start: '11:00', isDemo: true, web: {}, settings: {}, more: '', ...options });
    } catch (error) {
      const words = house.parts.map((part) => part.said()).join('\n').slice(-2000);
      await house.close();
      throw new Error(`${error.message}\n${words}`);
    }
    return house;
  }

  path(name) { return path.join(this.dir, name); }

  program(name) { return path.join(this.build, name); }

  start(program, args, options) {
    const part = start(program, args, options);
    this.parts.push(part);
    return part;
  }

  async begin(options) {
    this.options = options;
    this.clock = `${options.speed}@${Date.now()}`;
    await this.startBroker();
    await this.startHouse();
    await this.startDaemon();
    await this.say('start');
  }

  async startBroker() {
    this.mqttPort = await freePort();
    const isRoot = process.getuid() === 0;
    await writeFile(this.path('mosquitto.conf'), `listener ${this.mqttPort} 127.0.0.1\nallow_anonymous true\nset_tcp_nodelay true\n${isRoot ? 'user root\n' : ''}`);
    this.broker = this.start('mosquitto', ['-c', this.path('mosquitto.conf')], { env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` } });
    await until(() => canConnect(this.mqttPort), 'the broker');
  }

  async startHouse() {
    const { batteries, soc_pct, start: morning, interval_s = 10, stale_after_s = 90, seed = 1 } = this.options;
    this.world = this.start(this.program('amphora-house'), ['--broker', `127.0.0.1:${this.mqttPort}`, '--clock', this.clock,
      '--seed', seed, '--batteries', batteries, '--capacity-wh', 5000, '--power-w', 5000 / batteries, '--soc', soc_pct, '--start', morning,
      '--interval', interval_s, '--stale-after', stale_after_s, '--control', this.path('house.sock'), '--ports-file', this.path('ports'),
      '--gate', '--hold'].map(String));
    const text = await until(() => readFile(this.path('ports'), 'utf8').catch(() => ''), "the house's ports");
    this.ports = Object.fromEntries(text.trim().split('\n').map((line) => line.split(' ')));
  }

  config() {
    const { batteries, settings, isDemo, web, more, stale_after_s = 90 } = this.options;
    const range = Array.from({ length: batteries }, (_, i) => i);
    return JSON.stringify({
      collector: 'demo',
      zone: 'Europe/Rome',
      mqtt: { host: '127.0.0.1', port: Number(this.ports.broker), client_id: 'amphora-web', unknown_nodes: 'store' },
      store: { path: this.path('journal.db') },
      api: { socket: this.path('amphora.sock') },
      web: { listen: '127.0.0.1:0', ...web },
      ...(isDemo ? { demo: { house_socket: this.path('house.sock') } } : {}),
      settings: { charge_below_pct: 40, charge_until_pct: 55, discharge_above_pct: 50, discharge_until_pct: 38, dwell_s: 60, stale_after_s, switches_per_day: 1000, ...settings },
      batteries: range.map((i) => ({ id: `b${i + 1}`, chemistry: 'lfp', capacity_kwh: 5, power_kw: 5 / batteries })),
      relays: range.flatMap((i) => ['source', 'load'].map((role, side) => ({ id: `r${2 * i + side + 1}`, battery: `b${i + 1}`, role, uri: `coap://127.0.0.1:${this.ports[`r${2 * i + side + 1}`]}/relay` }))),
      ...more,
    });
  }

  async startDaemon() {
    await writeFile(this.path('amphora.yaml'), this.config());
    this.daemon = this.start(this.program('amphorad'), ['--config', this.path('amphora.yaml'), '--clock', this.clock]);
    await until(async () => (await this.state()).broker.connected, 'the daemon');
    const { web } = await this.state();
    this.url = `http://127.0.0.1:${web.port}/`;
  }

  async restartDaemon() {
    await this.daemon.end();
    this.parts = this.parts.filter((part) => part !== this.daemon);
    await this.startDaemon();
  }

  /* One request over the Unix socket. */
  ask(method, target, body) {
    return new Promise((resolve, reject) => {
      const request = http.request({ socketPath: this.path('amphora.sock'), method, path: `/api/v1/${target}`, headers: { 'Content-Type': 'application/json', Host: 'localhost' } }, (answer) => {
        let text = '';
        answer.on('data', (data) => { text += data; });
        answer.on('end', () => {
          let content = text;
          try { content = JSON.parse(text); } catch { /* no JSON */ }
          resolve({ status: answer.statusCode, body: content });
        });
      });
      request.on('error', reject);
      request.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }

  async get(target) {
    const { status, body } = await this.ask('GET', target);
    if (status !== 200) throw new Error(`${target}: ${status} ${JSON.stringify(body)}`);
    return body;
  }

  state() { return this.get('state'); }

  /* One line to the house's console. */
  say(line) {
    return new Promise((resolve, reject) => {
      let text = '';
      const socket = net.connect(this.path('house.sock'), () => socket.end(`${line}\n`));
      socket.on('data', (data) => { text += data; });
      socket.on('end', () => resolve(text.trim()));
      socket.on('error', reject);
    });
  }

  async truth(index = 0) { return JSON.parse(await this.say('state')).batteries[index]; }

  cli(...args) { return run(this.program('amphora'), ['--socket', this.path('amphora.sock'), ...args]); }

  /* The page's address with a code that logs in. */
  async loginUrl() {
    const { code, out, err } = await this.cli('open', '--json');
    if (code !== 0) throw new Error(`amphora open: ${err}`);
    return JSON.parse(out).url;
  }

  async closed(role, index = 0) {
    const relay = `r${2 * index + (role === 'source' ? 1 : 2)}`;
    await until(async () => {
      const found = (await this.state()).relays.find(({ id }) => id === relay);
      return found.state === true && found.phase === 'confirmed';
    }, `${relay} to be closed`, 40);
  }

  async close() {
    for (const part of this.parts.reverse()) await part.end();
    await rm(this.dir, { recursive: true, force: true });
  }
}
