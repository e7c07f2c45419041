"""Garbage collection in processes that follow the log: seldom, for their many cached states are no garbage."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


def look_seldom() -> None:
    """Run the garbage collector seldom: at its usual pace, looking through the states takes as long as following the
    log.
    """
    gc.set_threshold(50_000, 20, 100)


@contextmanager
def not_looking() -> Iterator[None]:
    """Turn the garbage collector off while a whole log is read: a batch keeps a million objects, and leaves ten in
    cycles.
    """
    pace = gc.get_threshold()
    gc.set_threshold(0)
    try:
        yield
    finally:
        gc.set_threshold(*pace)
