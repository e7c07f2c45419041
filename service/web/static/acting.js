/* Acting on a case: the form of a verb in a dialog, what was filled in into the outbox. */
import { add, waiting } from "./outbox.js";
import { attachment, chosen, labels, read, say, small } from "./ask.js";

const dialog = document.getElementById("act");
const LARGEST = 10 * 1024 * 1024;

/* Opens the form for what a button says; `acted` is called when it was filled in. What needs none is done once, until the button is drawn anew. */
export function act(button, about, acted) {
  if (button.hasAttribute("aria-disabled")) return;
  const { verb } = button.dataset, caseId = button.closest("[data-case]").dataset.case;
  const template = document.querySelector(`template[data-form="${verb}"]`);
  const form = template.content.cloneNode(true).querySelector("form");
  const done = async () => {
    form.querySelectorAll("button.main").forEach(one => (one.disabled = true));
    const file = await small(attachment(form));
    form.querySelectorAll("button.main").forEach(one => (one.disabled = false));
    if (file?.size > LARGEST) return wrong(form.querySelector("input[type=file]"), say("文件超过 10 MB", "The file is larger than 10 MB"));
    dialog.close();
    await add({ path: `/v1/cases/${caseId}/${verb}`, body: read(form), names: labels(form), label: `${template.dataset.label} · ${about}`, file });
    acted();
  };
  if (!form.querySelector("[data-name]")) return button.setAttribute("aria-disabled", "true"), done();
  document.getElementById("act-title").textContent = template.dataset.label;
  document.getElementById("act-about").textContent = about;
  form.dataset.case = caseId;
  form.addEventListener("input", event => (event.target.setCustomValidity?.(""), proven(form)));
  form.addEventListener("submit", event => (event.preventDefault(), picked(form) && done()));
  form.querySelector("[data-cancel]").addEventListener("click", () => dialog.close());
  document.getElementById("act-form").replaceChildren(form);
  dialog.showModal();
}

function wrong(input, said) {
  input.setCustomValidity(said);
  input.reportValidity();
  return false;
}

/* A name must be one of the list. */
function picked(form) {
  const strange = [...form.querySelectorAll("input[list]")].find(one => one.value.trim() && !chosen(one));
  return !strange || wrong(strange, say("请从列表中选择", "Choose one from the list"));
}

/* What kind of proof it is must be said where there is one. */
function proven(form) {
  const kind = form.querySelector("[name=proof-kind]");
  if (kind) kind.required = !!(attachment(form) || form.querySelector("[name=proof-ref]").value.trim());
}

/* Names to choose from, fetched when somebody wants to choose one, and again as he writes. */
let later;
async function offer(input) {
  const list = input.list, { whole, from } = list.dataset;
  const wanted = whole ? from : `${from}?q=${encodeURIComponent(input.value.trim())}&case=${input.form.dataset.case ?? ""}`;
  if (list.dataset.asked === wanted) return;
  list.dataset.asked = wanted;
  const answer = await fetch(wanted).catch(() => null);
  if (list.dataset.asked !== wanted) return;
  if (answer?.ok && !answer.redirected) list.innerHTML = await answer.text();
  else delete list.dataset.asked;
}
for (const event of ["focusin", "input"])
  document.addEventListener(event, ({ target }) => {
    if (!target.list?.dataset.from) return;
    clearTimeout(later);
    later = setTimeout(() => offer(target), event === "input" ? 250 : 0);
  });

/* Says at each case what waits to be sent for it; a tap that waits is not tapped again. */
export async function mark(place) {
  const kept = await waiting();
  place.querySelectorAll(".to-send").forEach(one => one.remove());
  for (const card of place.matches("[data-case]") ? [place] : place.querySelectorAll("[data-case]"))
    for (const one of kept.filter(one => one.path.startsWith(`/v1/cases/${card.dataset.case}/`))) {
      const verb = one.path.split("/").at(-1);
      if (!Object.keys(one.body).length) card.querySelector(`[data-verb="${verb}"]`)?.setAttribute("aria-disabled", "true");
      const tag = document.createElement("p");
      tag.className = "to-send tag soon";
      tag.textContent = `${say("待发送", "To be sent")} · ${one.label.split(" · ")[0]}`;
      card.append(tag);
    }
}
