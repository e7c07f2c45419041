/* The confirmation of what a citizen said is shown once: on the way back to the page it is gone. */
import "./send.js";

history.replaceState(null, "", location.pathname);
