/* On every page: what waits to be sent and what was refused, whether there is a signal, and a warning before it is lost. */
import { cameOf, say, tell } from "./ask.js";
import { untouched } from "./redraw.js";
import "./keep.js";
import { all, flush, forget, mine, untilSent, waits } from "./outbox.js";

const shown = id => document.getElementById(id);

async function show() {
  const kept = await all();
  await untouched();
  const own = kept.filter(one => mine(one) && waits(one)), others = kept.filter(one => !mine(one) && waits(one));
  shown("outbox").hidden = !own.length;
  shown("outbox").textContent = say(`${own.length} 项待发送`, `${own.length} to be sent`);
  shown("outbox-note").replaceChildren(...note(own, others));
  shown("held").hidden = !own.length && !others.length;
  list("refused", kept.filter(one => mine(one) && one.refused).map(line));
  list("arrived", kept.filter(one => mine(one) && one.code).map(receipt));
}

function list(id, lines) {
  shown(id).hidden = !lines.length;
  shown(id).replaceChildren(...lines);
}

/* The query code of a report made without signal, until the reader has seen it. */
function receipt({ key, label, id, code }) {
  const item = document.createElement("li"), link = document.createElement("a"), shownCode = document.createElement("strong");
  Object.assign(link, { href: `/cases/${id}`, textContent: label });
  shownCode.textContent = code;
  item.append(link, say("：查询码 ", ": the code is "), shownCode, " ", button(say("知道了", "Seen"), () => forget(key)));
  return item;
}

function note(own, others) {
  const parts = [];
  if (own.length && show.locked) {
    const link = document.createElement("a");
    link.href = "/sign-in?next=" + encodeURIComponent(location.pathname + location.search);
    link.textContent = say("登录后发送", "Sign in to send");
    parts.push(link);
  }
  if (others.length) parts.push(say(` ${others.length} 项属于另一账号，待其登录后发送`, ` ${others.length} of somebody else, sent when he signs in`));
  return parts;
}

/* A refused entry with its reason, until the reader has seen or corrected it. */
function line(one) {
  const item = document.createElement("li");
  item.append(`${one.label}: ${one.refused} `, button(say("知道了", "Seen"), () => forget(one.key)));
  if (one.filled) item.append(" ", button(say("改正", "Correct"), () => correct(one)));
  return item;
}

function button(said, pressed) {
  const made = document.createElement("button");
  made.textContent = said;
  made.addEventListener("click", pressed);
  return made;
}

/* Opens the form of a refused entry on this page, or leads to the page that has it. */
function correct(one) {
  const page = one.page ?? "/" + one.path.split("/").slice(2, 4).join("/");
  if (!dispatchEvent(new CustomEvent("outbox-correct", { detail: one, cancelable: true }))) return;
  if (page !== location.pathname) location.assign(page);
  else tell(say("现在已不能再办这一项。", "This can no longer be done."));
}

async function signal() {
  await untouched();
  const kept = document.body.hasAttribute("data-kept");
  shown("offline").hidden = navigator.onLine && !kept;
  shown("cut-off").hidden = navigator.onLine;
  shown("anew").hidden = !navigator.onLine;
}

if (sessionStorage.getItem("done")) tell(sessionStorage.getItem("done"));
sessionStorage.removeItem("done");
addEventListener("outbox", show);
addEventListener("outbox-locked", () => ((show.locked = true), show()));
addEventListener("online", signal);
addEventListener("offline", signal);
addEventListener("DOMContentLoaded", show); // when the scripts of the page itself hear what is to be corrected
signal();

/* Sends the outbox on pages that do not do so themselves. */
if (document.body.dataset.me && !document.querySelector("[data-sends]"))
  untilSent(() => flush(one => tell(cameOf(one))));

shown("sign-out")?.addEventListener("submit", async event => {
  event.preventDefault();
  const n = (await all()).filter(waits).length;
  if (!n || confirm(say(`还有 ${n} 项没有发送，退出后将丢失。仍要退出吗？`, `${n} not sent yet will be lost when you sign out. Sign out?`))) sessionStorage.clear(), event.target.submit();
});
navigator.serviceWorker?.register("/sw.js");
