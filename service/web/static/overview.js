/* The overview's tiles, live. */
import { redraw } from "./redraw.js";
import { live } from "./live.js";

const place = document.getElementById("live");
live(place.dataset.stream, "problem-bank.changed", () => redraw(place, "/overview/tiles" + location.search));
