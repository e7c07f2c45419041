/* The overview's tiles, live. */
import { redraw } from "./ask.js";
import { live } from "./live.js";

const place = document.getElementById("live");
if (place.dataset.stream)
  live(place.dataset.stream, "problem-bank.changed", () => redraw(place, "/overview/tiles" + location.search));
