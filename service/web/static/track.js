/* The citizen's own say, by his code. */
import { newKey, post, read, say, tell } from "./ask.js";

for (const form of document.querySelectorAll("[data-track]")) {
  const key = newKey();
  form.addEventListener("submit", async event => {
    event.preventDefault();
    try {
      const { status, told } = await post(form.dataset.track, read(form), key);
      if (status < 300) location.search = "?said=" + form.dataset.track.split("/").pop();
      else tell(told.detail ?? String(status));
    } catch {
      tell(say("没有信号，请重试。", "No signal. Please try again."));
    }
  });
}
