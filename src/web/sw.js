/*
 * The service worker: keeps the files of the page, so that it opens without the
 * network, and says then that it is cut off. It never touches the API: what is
 * old must not look live. scripts/embed-web puts the names in.
 */
const CACHE = 'amphora-' + '@version';
const FILES = ['@files'];
const PAGE = './';

self.addEventListener('install', (event) => {
  event.waitUntil((async () => {
    const cache = await caches.open(CACHE);
    await cache.addAll(FILES);
    await cache.add(new Request(PAGE, { cache: 'no-cache' }));
    await self.skipWaiting();
  })());
});

self.addEventListener('activate', (event) => {
  event.waitUntil((async () => {
    for (const name of await caches.keys()) {
      if (name.startsWith('amphora-') && name !== CACHE) await caches.delete(name);
    }
    await self.clients.claim();
  })());
});

/* The name of a file has its hash: what is kept under it is what it is. */
async function file(request) {
  return (await caches.match(request)) ?? fetch(request);
}

/* The page names the files, so the newest one is wanted; the kept one where there is no network. */
async function page(request) {
  try {
    return await fetch(request);
  } catch (failure) {
    const kept = await (await caches.open(CACHE)).match(PAGE);
    if (kept) return kept;
    throw failure;
  }
}

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const path = new URL(request.url).pathname.slice(new URL(self.registration.scope).pathname.length);
  if (request.method !== 'GET') return;
  if (path.startsWith('assets/')) event.respondWith(file(request));
  else if (request.mode === 'navigate' && path === '') event.respondWith(page(request));
});
