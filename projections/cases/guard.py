"""The guard of a case: whom it is about, and whether it is sealed. Counts are kept by it; most cases have an empty one."""

from __future__ import annotations

from collections.abc import Callable, Collection

from domain.case import Case
from domain.case.gate import knows_sealed
from domain.decider import Act

Known = Callable[[str], bool]
"""Whether a reader may know of the cases under a guard, and so a count may tell him of them."""

LONGEST = 1000
UNCOUNTED = "*"
"""The guard of cases about more officials than a key can hold: no count includes them."""


def guard_of(case: Case) -> str:
    return guard(case.sealed, case.subjects)


def guard(sealed: bool, subjects: Collection[str]) -> str:
    if not subjects and not sealed:
        return ""
    key = ("sealed:" if sealed else "about:") + ",".join(sorted(subjects))
    return key if len(key) <= LONGEST else UNCOUNTED


def counts_for(act: Act) -> Known:
    """What counts may tell this actor: not of cases about him or those above him, nor of sealed ones he may not know
    of.
    """
    hidden = act.org.subjects_hidden_from(act.by, act.at)
    knows = any(knows_sealed(act, post) for post in act.by.posts)

    def counted(guard: str) -> bool:
        if not guard:
            return True
        level, _, about = guard.partition(":")
        return guard != UNCOUNTED and (knows or level != "sealed") and hidden.isdisjoint(about.split(","))

    return counted
