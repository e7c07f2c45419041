/* The service worker: serves the queue and the report form without signal; in place of other pages it says that there is none. */
const KEPT = "sanji-2", NO_SIGNAL = "/offline", PAGES = ["/queue", "/report"];
const keeps = address => PAGES.includes(address.pathname) || address.pathname.startsWith("/static/");

self.addEventListener("install", event => event.waitUntil(prepared().then(() => self.skipWaiting())));
self.addEventListener("activate", event => event.waitUntil(forgotten().then(() => self.clients.claim())));
self.addEventListener("fetch", event => {
  const address = new URL(event.request.url), page = event.request.mode === "navigate";
  if (page && address.pathname.startsWith("/sign-in")) event.waitUntil(unkept());
  if (event.request.method !== "GET" || address.origin !== location.origin) return;
  if (keeps(address)) event.respondWith(fresh(event.request, page));
  else if (page && !address.pathname.startsWith("/v1/")) event.respondWith(fetch(event.request).catch(noSignal));
});

/* Caches the page that says that there is no signal. */
async function prepared() {
  const cache = await caches.open(KEPT), page = await fetch(NO_SIGNAL);
  const needs = [...(await page.clone().text()).matchAll(/"(\/static\/[^"]+)"/g)].map(found => found[1]);
  await Promise.all([cache.put(NO_SIGNAL, page), cache.addAll([...new Set(needs)])]);
}

async function forgotten() {
  for (const name of await caches.keys()) if (name !== KEPT) await caches.delete(name);
}

/* Deletes the cached pages when somebody signs in: they are of whoever used the telephone before. */
async function unkept() {
  const cache = await caches.open(KEPT);
  for (const one of await cache.keys()) if (PAGES.includes(new URL(one.url).pathname)) await cache.delete(one);
}

/* Answers from the network, and without signal from the cache. The key is the address alone: with its headers, a request would be cached once for each Accept-Language, and the oldest found. */
async function fresh(request, page) {
  const cache = await caches.open(KEPT);
  try {
    const answer = await fetch(request);
    if (answer.ok && !answer.redirected) await cache.put(request.url, answer.clone()).catch(() => {}); // a full telephone shows it, and keeps it not
    return answer;
  } catch (gone) {
    const kept = await cache.match(request.url);
    if (kept) return page ? marked(kept) : kept;
    if (page) return noSignal();
    throw gone;
  }
}

const noSignal = async () => marked(await (await caches.open(KEPT)).match(NO_SIGNAL));

/* Marks a page as coming from the cache. */
async function marked(kept) {
  const headers = new Headers(kept.headers);
  headers.delete("Content-Encoding");
  return new Response((await kept.text()).replace("<body", "<body data-kept"), { status: kept.status, headers });
}
