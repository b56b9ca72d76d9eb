// Lets the medicine page open again without a network. The network first, so that the limits are
// those of today whenever they can be; the reader of codes is kept once it was used.

const CACHE = "tongzhou-medicine-1";
const PATIENCE_MS = 5000;
const READER = /\/vendor\/zxing_reader[\w.]*\.(js|wasm)$/;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("message", (event) => {
  const tell = (kept) => event.source?.postMessage({ kept });
  event.waitUntil(keep(event.data).then(() => tell(true), () => tell(false)));
});

self.addEventListener("fetch", (event) => {
  const { origin, pathname } = new URL(event.request.url);
  const ours = pathname.startsWith("/check/") || READER.test(pathname);
  if (origin === location.origin && ours && event.request.method === "GET") {
    event.respondWith(answer(event.request));
  }
});

async function keep({ keep, page }) {
  const cache = await caches.open(CACHE);
  const headers = { "Content-Type": "text/html; charset=utf-8" };
  await cache.put(page.url, new Response(page.html, { headers }));
  await Promise.all(keep.map((url) => store(cache, url)));
}

async function store(cache, url) {
  const response = await fetch(url, { cache: "force-cache" });
  if (!response.ok) throw new Error(url);
  await cache.put(url, response);
}

async function answer(request) {
  const cache = await caches.open(CACHE);
  const key = request.url.split(/[?#]/)[0];
  const kept = await cache.match(key);
  const keeps = kept || READER.test(key);
  if (!keeps) return fetch(request);
  try {
    // Without something kept there is nothing to turn to, and the reader is large.
    const signal = kept ? AbortSignal.timeout(PATIENCE_MS) : undefined;
    const fresh = await fetch(request, { signal });
    if (fresh.status >= 500 && kept) throw new Error(String(fresh.status));
    if (fresh.ok && !fresh.redirected) await cache.put(key, fresh.clone());
    return fresh;
  } catch (error) {
    if (!kept) throw error;
    return kept;
  }
}
