/* The citizen's own say, by his code. */
import { newKey, post, read, refuse, say, tell } from "./ask.js";

for (const form of document.querySelectorAll("[data-track]")) {
  const key = newKey();
  form.addEventListener("submit", async event => {
    event.preventDefault();
    try {
      const answer = await post(form.dataset.track, read(form), key);
      if (answer.status < 300) location.search = "?said=" + form.dataset.track.split("/").pop();
      else refuse(answer, form);
    } catch {
      tell(say("没有信号，请重试。", "No signal. Please try again."));
    }
  });
}
