/* Choosing by name: fields with a list of names, of which the id is sent. */
import { say } from "./ask.js";
import { chosen } from "./fields.js";

export function wrong(input, said) {
  input.setCustomValidity(said);
  input.reportValidity();
  return false;
}

/* Checks that each name is one of its list, and that one is chosen where several may be. */
export function picked(form) {
  const none = [...form.querySelectorAll("[data-kind=several][data-needed]")].find(one => !one.querySelector(":checked"));
  if (none) return wrong(none.querySelector("input"), say("请至少选择一项", "Choose at least one"));
  const strange = [...form.querySelectorAll("input[list]")].find(one => one.value.trim() && !chosen(one));
  return !strange || wrong(strange, say("请从列表中选择", "Choose one from the list"));
}

/* Names to choose from, fetched when somebody wants to choose one, and again as he writes. */
let later;
export async function offer(input) {
  const list = input.list, { whole, from } = list.dataset;
  const wanted = whole ? from : `${from}?q=${encodeURIComponent(input.value.trim())}&${input.closest("[data-about]")?.dataset.about ?? ""}`;
  if (list.dataset.asked === wanted) return;
  list.dataset.asked = wanted;
  const answer = await fetch(wanted).catch(() => null);
  if (list.dataset.asked !== wanted) return;
  if (answer?.ok && !answer.redirected) list.innerHTML = await answer.text();
  else delete list.dataset.asked;
}
for (const event of ["focusin", "input"])
  document.addEventListener(event, ({ target }) => {
    target.closest?.("[data-kind=several]")?.querySelector("input").setCustomValidity("");
    if (!target.list?.dataset.from) return;
    target.setCustomValidity("");
    clearTimeout(later);
    later = setTimeout(() => offer(target), event === "input" ? 250 : 0);
  });
