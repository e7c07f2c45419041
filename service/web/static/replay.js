/* The slider of the replay. Each step has an address of its own. */
import { redraw } from "./redraw.js";

const moment = document.getElementById("moment");
const slide = document.querySelector("#slide input");
let wanted;

async function show(version, remember = true) {
  wanted = version;
  const drawn = await redraw(moment, `${location.pathname}/moment?version=${version}`, null, () => wanted === version);
  if (!drawn) return;
  slide.value = version;
  if (remember) history.replaceState(null, "", `?version=${version}`);
}

slide.addEventListener("input", () => show(slide.value));
document.getElementById("slide").addEventListener("submit", event => event.preventDefault());
moment.addEventListener("click", event => {
  const version = event.target.closest("a[data-version]")?.dataset.version;
  if (!version) return;
  event.preventDefault();
  show(version);
});
