/* Caches the offline pages in the reader's menu, with all they need, before the signal is lost. */
const PAGES = ["/queue", "/report"];

async function keep(address) {
  const page = await fetch(address), needs = (await page.clone().text()).matchAll(/"(\/static\/[^"]+)"/g);
  if (!page.ok || page.redirected) return;
  const cache = await caches.open("sanji-2");
  await Promise.all([cache.put(address, page), cache.addAll([...new Set([...needs].map(found => found[1]))])]);
}

navigator.serviceWorker?.ready.then(async () => {
  for (const { pathname } of document.querySelectorAll("body:not([data-kept]) .top nav a"))
    if (PAGES.includes(pathname) && !(await caches.match(pathname))) await keep(pathname);
  document.documentElement.dataset.kept = "";
}).catch(() => {});
