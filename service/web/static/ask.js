/* How a page speaks with the service and its reader: one key for each thing asked, so that asking twice is asking once. */
import { labels, named } from "./fields.js";

export const chinese = document.documentElement.lang.startsWith("zh");
export const say = (zh, en) => (chinese ? zh : en);
export const newKey = () => crypto.randomUUID?.() ?? [...crypto.getRandomValues(new Uint8Array(16))].map(b => b.toString(16).padStart(2, "0")).join("");

/* Says something at the foot of the page for a while; with a link, until something else is said. */
export function tell(...parts) {
  const said = document.getElementById("said");
  said.replaceChildren(...parts);
  clearTimeout(tell.later);
  if (!said.querySelector("a")) tell.later = setTimeout(() => said.replaceChildren(), 8000);
}

/* One line about what came of an entry of the outbox. */
export const cameOf = ({ label, refused }) => (refused ? `${label}: ${refused}` : say("已办：", "Done: ") + label);

/* Has the next page say what was done on this one. */
export const tellNext = label => sessionStorage.setItem("done", cameOf({ label }));

/* The reasons of a refusal, for people: `names` are the labels of the fields. */
export function why({ status, body }, names) {
  const known = field => names[Object.keys(names).find(name => field === name || field.startsWith(name + "."))] ?? field;
  const said = (body.errors ?? []).reduce((text, { field }) => text.replace(field, known(field)), body.detail ?? String(status));
  return chinese ? said.replace(/[a-z]\w*/g, known) : said; // in Chinese, a word in letters is the name of a field
}

/* Offers to sign in in another tab, so that everything on this page stays. */
export function over(said) {
  tell(said, Object.assign(document.createElement("a"), { href: "/sign-in", target: "_blank", textContent: say("重新登录", "Sign in again") }));
}

/* Shows a refusal at the button, and beside each field that is at fault. */
export function refuse(answer, form) {
  const button = form.querySelector("button.main, button");
  button.disabled = false;
  excuse(form);
  if (answer.status === 401) return over(say("登录已过期，所填内容仍在。", "Your session is over; what you wrote is still here. "));
  const wrong = (answer.body.errors ?? []).map(({ field }) => named(form, field)).filter(Boolean);
  const said = Object.assign(document.createElement("p"), { className: "refusal late", id: newKey(), textContent: why(answer, labels(form)) });
  said.setAttribute("role", "alert");
  (wrong[0]?.closest("label, fieldset") ?? button.closest(".row") ?? button)[wrong[0] ? "after" : "before"](said);
  for (const one of wrong) one.setAttribute("aria-invalid", "true"), one.setAttribute("aria-describedby", said.id);
  (wrong[0]?.querySelector("input") ?? wrong[0] ?? button).focus();
  form.addEventListener("input", () => excuse(form), { once: true });
}

/* Removes an earlier refusal from a form. */
function excuse(form) {
  form.querySelectorAll(".refusal").forEach(one => one.remove());
  for (const one of form.querySelectorAll("[aria-invalid]")) one.removeAttribute("aria-invalid"), one.removeAttribute("aria-describedby");
}

/* Asks, and answers {status, body, position}. Throws only if no answer came, or an incomplete one to something that was done. */
export async function post(path, command, key) {
  const headers = { "Content-Type": "application/json", "Idempotency-Key": key, "Accept-Language": chinese ? "zh" : "en" };
  const answer = await fetch(path, { method: "POST", headers, body: JSON.stringify(command), signal: AbortSignal.timeout(30000) });
  const body = await answer.json().catch(broken => (answer.ok ? Promise.reject(broken) : {}));
  return { status: answer.status, body, position: answer.headers.get("Sanji-Position") };
}

/* Sends a file; answers {status, body}. Throws only if no answer came. */
export async function upload(file) {
  const form = new FormData();
  form.append("file", file, file.name || "photo.jpg");
  const answer = await fetch("/v1/attachments", { method: "POST", body: form, headers: { "Accept-Language": chinese ? "zh" : "en" }, signal: AbortSignal.timeout(120000) });
  return { status: answer.status, body: await answer.json().catch(() => ({})) };
}
