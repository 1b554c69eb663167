/*
 * The page on a stage: its files come from a real daemon, and what the daemon would tell
 * comes from the test, so that every state can be shown, held still, and left waiting.
 * What a test does not say is as the real daemon answered when the stage was built.
 */
import http from 'node:http';

const BEAT_MS = 5000;
const copy = (value) => JSON.parse(JSON.stringify(value));

/* What a real house told while it charged: the start of every stage. */
export async function recordPlay(house) {
  const paths = ['state', 'nodes', 'explain', 'settings', 'alerts', 'overrides', 'events', 'session'];
  const optional = ['plan', 'battery/health?battery=b1', 'battery/health'];
  const play = { origin: house.url, answers: {} };
  for (const path of paths) play.answers[path] = await house.get(path).catch(() => null);
  for (const path of optional) play.answers[path] = await house.get(path).catch(() => null);
  return play;
}

export class Stage {
  static async open(play) {
    const stage = new Stage();
    Object.assign(stage, { play, number: 100, streams: new Set(), requests: [], isBeating: true, isDown: false });
    stage.reset();
    stage.server = http.createServer((request, answer) => stage.take(request, answer));
    await new Promise((resolve) => stage.server.listen(0, '127.0.0.1', resolve));
    stage.url = `http://127.0.0.1:${stage.server.address().port}/`;
    stage.beat = setInterval(() => stage.isBeating && stage.tellBeat(), BEAT_MS);
    return stage;
  }

  /* As the play began. */
  reset() {
    const { answers } = this.play;
    Object.assign(this, {
      state: { ...copy(answers.state), clock_factor: 1, demo: false },
      nodes: copy(answers.nodes?.nodes ?? []),
      explain: copy(answers.explain?.batteries ?? []),
      session: { user: 'anna', role: 'control', first_run: false, insecure: false, transport: 'loopback', login_needed: false },
      etag: '"1"',
      settings: null,
      handlers: new Map(),
    });
    this.calm();
  }

  /* Everything fresh, nothing wrong. */
  calm() {
    const { state } = this;
    state.alerts = [];
    state.overrides = [];
    for (const battery of state.batteries) battery.age_s = 3;
    for (const relay of state.relays) relay.heard_age_s = 2;
    for (const meter of Object.values(state.meters)) if (meter) meter.age_s = 2;
    for (const node of this.nodes) if (node.age_s !== null) node.age_s = 3;
  }

  battery(index = 0) { return this.state.batteries[index]; }

  relay(id = 'r1') { return this.state.relays.find((one) => one.id === id); }

  /* Answers `METHOD path` (under api/v1/) with what `handle(body, request)` gives: { status, body, headers } or 'never'. */
  on(route, handle) { this.handlers.set(route, handle); }

  asked(route) { return this.requests.filter((one) => `${one.method} ${one.path}` === route); }

