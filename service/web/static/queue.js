/* The queue page: live cards, actions with one tap, and keyboard shortcuts. */
import { act, correct, mark } from "./acting.js";
import { cameOf, tell } from "./ask.js";
import { redraw } from "./redraw.js";
import { live } from "./live.js";
import { flush, untilSent } from "./outbox.js";

const place = document.getElementById("live");
let last; // the position of what was done here last: how the queue stood before that is not drawn any more

async function refresh() {
  const dialog = document.querySelector("dialog[open]"), position = last;
  if (dialog) return void (dialog.onclose = () => ((dialog.onclose = null), refresh()));
  await redraw(place, "/queue/cards" + location.search, position, () => position === last);
  mark(place);
}

async function deliver() {
  let settled = false;
  await flush((one, answer) => {
    settled = true;
    last = answer.position ?? last;
    tell(cameOf(one));
  });
  if (settled) await refresh();
}

addEventListener("outbox", () => mark(place));
mark(place);
addEventListener("outbox-correct", event => correct(event, deliver));
untilSent(deliver);

place.addEventListener("click", event => {
  const button = event.target.closest("[data-verb]");
  if (button) act(button, button.closest("[data-case]").querySelector("h2").textContent, deliver);
});

live(place.dataset.stream, "queue.changed", refresh);

const cards = () => [...place.querySelectorAll("[data-case]")];
function move(by) {
  const all = cards(), at = all.findIndex(card => card.hasAttribute("aria-current"));
  const to = all[Math.min(Math.max(at + by, 0), all.length - 1)];
  all[at]?.removeAttribute("aria-current");
  to?.setAttribute("aria-current", "true");
  to?.focus();
}

const keys = document.getElementById("keys");
document.getElementById("help").addEventListener("click", () => keys.showModal());
addEventListener("keydown", event => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea, dialog[open]")) return;
  const card = place.querySelector("[aria-current]");
  const doing = {
    j: () => move(1), k: () => move(-1), "?": () => keys.showModal(), "/": () => (location.href = "/cases?search"),
    h: () => card && (location.href = `/cases/${card.dataset.case}/replay`),
  }[event.key.toLowerCase()] ?? ("123".includes(event.key) && card && (() => card.querySelectorAll("[data-verb]")[event.key - 1]?.click()));
  if (!doing) return;
  event.preventDefault();
  doing();
});
