/* Redrawing a part of a page while its reader uses it. */
import { over, say, tell } from "./ask.js";

/* Resolves when no finger is down and its tap is done: a redraw before that would move something else beneath it. */
let lifted;
export const untouched = () => lifted;
addEventListener("pointerdown", () => (lifted = new Promise(done => {
  for (const end of ["click", "pointercancel"]) addEventListener(end, () => setTimeout(done), { once: true });
  setTimeout(done, 5000);
})), true);

/* Redraws a part of a page, as of a position or later. The focus, the current card and what is open stay. */
export async function redraw(place, address, position, wanted = () => true) {
  const answer = await fetch(address, position ? { headers: { "Sanji-Min-Position": position } } : {});
  if (answer.redirected) return over(say("登录已过期，本页不再更新。", "Your session is over; this page stands still. "));
  const drawn = answer.ok && await answer.text();
  await untouched();
  if (!drawn || !wanted()) return false;
  const at = place.contains(document.activeElement) ? spot(document.activeElement) : null;
  const open = [...place.querySelectorAll("details[open]")].map(spot);
  const current = place.querySelector("[data-case][aria-current]")?.id;
  place.innerHTML = drawn;
  if (current) document.getElementById(current)?.setAttribute("aria-current", "true");
  for (const one of open) found(one)?.setAttribute("open", "");
  if (at) (found(at) ?? place).focus({ preventScroll: true });
  if (document.querySelector("#said [href='/sign-in']")) tell(); // he has signed in again
  return true;
}

/* Where an element is: its nearest ancestor with an id, and its number among its kind in there. */
function spot(one) {
  const near = one.closest("[id]");
  return [near.id, one.localName, [...near.querySelectorAll(one.localName)].indexOf(one)];
}

function found([id, name, n]) {
  const near = document.getElementById(id);
  return n < 0 ? near : near?.querySelectorAll(name)[n];
}
