/* One household: what is filled in goes through the outbox, so a visit written down without signal is delivered once. */
import { read, say, tell } from "./ask.js";
import { add, flush, forget, waiting } from "./outbox.js";

const place = document.querySelector("[data-household]");
const settle = () =>
  flush((one, answer) => {
    if (answer.status < 300) location.replace(`?seen=${answer.position}`);
    else {
      tell(`${one.label}: ${answer.told.detail ?? answer.status}`);
      if (one.path.startsWith("/v1/households/")) forget(one.key); // it stands in its form still
    }
  });

place.addEventListener("submit", async event => {
  event.preventDefault();
  const form = event.target, body = read(form);
  const needs = [...form.querySelectorAll("[data-need]")].map(need).filter(one => one.title);
  if (needs.length) body.needs = needs;
  if (form.dataset.verb === "record-visit" && !navigator.onLine) body.captured_at = new Date().toISOString();
  await add(`/v1/households/${place.dataset.household}/${form.dataset.verb}`, body, form.dataset.label);
  await settle();
  if ((await waiting()).length) tell(say("已保存，有信号后送出。", "Kept; it is sent when there is a signal."));
});
addEventListener("online", settle);
settle();

function need(field) {
  const value = name => field.querySelector(`[data-need-${name}]`).value.trim();
  const one = { title: value("title"), kind: value("kind") };
  return value("answer") ? { ...one, answer: value("answer") } : one;
}
