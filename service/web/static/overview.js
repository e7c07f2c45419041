/* The overview's tiles, live. */
import { redraw } from "./ask.js";
import { live } from "./live.js";

const place = document.getElementById("live");
if (!place.hasAttribute("data-still"))
  live("/v1/problem-bank/stream" + location.search, "problem-bank.changed", () => redraw(place, "/overview/tiles" + location.search));
