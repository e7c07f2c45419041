"""What a batch of steps did to each case: how it stood before the first of them, and how after the last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from domain.case import Case
from projections.follower import Step


@dataclass(frozen=True, slots=True)
class Change:
    position: int
    before: Case
    after: Case


def changes(steps: Sequence[Step]) -> list[Change]:
    first: dict[str, Case] = {}
    last: dict[str, Step] = {}
    for step in steps:
        if isinstance(step.after, Case):
            first.setdefault(step.after.id, step.before)
            last[step.after.id] = step
    return [Change(step.position, first[id], step.after) for id, step in last.items()]


def guard_of(case: Case) -> str:
    """What keeps a case from being counted for everybody: whom it is about, and whether it is sealed. Mostly nothing."""
    if not case.subjects and not case.sealed:
        return ""
    guard = ("sealed:" if case.sealed else "about:") + ",".join(sorted(case.subjects))
    return guard if len(guard) <= GUARD else UNCOUNTED


GUARD = 1000
UNCOUNTED = "*"
"""About more officials than a key can name: no count tells of it."""
