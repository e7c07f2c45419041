/* One case: its actions. */
import { act, correct, mark } from "./acting.js";
import { tellNext } from "./ask.js";
import { flush, untilSent } from "./outbox.js";

const place = document.querySelector("[data-case]");
const settle = () =>
  flush(one => {
    if (one.refused) scrollTo(0, 0); // there it says why, above how the case stands by now
    else tellNext(one.label);
    location.reload();
    return true;
  });

place.addEventListener("click", event => {
  const button = event.target.closest("[data-verb]");
  if (button) act(button, document.querySelector("h1").textContent, settle);
});
addEventListener("outbox-correct", event => correct(event, settle));
addEventListener("outbox", () => mark(place));
mark(place);
untilSent(settle);
