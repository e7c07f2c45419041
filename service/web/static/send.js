/* Plain forms: sent once however often they are submitted; then the page shows the result. */
import { newKey, post, refuse, say, tell, tellNext } from "./ask.js";
import { read, sure } from "./fields.js";
import { picked } from "./offers.js";

for (const form of document.querySelectorAll("form[data-post]")) {
  let key = newKey();
  form.addEventListener("input", () => (key = newKey()));
  form.addEventListener("submit", async event => {
    event.preventDefault();
    if (!picked(form) || !sure(form)) return;
    const button = form.querySelector("button");
    button.disabled = true;
    try {
      const answer = await post(form.dataset.post, read(form), key);
      if (answer.status >= 300) return refuse(answer, form);
      if (form.dataset.then) return location.assign(form.dataset.then.replace("{id}", answer.body.id));
      tellNext(button.textContent);
      location.reload();
    } catch {
      tell(say("没有信号，请重试；不会重复办理。", "No signal. Try again; it will not be done twice."));
      button.disabled = false;
    }
  });
}
