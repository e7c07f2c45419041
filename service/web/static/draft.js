/* Drafts of forms: they outlive a reload (a telephone may drop the page for its camera or a call), until they are sent or cancelled. */
import { fill, written } from "./fields.js";
import { me } from "./outbox.js";

const place = name => `draft of ${me()}: ${name}`;
export const keep = (name, form) => sessionStorage.setItem(place(name), JSON.stringify(written(form)));
export const drop = name => sessionStorage.removeItem(place(name));

/* Fills a form with its draft. Answers false if there is none, or the form has other fields by now. */
export function resume(name, form) {
  const one = JSON.parse(sessionStorage.getItem(place(name)));
  if (one?.filled.length !== written(form).filled.length) return false;
  fill(form, one);
  return true;
}
