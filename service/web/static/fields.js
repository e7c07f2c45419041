/* The fields of a form: what was filled in, as the body of a command, and filling them in again. */

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

/* What the outbox keeps of a form: the body, the labels of its fields, and how to fill it in again. */
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

/* A photo made small but legible, without the notes of its camera (place and device). Any other file as it is. */
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

/* What the fields of a form are called. */
export function labels(form) {
  const fields = [...form.querySelectorAll("[data-name]")];
  return Object.fromEntries(fields.map(one => [one.dataset.name, (one.closest("label") ?? one).querySelector("span, legend")?.firstChild.textContent.trim()]));
}

/* The field of a form that a fault is about. */
export const named = (form, field) => [...form.querySelectorAll("[data-name]")].find(({ dataset: { name } }) => field === name || field.startsWith(name + "."));

/* Asks for confirmation where something cannot be undone. */
export const sure = form => !form.dataset.sure || confirm(form.dataset.sure);
