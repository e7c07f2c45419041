/* The pages of households and duties: their forms go through the outbox, so that a visit recorded without signal is delivered once. */
import { cameOf, newKey, refuse, say, tell, tellNext } from "./ask.js";
import { fill, sure, written } from "./fields.js";
import { disclose } from "./disclose.js";
import { drop, keep, resume } from "./draft.js";
import { offer, picked } from "./offers.js";
import { add, flush, forget, untilSent, waiting } from "./outbox.js";

const place = document.querySelector("[data-household]");
const REGISTER = "/v1/households";
const pathOf = form => form.dataset.post ?? [REGISTER, place.dataset.household, form.dataset.verb].filter(Boolean).join("/");

/* Reloads the page after an entry was done; if another form is half written, only says so. */
const settle = () =>
  flush((one, answer) => {
    const form = place.querySelector(`[data-key="${one.key}"]`);
    if (one.refused && form) return forget(one.key), refuse(answer, form); // it stands in its form still
    if (form) putAway(form);
    if (one.refused || place.querySelector("[open] > [data-begun]")) return tell(cameOf(one));
    tellNext(one.label);
    location.replace(shown(one, answer));
    return true;
  });

/* The address that shows what came of an entry. */
function shown({ path }, { body, position }) {
  const page = new URL(path === REGISTER ? `/households/${body.id}` : location.href, location.href);
  page.searchParams.set("seen", position);
  page.hash = "";
  return page;
}

place.addEventListener("input", ({ target }) => {
  delete target.form.dataset.key;
  target.form.dataset.begun = "";
  if (drafted(target.form)) keep(pathOf(target.form), target.form);
  if (target.matches("[data-hardship-kind]")) weighed(target.closest("[data-hardship]"));
});
place.addEventListener("submit", async event => {
  event.preventDefault();
  const form = event.target;
  if (form.querySelector("[data-identity]")) return disclose(form, pathOf(form));
  if (!picked(form) || !sure(form)) return;
  const button = form.querySelector("button.main"), one = written(form), key = (form.dataset.key ??= newKey());
  const needs = [...form.querySelectorAll("[data-need]")].map(need).filter(one => one.title);
  if (needs.length) one.body.needs = needs;
  if (form.dataset.verb === "record-facts") one.body.hardships = hardships(form);
  if (form.dataset.verb === "decide-contest") Object.assign(one.body, verdict(form));
  if (form.dataset.verb === "join-member") one.body.member = `m-${key.slice(0, 8)}`;
  if (form.dataset.verb === "split") one.body.into ??= `h-${key.slice(0, 8)}`;
  if (form.dataset.noted && !navigator.onLine) form.dataset.captured ??= new Date().toISOString();
  if (form.dataset.captured) one.body[form.dataset.noted] = form.dataset.captured;
  button.disabled = true;
  await add({ key, path: pathOf(form), label: form.dataset.label, ...one });
  if (form.dataset.corrects) await forget(form.dataset.corrects);
  await settle();
  button.disabled = false;
  if (!(await waiting()).some(one => one.key === key)) return;
  putAway(form);
  tell(say("已保存，有信号后送出。", "Kept; it is sent when there is a signal."));
});
untilSent(settle);

/* A refused entry is put back into its form. */
addEventListener("outbox-correct", event => {
  const one = event.detail, form = [...place.querySelectorAll("form")].find(form => pathOf(form) === one.path);
  if (!form) return;
  event.preventDefault();
  fill(form, one);
  unfold(form);
  delete form.dataset.key;
  form.dataset.corrects = one.key;
  if (one.body[form.dataset.noted]) form.dataset.captured = one.body[form.dataset.noted];
  form.querySelector("[data-name]").focus();
});

/* Shows a form that was filled in, wherever it stands. */
function unfold(form) {
  form.querySelectorAll("[data-hardship]").forEach(weighed);
  form.querySelectorAll("input[list]").forEach(input => input.value && offer(input));
  for (let at = form; (at = at.parentElement.closest("details")); ) at.open = true;
}

/* Clears and closes a form whose entry is kept or done; a form of lasting facts keeps its values. */
function putAway(form) {
  if (!("lasts" in form.dataset)) form.reset();
  for (const one of ["key", "corrects", "captured", "begun"]) delete form.dataset[one];
  drop(pathOf(form));
  form.closest("details").open = false;
}

function need(field) {
  const value = name => field.querySelector(`[data-need-${name}]`).value.trim();
  const one = { title: value("title"), kind: value("kind") };
  return value("answer") ? { ...one, answer: value("answer") } : one;
}

/* A hardship needs its severity. */
const weighed = row => (severity(row).required = !!kind(row).value);
const kind = row => row.querySelector("[data-hardship-kind]"), severity = row => row.querySelector("[data-hardship-severity]");

/* Which forms have drafts: not those that many targets on the page share a path with. */
const drafted = form => !form.dataset.post && !form.querySelector("[data-identity]");
for (const form of place.querySelectorAll("form")) if (drafted(form) && resume(pathOf(form), form)) unfold(form);

function hardships(form) {
  const rows = [...form.querySelectorAll("[data-hardship]")].filter(row => kind(row).value);
  return rows.map(row => ({ kind: kind(row).value, severity: Number(severity(row).value) }));
}

/* The decision on a contest: upheld with the right class, or rejected. */
function verdict(form) {
  const to = form.querySelector("[data-verdict]").value;
  return to === "no" ? { upheld: false } : { upheld: true, to };
}
