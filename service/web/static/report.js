/* Reporting: what is alike while one writes, the receipt when it is on record. One key for one report, however often it is sent. */
import "./keep.js";
import { newKey, post, read, refuse, say, tell } from "./ask.js";

const form = document.getElementById("report");
const title = form.querySelector("[data-name=title]");
const alike = document.getElementById("alike");
let key = newKey(), later;

const village = form.querySelector("[data-name=village]");
for (const written of [title, village]) written.addEventListener("input", () => {
  clearTimeout(later);
  later = setTimeout(async () => {
    const answer = await fetch("/report/alike?q=" + encodeURIComponent(title.value.trim()) + "&village=" + encodeURIComponent(village.value)).catch(() => null);
    if (answer?.ok && !answer.redirected) alike.innerHTML = await answer.text();
  }, 300);
});
form.addEventListener("input", () => (key = newKey()));
form.addEventListener("submit", async event => {
  event.preventDefault();
  const button = form.querySelector("button");
  button.disabled = true;
  try {
    const answer = await post("/v1/cases", read(form), key), { told } = answer;
    if (answer.status >= 300) return refuse(answer, form);
    tell();
    document.getElementById("code").textContent = told.query_code;
    document.getElementById("open").href = `/cases/${told.id}`;
    const receipt = document.getElementById("receipt");
    form.hidden = true;
    receipt.hidden = false;
    receipt.focus();
  } catch {
    tell(say("没有信号，请重试；不会重复登记。", "No signal. Try again; it will not be recorded twice."));
  } finally {
    button.disabled = false;
  }
});
