/* How a page speaks with the service: one key for each thing asked, so that asking twice is asking once. */
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

/* What came of something that waited to be sent, in a line. */
export const cameOf = ({ label, refused }) => (refused ? `${label}: ${refused}` : say("已办：", "Done: ") + label);

/* Says at the foot of the page that is opened next what was done on this one. */
export const tellNext = label => sessionStorage.setItem("done", cameOf({ label }));

/* Why the service would not, in words for people: `names` are those of the fields in their form. */
export function why({ status, body }, names) {
  const known = field => names[Object.keys(names).find(name => field === name || field.startsWith(name + "."))] ?? field;
  const said = (body.errors ?? []).reduce((text, { field }) => text.replace(field, known(field)), body.detail ?? String(status));
  return chinese ? said.replace(/[a-z]\w*/g, known) : said; // in Chinese, a word in letters is the name of a field
}

/* Whose session is over signs in beside this page, on which everything stays. */
function over(said) {
  tell(said, Object.assign(document.createElement("a"), { href: "/sign-in", target: "_blank", textContent: say("重新登录", "Sign in again") }));
}

/* Says why not: at the button, and beside each field that is at fault. */
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

/* What was said of a form before it was written anew. */
function excuse(form) {
  form.querySelectorAll(".refusal").forEach(one => one.remove());
  for (const one of form.querySelectorAll("[aria-invalid]")) one.removeAttribute("aria-invalid"), one.removeAttribute("aria-describedby");
}

const named = (form, field) => [...form.querySelectorAll("[data-name]")].find(({ dataset: { name } }) => field === name || field.startsWith(name + "."));

/* What cannot be undone is asked once more. */
export const sure = form => !form.dataset.sure || confirm(form.dataset.sure);

/* What the fields of a form are called. */
function labels(form) {
  const fields = [...form.querySelectorAll("[data-name]")];
  return Object.fromEntries(fields.map(one => [one.dataset.name, (one.closest("label") ?? one).querySelector("span, legend")?.firstChild.textContent.trim()]));
}

/* Asks, and answers {status, body, position}. Throws only where nothing came back, or not all of what was done. */
export async function post(path, command, key) {
  const headers = { "Content-Type": "application/json", "Idempotency-Key": key, "Accept-Language": chinese ? "zh" : "en" };
  const answer = await fetch(path, { method: "POST", headers, body: JSON.stringify(command), signal: AbortSignal.timeout(30000) });
  const body = await answer.json().catch(broken => (answer.ok ? Promise.reject(broken) : {}));
  return { status: answer.status, body, position: answer.headers.get("Sanji-Position") };
}

/* Nothing moves beneath a finger that is down, which would tap something else: whoever draws waits until it is let go of, and what it tapped is done. */
let lifted;
export const untouched = () => lifted;
addEventListener("pointerdown", () => (lifted = new Promise(done => {
  for (const end of ["click", "pointercancel"]) addEventListener(end, () => setTimeout(done), { once: true });
  setTimeout(done, 5000);
})), true);

/* Puts a part of a page in its place again, as it stands at or after a position; the focus, the card one is at and what is open stay. */
export async function redraw(place, address, position, wanted = () => true) {
  const answer = await fetch(address, position ? { headers: { "Sanji-Min-Position": position } } : {});
  if (answer.redirected) return over(say("登录已过期，本页不再更新。", "Your session is over; this page stands still. "));
  const drawn = answer.ok && await answer.text();
  await untouched();
  if (!drawn || !wanted()) return false;
  const at = place.contains(document.activeElement) ? spot(document.activeElement) : null;
  const open = [...place.querySelectorAll("details[open]")].map(spot);
  const current = place.querySelector("[data-case][aria-current]")?.id;
  place.innerHTML = drawn;
  if (current) document.getElementById(current)?.setAttribute("aria-current", "true");
  for (const one of open) found(one)?.setAttribute("open", "");
  if (at) (found(at) ?? place).focus({ preventScroll: true });
  if (document.querySelector("#said [href='/sign-in']")) tell(); // he has signed in again
  return true;
}

/* Where something is: the nearest thing with a name, and which of its kind in there. */
function spot(one) {
  const near = one.closest("[id]");
  return [near.id, one.localName, [...near.querySelectorAll(one.localName)].indexOf(one)];
}

