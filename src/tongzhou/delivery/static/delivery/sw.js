// Lets a page that was opened once open again with the server gone. Network first, so that what is
// shown is new whenever it can be.

const CACHE = "tongzhou-opened-1";
const PATIENCE_MS = 5000;
const REMEMBER_AWAY_MS = 30000;

let awaySince = 0;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("message", (event) => {
  const tell = (kept) => event.source?.postMessage({ kept });
  event.waitUntil(keep(event.data).then(() => tell(true), () => tell(false)));
});

self.addEventListener("fetch", (event) => {
  const { method, mode, url } = event.request;
  const { origin, pathname } = new URL(url);
  const ours = mode === "navigate" || /^\/c\/\w+\.js$/.test(pathname);
  if (method === "GET" && origin === location.origin && ours) event.respondWith(answer(event));
});

/** Keep the page as it came, and its scripts out of the browser's own cache: nothing goes twice. */
async function keep({ keep, page }) {
  const cache = await caches.open(CACHE);
  const headers = { "Content-Type": "text/html; charset=utf-8" };
  await cache.put(page.url, new Response(page.html, { headers }));
  await Promise.all(
    keep.map(async (url) => {
      const response = await fetch(url, { cache: "force-cache" });
      if (!response.ok) throw new Error(url);
      await cache.put(url, response);
    }),
  );
}

async function answer(event) {
  const cache = await caches.open(CACHE);
  const key = event.request.url.split(/[?#]/)[0];
  const kept = await cache.match(key);
  if (!kept) return fetch(event.request);
  // One wait is enough: the scripts of a page that came from the cache do not ask again.
  if (event.request.mode !== "navigate" && Date.now() - awaySince < REMEMBER_AWAY_MS) return kept;
  try {
    const fresh = await inTime(fetch(event.request));
    if (fresh.status >= 500) throw new Error(String(fresh.status));
    if (fresh.ok && !fresh.redirected) event.waitUntil(cache.put(key, fresh.clone()));
    awaySince = 0;
    return fresh;
  } catch {
    awaySince = Date.now();
    return kept;
  }
}

function inTime(promise) {
  const late = new Promise((_, reject) => setTimeout(() => reject(new Error("late")), PATIENCE_MS));
  return Promise.race([promise, late]);
}
