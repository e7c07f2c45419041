/* Acting on a case: the form of a verb in a dialog, what was filled in into the outbox. */
import { add } from "./outbox.js";
import { photo, read } from "./ask.js";

const dialog = document.getElementById("act");

/* Opens the form for a verb; `acted` is called when it was filled in. */
export function act(caseId, verb, about, acted) {
  const template = document.querySelector(`template[data-form="${verb}"]`);
  const form = template.content.cloneNode(true).querySelector("form");
  const done = async () => {
    dialog.close();
    await add(`/v1/cases/${caseId}/${verb}`, read(form), `${template.dataset.label} · ${about}`, photo(form));
    acted(caseId);
  };
  if (!form.querySelector("[data-name]")) return done();
  document.getElementById("act-title").textContent = template.dataset.label;
  document.getElementById("act-about").textContent = about;
  form.addEventListener("submit", event => (event.preventDefault(), done()));
  form.querySelector("[data-cancel]").addEventListener("click", () => dialog.close());
  document.getElementById("act-form").replaceChildren(form);
  dialog.showModal();
}

/* The names of units, fetched the first time somebody wants to choose one. */
document.addEventListener("focusin", async event => {
  const names = document.getElementById("units");
  if (event.target.getAttribute?.("list") !== "units" || names.childElementCount) return;
  const answer = await fetch("/units");
  if (answer.ok) names.innerHTML = await answer.text();
});
