// Lets a round that was opened once open again without a network. The network first, so that what
// is shown is new whenever it can be.

const CACHE = "tongzhou-rounds-1";
const PATIENCE_MS = 5000;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("message", (event) => {
  const tell = (kept) => event.source?.postMessage({ kept });
  event.waitUntil(keep(event.data).then(() => tell(true), () => tell(false)));
});

self.addEventListener("fetch", (event) => {
  const here = new URL(event.request.url).origin === location.origin;
  if (here && event.request.method === "GET") event.respondWith(answer(event.request));
});

async function keep({ page, scripts }) {
  const cache = await caches.open(CACHE);
  const headers = { "Content-Type": "text/html; charset=utf-8" };
  await cache.put(page.url, new Response(page.html, { headers }));
  await cache.addAll(scripts);
}

async function answer(request) {
  const cache = await caches.open(CACHE);
  const key = request.url.split(/[?#]/)[0];
  const kept = await cache.match(key);
  if (!kept) return fetch(request);
  try {
    const fresh = await fetch(request, { signal: AbortSignal.timeout(PATIENCE_MS) });
    if (fresh.status >= 500) throw new Error(String(fresh.status));
    if (fresh.ok && !fresh.redirected) await cache.put(key, fresh.clone());
    return fresh;
  } catch {
    return kept;
  }
}
