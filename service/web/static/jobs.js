/* Imports: sends a file, and shows how far its job is until it has ended. */
import { chinese, newKey, refuse, tell } from "./ask.js";
import { redraw } from "./redraw.js";

const form = document.getElementById("send"), place = document.getElementById("progress");
const MOMENT = 1000;
let key = newKey();

form?.addEventListener("change", () => (key = newKey()));
form?.addEventListener("submit", async event => {
  event.preventDefault();
  const sent = new FormData();
  sent.append("file", form.file.files[0]);
  const headers = { "Idempotency-Key": key, "Accept-Language": chinese ? "zh" : "en" };
  const answer = await fetch(`/v1/imports?dry_run=${form.dry.checked}`, { method: "POST", headers, body: sent }).catch(() => null);
  const body = await answer?.json().catch(() => ({}));
  if (answer?.ok) location.assign(`/jobs/${body.id}`);
  else if (body) refuse({ status: answer.status, body }, form);
  else tell(chinese ? "没有送到，请再试。" : "It did not arrive; try again.");
});

const going = () => place?.querySelector("[data-state=waiting], [data-state=running]");
const watch = () => going() && setTimeout(async () => (await redraw(place, `/jobs/${place.dataset.job}/progress`).catch(() => {}), watch()), MOMENT);
watch();
