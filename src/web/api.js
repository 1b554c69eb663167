/*
 * Requests to the daemon. All paths are relative to the page's own, so that a proxy's
 * sub-path needs no word here. An answer that is no success is thrown as a Problem.
 */
import { signal } from './view.js';

const ROOT = 'api/v1/';

/* What the daemon said instead of doing it (RFC 9457). `name` is the last part of its type. */
export class Problem extends Error {
  constructor(status, body, headers) {
    super(body?.detail ?? '');
    this.status = status;
    this.name = String(body?.type ?? '').split('/').pop();
    this.detail = body?.detail ?? '';
    this.pointer = body?.pointer ?? null;
    this.range = body?.range ?? null;
    this.reason = body?.reason ?? null;
    this.retry_s = Number(headers?.get('Retry-After')) || null;
  }
}

async function ask(method, path, { body, headers = {}, signal: abort } = {}) {
  const options = { method, headers: { Accept: 'application/json', ...headers }, signal: abort, cache: 'no-store', credentials: 'same-origin' };
  if (body !== undefined) {
    options.body = JSON.stringify(body);
    options.headers['Content-Type'] = 'application/json';
  }
  let answer;
  try {
    answer = await fetch(ROOT + path, options);
  } catch (failure) {
    if (failure.name === 'AbortError') throw failure;
    throw new Problem(0, { type: 'unreachable' });
  }
  const isJson = /json/.test(answer.headers.get('Content-Type') ?? '');
  const content = isJson ? await answer.json().catch(() => null) : null;
  if (!answer.ok) {
    const problem = new Problem(answer.status, content, answer.headers);
    if (problem.status === 401) askSession();
    throw problem;
  }
  return { status: answer.status, body: content, headers: answer.headers };
}

/* The JSON of a path under api/v1/: get('series?node=b1'). */
export const get = async (path, options) => (await ask('GET', path, options)).body;

/* { status, body, headers }; `etag` becomes If-Match. Each POST has a key, so that none is done twice. */
export const post = (path, body, { key = newKey() } = {}) => ask('POST', path, { body, headers: { 'Idempotency-Key': key } });
export const patch = (path, body, etag) => ask('PATCH', path, { body, headers: etag ? { 'If-Match': etag } : {} });
export const remove = (path) => ask('DELETE', path);
/* With its headers, where an ETag is wanted. */
export const getWhole = (path) => ask('GET', path);

export function newKey() {
  return globalThis.crypto?.randomUUID?.() ?? Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, '0')).join('');
}

/* ---- who we are ---- */

/* GET /session; null until it was answered. */
export const session = signal(null);

export async function askSession() {
  try {
    session.value = await get('session');
  } catch (problem) {
    /* 404: a daemon without access rules, by its Unix socket. Otherwise the stream tells that we are cut off. */
    if (problem.status === 404) session.value = { user: null, role: 'control', first_run: false, insecure: false, transport: 'unix', login_needed: false };
  }
}
