/* A page for where there is no signal is kept once more, with all it has loaded, where its first visit was not the worker's to keep. */
navigator.serviceWorker?.ready.then(async () => {
  if (navigator.serviceWorker.controller && performance.getEntriesByType("navigation")[0]?.workerStart) return;
  const loaded = performance.getEntriesByType("resource").map(one => one.name).filter(name => name.includes("/static/"));
  await (await caches.open("sanji-2")).addAll([location.href, ...new Set(loaded)]);
  document.documentElement.dataset.kept = "";
});
