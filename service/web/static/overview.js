/* The overview's tiles, live. */
import { live } from "./live.js";

const place = document.getElementById("live");
if (!place.hasAttribute("data-still"))
  live("/v1/problem-bank/stream" + location.search, "problem-bank.changed", async () => {
    const answer = await fetch("/overview/tiles" + location.search);
    if (answer.ok) place.innerHTML = await answer.text();
  });
