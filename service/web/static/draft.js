/* What is half written outlives a reload, and the camera or a call, for which a telephone may throw the page away; it goes when it is sent or given up. */
import { fill, written } from "./fields.js";
import { me } from "./outbox.js";

const place = name => `draft of ${me()}: ${name}`;
export const keep = (name, form) => sessionStorage.setItem(place(name), JSON.stringify(written(form)));
export const drop = name => sessionStorage.removeItem(place(name));

/* Fills a form in as far as it had been; answers whether it had been begun, and asks for the same things still. */
export function resume(name, form) {
  const one = JSON.parse(sessionStorage.getItem(place(name)));
  if (one?.filled.length !== written(form).filled.length) return false;
  fill(form, one);
  return true;
}
