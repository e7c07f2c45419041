/* The page of a case: its actions. It is reloaded when something was done, but not while a form is open. */
import { act, correct, mark } from "./acting.js";
import { cameOf, tell, tellNext } from "./ask.js";
import { flush, untilSent } from "./outbox.js";

const place = document.querySelector("[data-case]");
const settle = () =>
  flush(one => {
    if (document.querySelector("dialog[open]")) return tell(cameOf(one));
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
