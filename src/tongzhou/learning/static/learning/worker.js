// Lets a guide that was opened be read again without a network. The network first: a guide changes.

const CACHE = "tongzhou-guides-1";
const PATIENCE_MS = 5000;
const MOST_PAGES = 60;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

// The page that registered this worker was loaded without it: it is kept on being told.
self.addEventListener("message", (event) => {
  const { url, html } = event.data;
  const headers = { "Content-Type": "text/html; charset=utf-8" };
  const tell = (kept) => event.source?.postMessage({ kept });
  event.waitUntil(keep(url, new Response(html, { headers })).then(() => tell(true), () => tell(false)));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname, searchParams } = new URL(request.url);
  const ours = origin === location.origin && pathname.startsWith("/guides/");
  if (ours && request.mode === "navigate" && request.method === "GET" && !searchParams.has("q")) {
    event.respondWith(answer(request));
  }
});

// One place for both languages of a guide: what was read last.
const keyOf = (url) => new URL(url).origin + new URL(url).pathname;

async function keep(url, response) {
  const cache = await caches.open(CACHE);
  await cache.put(keyOf(url), response);
  const kept = await cache.keys();
  await Promise.all(kept.slice(0, Math.max(0, kept.length - MOST_PAGES)).map((old) => cache.delete(old)));
}

async function answer(request) {
  const kept = await (await caches.open(CACHE)).match(keyOf(request.url));
  try {
    const signal = kept ? AbortSignal.timeout(PATIENCE_MS) : undefined;
    const fresh = await fetch(request, { signal });
    if (fresh.status >= 500 && kept) throw new Error(String(fresh.status));
    if (fresh.ok && !fresh.redirected) await keep(request.url, fresh.clone());
    return fresh;
  } catch (error) {
    if (!kept) throw error;
    return kept;
  }
}
