"""How often a process that follows the log looks for garbage: thousands of states are kept at hand, and are none."""

import gc


def look_seldom() -> None:
    """At the usual pace, looking through the states takes as long as following the log."""
    gc.set_threshold(50_000, 20, 100)
