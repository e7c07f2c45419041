"""What a batch did to cases, and what keeps some of them from being counted for everybody."""

from __future__ import annotations

from collections.abc import Iterator

from domain.case import Case
from projections.follower import Batch, Change


def cases(batch: Batch) -> Iterator[Change]:
    return (change for change in batch.changes if isinstance(change.after, Case))


def guard_of(case: Case) -> str:
    """What keeps a case from being counted for everybody: whom it is about, and whether it is sealed. Mostly nothing."""
    if not case.subjects and not case.sealed:
        return ""
    guard = ("sealed:" if case.sealed else "about:") + ",".join(sorted(case.subjects))
    return guard if len(guard) <= GUARD else UNCOUNTED


GUARD = 1000
UNCOUNTED = "*"
"""About more officials than a key can name: no count tells of it."""
