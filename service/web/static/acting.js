/* Acting on a case: shows the form of a verb in a dialog, and puts what was filled in into the outbox. */
import { add, forget, waiting } from "./outbox.js";
import { say } from "./ask.js";
import { attachment, fill, small, sure, written } from "./fields.js";
import { untouched } from "./redraw.js";
import { disclose } from "./disclose.js";
import { drop, keep, resume } from "./draft.js";
import { offer, picked, wrong } from "./offers.js";

const dialog = document.getElementById("act"), place = document.getElementById("act-form");
const LARGEST = 10 * 1024 * 1024;

/* Opens the form of a button's verb, with its draft if there is one; `acted` is called once it is in the outbox. A verb without fields is queued at once, and only once. */
export function act(button, about, acted) {
  if (button.hasAttribute("aria-disabled")) return;
  const template = templateOf(button.dataset.verb), form = drawn(template);
  const one = { path: `/v1/cases/${button.closest("[data-case]").dataset.case}/${template.dataset.form}`, label: `${template.dataset.label} · ${about}` };
  if (place.dataset.path === one.path && place.firstChild) return dialog.showModal();
  if (form.querySelector("[data-name]")) return show(form, one, acted);
  button.setAttribute("aria-disabled", "true");
  waiting().then(kept => kept.some(({ path }) => path === one.path) || add({ ...one, body: {} }).then(acted));
}

/* Opens the form of a refused entry as it was filled in, if this page has that form. */
export function correct(event, acted) {
  const one = event.detail, template = one.path.startsWith("/v1/cases/") && templateOf(one.path.split("/").at(-1));
  if (!template) return;
  event.preventDefault();
  const form = drawn(template);
  drop(one.path);
  fill(form, one);
  show(form, one, acted);
}

const templateOf = verb => document.querySelector(`template[data-form="${verb}"]`);
const drawn = template => template.content.cloneNode(true).querySelector("form");

function show(form, { key, path, label }, acted) {
  const [title, ...about] = label.split(" · ");
  document.getElementById("act-title").textContent = title;
  document.getElementById("act-about").textContent = about.join(" · ");
  form.dataset.about = `case=${path.split("/").at(-2)}`;
  form.addEventListener("input", event => (event.target.setCustomValidity?.(""), proven(form), heard(form)));
  if (!form.querySelector("[data-identity]")) form.addEventListener("input", () => keep(path, form));
  form.addEventListener("submit", async event => {
    event.preventDefault();
    if (form.querySelector("[data-identity]")) return disclose(form, path);
    if (!picked(form) || !sure(form)) return;
    const button = form.querySelector("button.main");
    button.disabled = true;
    const file = await small(attachment(form));
    button.disabled = false;
    if (file?.size > LARGEST) return wrong(form.querySelector("input[type=file]"), say("文件超过 10 MB", "The file is larger than 10 MB"));
    const one = { path, label, file, ...written(form) };
    done(form, path);
    await add(one);
    if (key) await forget(key);
    acted();
  });
  form.querySelector("[data-cancel]").addEventListener("click", () => done(form, path));
  place.dataset.path = path;
  place.replaceChildren(form);
  resume(path, form);
  form.querySelectorAll("input[list]").forEach(input => input.value && offer(input));
  proven(form);
  heard(form);
  dialog.showModal();
}

/* Closes a form that was sent or cancelled. One closed by Escape keeps its draft. */
function done(form, path) {
  drop(path);
  dialog.close();
  form.remove();
}

/* A proof needs its kind; a form that requires a proof needs one. */
function proven(form) {
  const field = form.querySelector("[data-kind=proof]");
  if (!field) return;
  const needed = "needed" in field.dataset, ref = field.querySelector("[name=proof-ref]"), there = attachment(form) || ref.value.trim();
  field.querySelector("[name=proof-kind]").required = needed || !!there;
  ref.setCustomValidity(needed && !there ? say("请拍照、选文件，或写明编号", "Add a photo, a file or a reference") : "");
}

/* If the citizen answered, whether it is solved must be filled in. */
function heard(form) {
  const result = form.querySelector("[data-name=result]");
  if (result) form.querySelector("[data-name=solved]").required = result.value === "answered";
}

/* Marks each case with what waits to be sent for it, and disables the buttons of verbs without a form. */
export async function mark(place) {
  const kept = await waiting();
  await untouched();
  place.querySelectorAll(".to-send").forEach(one => one.remove());
  for (const card of place.matches("[data-case]") ? [place] : place.querySelectorAll("[data-case]"))
    for (const one of kept.filter(one => one.path.startsWith(`/v1/cases/${card.dataset.case}/`))) {
      const verb = one.path.split("/").at(-1);
      if (!Object.keys(one.body).length) card.querySelector(`[data-verb="${verb}"]`)?.setAttribute("aria-disabled", "true");
      const tag = document.createElement("p");
      tag.className = "to-send tag soon";
      tag.textContent = `${say("待发送", "To be sent")} · ${one.label.split(" · ")[0]}`;
      card.append(tag);
    }
}
