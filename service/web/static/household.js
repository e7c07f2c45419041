/* One household: what is filled in goes through the outbox, so a visit written down without signal is delivered once. */
import { labels, newKey, read, say, tell } from "./ask.js";
import { add, flush, forget, waiting } from "./outbox.js";

const place = document.querySelector("[data-household]");
const settle = () =>
  flush((one, answer) => {
    if (answer.status < 300) location.replace(`?seen=${answer.position}`);
    else {
      tell(`${one.label}: ${one.refused}`);
      if (place.querySelector(`[data-key="${one.key}"]`)) forget(one.key); // it stands in its form still
    }
  });

place.addEventListener("input", event => delete event.target.form.dataset.key);
place.addEventListener("submit", async event => {
  event.preventDefault();
  const form = event.target, button = form.querySelector("button.main"), body = read(form), key = (form.dataset.key ??= newKey());
  const needs = [...form.querySelectorAll("[data-need]")].map(need).filter(one => one.title);
  if (needs.length) body.needs = needs;
  if (form.dataset.verb === "record-visit" && !navigator.onLine) body.captured_at = new Date().toISOString();
  button.disabled = true;
  await add({ key, path: `/v1/households/${place.dataset.household}/${form.dataset.verb}`, body, names: labels(form), label: form.dataset.label });
  await settle();
  button.disabled = false;
  if ((await waiting()).some(one => one.key === key)) kept(form);
});
addEventListener("online", settle);
settle();

/* What is kept needs its form no longer, which is for the next. */
function kept(form) {
  form.reset();
  delete form.dataset.key;
  form.closest("details").open = false;
  tell(say("已保存，有信号后送出。", "Kept; it is sent when there is a signal."));
}

function need(field) {
  const value = name => field.querySelector(`[data-need-${name}]`).value.trim();
  const one = { title: value("title"), kind: value("kind") };
  return value("answer") ? { ...one, answer: value("answer") } : one;
}
