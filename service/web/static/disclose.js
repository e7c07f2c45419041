/* Disclosing an identity: asked with a purpose, shown in the same form, kept nowhere. */
import { newKey, post, say, why } from "./ask.js";
import { read, written } from "./fields.js";

const CALLED = {
  name: say("姓名", "Name"), head: say("户主", "Head"), phone: say("电话", "Telephone"), id_number: say("身份证号", "Identity number"),
  address: say("住址", "Address"), note: say("备注", "Note"),
};

export async function disclose(form, path) {
  const place = form.querySelector("[data-identity]"), button = form.querySelector("button.main");
  form.closest("dialog")?.addEventListener("close", () => form.remove(), { once: true });
  button.disabled = true;
  try {
    const answer = await post(path, read(form), newKey());
    place.replaceChildren(answer.status < 300 ? identity(answer.body) : refusal(answer, form));
    place.focus();
  } catch {
    place.replaceChildren(say("没有信号，请重试。", "No signal. Please try again."));
  } finally {
    button.disabled = false;
  }
}

const refusal = (answer, form) => (answer.status === 401 ? say("登录已过期，请重新登录。", "Your session is over; sign in again.") : why(answer, written(form).names));

function identity(body) {
  const rows = Object.entries(CALLED).filter(([name]) => body[name]).map(([name, called]) => [called, name === "phone" ? call(body.phone) : body[name]]);
  for (const one of body.members ?? []) rows.push([one.relation, one.erased ? GONE : [one.name, one.id_number].filter(Boolean).join(" ") || "–"]);
  for (const { version, at, by, ...words } of body.told ?? []) rows.push([at.slice(0, 10), words.erased ? GONE : Object.values(words).join(say("；", "; "))]);
  if (!rows.length) return body.erased ? GONE : say("没有留下身份信息。", "Nothing was told of who it is.");
  const list = document.createElement("dl");
  list.className = "facts";
  for (const row of rows) for (const [n, part] of row.entries()) list.append(element(n ? "dd" : "dt", part));
  return list;
}

const GONE = say("身份信息已删除。", "It was erased.");
const call = number => Object.assign(element("a", number), { href: `tel:${number}` });

function element(name, ...inside) {
  const made = document.createElement(name);
  made.append(...inside);
  return made;
}
