/* Keeps the queue and what it needs, to be shown where there is no signal. Everything else is asked of the service. */
const KEPT = "sanji-1";
const keeps = address => address.pathname === "/queue" || address.pathname.startsWith("/static/");

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", event => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", event => {
  const address = new URL(event.request.url);
  if (event.request.method !== "GET" || address.origin !== location.origin || !keeps(address)) return;
  event.respondWith(fresh(event.request));
});

async function fresh(request) {
  const cache = await caches.open(KEPT);
  try {
    const answer = await fetch(request);
    if (answer.ok && !answer.redirected) await cache.put(request, answer.clone());
    return answer;
  } catch (gone) {
    const kept = await cache.match(request);
    if (kept) return kept;
    throw gone;
  }
}
