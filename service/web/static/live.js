/* Live updates: calls back when the service says that something changed, at most twice a second, and after every gap. A refused stream is opened again. */
export function live(address, name, changed) {
  let stream, due, gap = false;
  const soon = () => (due ??= setTimeout(() => ((due = undefined), changed()), 500));
  const listen = () => {
    stream = new EventSource(address);
    stream.addEventListener(name, soon);
    stream.addEventListener("open", () => gap && soon());
    stream.addEventListener("error", () => {
      gap = true;
      if (stream.readyState === EventSource.CLOSED) setTimeout(() => (soon(), listen()), 15000);
    });
  };
  if (address) listen();
  addEventListener("pagehide", () => stream?.close());
}
