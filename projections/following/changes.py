"""What a batch did to cases, and what keeps some of them from being counted for everybody."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from domain.case import Case
from projections.following.follower import Batch, Change


def cases(batch: Batch) -> Iterator[Change]:
    return (change for change in batch.changes if isinstance(change.after, Case))


def guard_of(case: Case) -> str:
    """What keeps a case from being counted for everybody: whom it is about, and whether it is sealed. Mostly nothing."""
    return guard(case.sealed, case.subjects)


def guard(sealed: bool, subjects: Collection[str]) -> str:
    if not subjects and not sealed:
        return ""
    said = ("sealed:" if sealed else "about:") + ",".join(sorted(subjects))
    return said if len(said) <= GUARD else UNCOUNTED


GUARD = 1000
UNCOUNTED = "*"
"""About more officials than a key can name: no count tells of it."""
