/* Live: calls back when the service says that something changed, at most twice a second, and after every gap. */
export function live(address, name, changed) {
  if (!address) return;
  let due;
  const soon = () => (due ??= setTimeout(() => ((due = undefined), changed()), 500));
  const stream = new EventSource(address);
  let opened = false;
  stream.addEventListener(name, soon);
  stream.addEventListener("open", () => (opened ? soon() : (opened = true)));
  addEventListener("pagehide", () => stream.close());
}
