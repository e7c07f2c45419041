/* That a citizen was heard is told once: who comes back to the page sees how it stands by then. */
import "./send.js";

history.replaceState(null, "", location.pathname);
