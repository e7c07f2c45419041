/* Reporting: shows similar cases while one writes, then the receipt. Reports go through the outbox, so that one made without signal is delivered once. */
import { cameOf, newKey, refuse, say, tell } from "./ask.js";
import { attachment, fill, small, written } from "./fields.js";
import { untouched } from "./redraw.js";
import { drop, keep, resume } from "./draft.js";
import { picked } from "./offers.js";
import { add, flush, forget, untilSent, waiting } from "./outbox.js";

const form = document.getElementById("report"), receipt = document.getElementById("receipt"), button = form.querySelector("button");
const title = form.querySelector("[data-name=title]"), village = form.querySelector("[data-name=village]");
const alike = document.getElementById("alike");
let key = newKey(), sending, captured, corrects, later;

for (const written of [title, village]) written.addEventListener("input", () => {
  clearTimeout(later);
  later = setTimeout(async () => {
    const answer = await fetch("/report/alike?q=" + encodeURIComponent(title.value.trim()) + "&village=" + encodeURIComponent(village.value)).catch(() => null);
    if (!answer?.ok || answer.redirected) return;
    const cards = await answer.text();
    await untouched();
    alike.innerHTML = cards;
  }, 300);
});
const PATH = "/v1/cases";
resume(PATH, form);
form.addEventListener("input", () => {
  key = newKey();
  keep(PATH, form);
});
form.addEventListener("submit", async event => {
  event.preventDefault();
  if (!picked(form)) return;
  button.disabled = true;
  sending = key;
  if (!navigator.onLine) captured ??= new Date().toISOString();
  const one = written(form), about = title.value.trim(), file = await small(attachment(form));
  if (captured) one.body.occurred_at = captured;
  const photo = file && { label: `${say("照片", "Photo")} · ${about}`, file };
  await add({ key: sending, path: PATH, page: "/report", label: `${say("上报", "Report")} · ${about}`, photo, ...one });
  drop(PATH);
  if (corrects) await forget(corrects);
  corrects = undefined;
  await settle();
  button.disabled = false;
  if ((await waiting()).some(one => one.key === sending)) kept();
  sending = undefined;
});

const settle = () =>
  flush((one, answer) => {
    if (one.key !== sending) return tell(cameOf(one) + coded(answer.body));
    forget(one.key); // it stands in its form still, or on its receipt
    if (answer.status < 300) received(answer.body);
    else refuse(answer, form);
  });
const coded = ({ query_code: code }) => (code ? say("，查询码 ", ", the code is ") + code : "");
untilSent(settle);

/* If the session is over, the report stays in its form. */
addEventListener("outbox-locked", () => {
  if (!sending) return;
  forget(sending);
  refuse({ status: 401 }, form);
});

/* A refused report is put back into the form. */
addEventListener("outbox-correct", event => {
  const one = event.detail;
  if (one.page !== "/report") return;
  event.preventDefault();
  fill(form, { ...one, file: one.photo?.file });
  key = newKey();
  captured = one.body.occurred_at;
  corrects = one.key;
  show(form, receipt);
  title.focus();
});

function received(made) {
  tell();
  document.getElementById("code").textContent = made.query_code;
  document.getElementById("open").href = `/cases/${made.id}`;
  show(receipt, form);
  receipt.focus();
}

function show(one, other) {
  one.hidden = false;
  other.hidden = true;
}

/* Clears the form of a report that waits in the outbox. */
function kept() {
  form.reset();
  alike.replaceChildren();
  key = newKey();
  captured = undefined;
  tell(say("已保存，有信号后送出，届时给出查询码。", "Kept; it is sent when there is a signal, and the code is told then."));
}