  async until(route) {
    const end = Date.now() + 8000;
    while (Date.now() < end) {
      const found = this.asked(route);
      if (found.length > 0) return found[found.length - 1];
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
    throw new Error(`nobody asked for ${route}`);
  }

  /* ---- the stream ---- */

  frame(event, data, id) { return `event: ${event}\n${id ? `id: ${id}\n` : ''}data: ${JSON.stringify(data)}\n\n`; }

  tell(event, data, id) {
    for (const stream of this.streams) stream.write(this.frame(event, data, id));
  }

  snapshotData() {
    return { number: this.number, state: this.state, nodes: { nodes: this.nodes }, explain: this.explain, settings_etag: this.etag };
  }

  /* The whole, as it stands on the stage now. */
  show() { this.tell('snapshot', this.snapshotData(), ++this.number); }

  /* One change: { kind, subject, parts }; parts are laid into the stage's state too. */
  change(change) {
    const { batteries = {}, relays = {}, meters = {}, ...rest } = change.parts ?? {};
    const lay = (list, parts, key) => { for (const [name, one] of Object.entries(parts)) Object.assign(list.find((it) => it[key] === name) ?? {}, one); };
    lay(this.state.batteries, batteries, 'id');
    lay(this.state.relays, relays, 'id');
    Object.assign(this.state.meters, meters);
    for (const name of ['overrides', 'alerts', 'broker', 'store']) if (rest[name] !== undefined) this.state[name] = rest[name];
    this.number += 1;
    this.tell('change', { number: this.number, at: new Date().toISOString(), ...change }, this.number);
  }

  tellBeat() {
    const { time, uptime_s, clock_factor, broker, readings } = this.state;
    this.tell('heartbeat', { time, uptime_s, clock_factor, broker, readings });
  }

  /* The connection stands and nothing is said. */
  hush() { this.isBeating = false; }

  /* The connection ends, and none is taken until raise(). */
  fall() {
    this.isDown = true;
    for (const stream of this.streams) stream.destroy();
    this.streams.clear();
  }

  raise() { this.isDown = false; this.isBeating = true; }

  /* ---- requests ---- */

  take(request, answer) {
    let text = '';
    request.on('data', (data) => { text += data; });
    request.on('end', () => {
      if (this.isDown) { request.socket.destroy(); return; }
      const { pathname, search } = new URL(request.url, this.url);
      if (pathname.startsWith('/api/v1/')) this.takeApi(request, answer, pathname.slice(8), search, text);
      else this.pass(request, answer, text);
    });
  }

  takeApi(request, answer, path, search, text) {
    let body = null;
    try { body = text ? JSON.parse(text) : null; } catch { /* no JSON */ }
    this.requests.push({ method: request.method, path, search, body, headers: request.headers });
    const handler = this.handlers.get(`${request.method} ${path}`);
    if (handler) { this.reply(answer, handler(body, request)); return; }
    if (path === 'events' && /event-stream/.test(request.headers.accept ?? '')) { this.openStream(answer); return; }
    const own = this.own(request.method, path);
    if (own) this.reply(answer, own);
    else this.pass(request, answer, text);
  }

  /* One that works, one that fails with a long word, one that is new. */
  outlets() {
    const outlet = (name, kind, last, waiting = 0) => ({ name, kind, minimum: 'warning', last, waiting, lost: 0 });
    const at = this.state.time;
    return [outlet('phone', 'ntfy', { at, ok: true, detail: null, alert: 3 }),
      outlet('anna-at-work', 'email', { at, ok: false, detail: 'RCPT failed: 550', alert: 3 }, 2),
      outlet('hook', 'webhook', null)];
  }

  own(method, path) {
    if (method === 'GET') {
      switch (path) {
        case 'state': return { body: this.state };
        case 'nodes': return { body: { nodes: this.nodes } };
        case 'explain': return { body: { batteries: this.explain } };
        case 'session': return { body: this.session };
        case 'overrides': return { body: { overrides: this.state.overrides } };
        case 'relays': return { body: { relays: this.state.relays } };
        case 'alerts': return { body: { outlets: this.outlets(), alerts: this.state.alerts } };
        case 'settings': return { body: this.settings ?? this.play.answers.settings, headers: { ETag: this.etag } };
        default: return null;
      }
    }
    return { status: 501, body: { type: '/problems/not-on-this-stage', title: 'not on this stage', status: 501, detail: `${method} ${path}` } };
  }

  openStream(answer) {
    answer.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
    this.streams.add(answer);
    answer.on('close', () => this.streams.delete(answer));
    answer.write(this.frame('snapshot', this.snapshotData(), this.number));
  }

  reply(answer, wanted) {
    if (wanted === 'never') return;
    const { status = 200, body, headers = {} } = wanted;
    const type = status >= 400 ? 'application/problem+json' : 'application/json';
    answer.writeHead(status, { 'Content-Type': type, 'Cache-Control': 'no-store', ...headers });
    answer.end(body === undefined ? undefined : JSON.stringify(body));
  }

  /* To the real daemon, for the page's files and for what the stage has no word on. */
  pass(request, answer, text) {
    const target = new URL(request.url, this.play.origin);
    const headers = { ...request.headers, host: target.host };
    delete headers.origin;
    const onward = http.request(target, { method: request.method, headers }, (back) => {
      answer.writeHead(back.statusCode, back.headers);
      back.pipe(answer);
    });
    onward.on('error', () => answer.destroy());
    onward.end(text || undefined);
  }

  async close() {
    clearInterval(this.beat);
    for (const stream of this.streams) stream.destroy();
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
