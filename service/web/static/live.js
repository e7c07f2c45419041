/* Live: calls back when the service says that something changed, at most twice a second, and after every gap. */
export function live(address, name, changed) {
  if (!address) return;
  let due;
  const soon = () => (due ??= setTimeout(() => ((due = undefined), changed()), 500));
  const stream = new EventSource(address);
  let gap = false;
  stream.addEventListener(name, soon);
  stream.addEventListener("error", () => (gap = true));
  stream.addEventListener("open", () => gap && soon());
  addEventListener("pagehide", () => stream.close());
}
