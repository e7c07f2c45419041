/* One case: its actions. */
import { act, correct, mark } from "./acting.js";
import { say, tell } from "./ask.js";
import { flush } from "./outbox.js";

const place = document.querySelector("[data-case]");
const settle = () =>
  flush((one, answer) => {
    if (answer.status < 300) location.reload();
    else {
      tell(`${one.label}: ${one.refused}`);
      place.querySelectorAll("[aria-disabled]").forEach(button => button.removeAttribute("aria-disabled"));
    }
  });

place.addEventListener("click", event => {
  const button = event.target.closest("[data-verb]");
  if (button) act(button, document.querySelector("h1").textContent, settle);
});
addEventListener("online", settle);
addEventListener("outbox-correct", event => correct(event, settle));
addEventListener("outbox", () => mark(place));
mark(place);
settle();