function found([id, name, n]) {
  const near = document.getElementById(id);
  return n < 0 ? near : near?.querySelectorAll(name)[n];
}

/* Sends a file; answers {status, body}. Throws only where nothing came back. */
export async function upload(file) {
  const form = new FormData();
  form.append("file", file, file.name || "photo.jpg");
  const answer = await fetch("/v1/attachments", { method: "POST", body: form, headers: { "Accept-Language": chinese ? "zh" : "en" }, signal: AbortSignal.timeout(120000) });
  return { status: answer.status, body: await answer.json().catch(() => ({})) };
}

/* What was filled in, as the body of a command. */
export function read(form) {
  const body = {};
  for (const input of form.querySelectorAll("[data-name]")) {
    const value = valueOf(input);
    if (value === undefined) continue;
    const path = input.dataset.name.split(".");
    const last = path.pop();
    path.reduce((place, name) => (place[name] ??= {}), body)[last] = value;
  }
  return body;
}

/* All that an entry of the outbox tells of its form: the body, what its fields are called, and how to fill it in once more. */
export const written = form => ({ body: read(form), names: labels(form), filled: inputs(form).map(one => (one.type === "checkbox" ? one.checked : one.value)) });
const inputs = form => [...form.querySelectorAll("input, select, textarea")];

/* Fills a form in once more. */
export function fill(form, { filled, file }) {
  for (const [n, one] of inputs(form).entries())
    if (one.type === "checkbox") one.checked = filled[n];
    else if (one.type !== "file") one.value = filled[n];
    else if (file) one.files = listed(file);
}

function listed(file) {
  const held = new DataTransfer();
  held.items.add(file);
  return held.files;
}

function valueOf(input) {
  const text = (input.value ?? "").trim();
  switch (input.dataset.kind) {
    case "yes": return input.checked;
    case "maybe": return text ? text === "true" : undefined;
    case "number": return text ? Number(text) : undefined;
    case "several": return [...input.querySelectorAll(":checked")].map(one => one.value);
    case "lines": return text.split("\n").map(line => line.trim()).filter(Boolean);
    case "proof": return proof(input);
    case "tasks": return tasks(input);
    case "pick": return chosen(input);
    case "picks": return text ? [chosen(input)] : undefined;
    case "file": return undefined;
    default: return text || undefined;
  }
}

const inside = (field, name) => field.querySelector(`[name=${name}]`);

/* A proof is something that is there: a file, or a reference to one. */
function proof(field) {
  const ref = inside(field, "proof-ref").value.trim(), file = inside(field, "file").files[0];
  if (!ref && !file) return [];
  const one = { kind: inside(field, "proof-kind").value };
  return [ref ? { ...one, ref } : one];
}

function tasks(field) {
  const units = [...field.querySelectorAll("[name=task-unit]")], said = [...field.querySelectorAll("[name=task-task]")];
  return units.map((unit, n) => ({ unit: chosen(unit), task: said[n].value.trim() })).filter(one => one.unit && one.task);
}

/* The id behind a name that was chosen from a list; nothing for a name that is not in it. */
export function chosen(input) {
  const text = input.value.trim();
  return [...input.list.options].find(one => one.value === text)?.dataset.id;
}

const LONGEST = 1600;

/* A photo as small as it can be and still be read, and without what its camera wrote into it: where that was, and which. Any other file as it is. */
export async function small(file) {
  if (!file?.type.startsWith("image/")) return file;
  try {
    const picture = await createImageBitmap(file), scale = Math.min(1, LONGEST / Math.max(picture.width, picture.height));
    if (scale === 1 && file.size < 1e6 && file.type === "image/png") return file; // no camera makes these
    const canvas = Object.assign(document.createElement("canvas"), { width: picture.width * scale, height: picture.height * scale });
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    const drawn = await new Promise(done => canvas.toBlob(done, "image/jpeg", 0.82));
    return new File([drawn], file.name.replace(/\.\w+$/, "") + ".jpg", { type: "image/jpeg" });
  } catch {
    return file;
  }
}

export const attachment = form => form.querySelector("input[type=file]")?.files[0];
