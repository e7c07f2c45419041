"""What is asked for by its id, a case or a household: who sees one, and how it is said that there is none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Protocol, TypeVar

from domain import case, household
from domain.decider import Act
from domain.streams import case_stream, household_stream
from service.audit.access_log import Of


class Versioned(Protocol):
    """What the events of a stream add up to."""

    @property
    def version(self) -> int: ...
    @property
    def updated_at(self) -> datetime | None: ...


S = TypeVar("S", bound=Versioned)


@dataclass(frozen=True, kw_only=True)
class Aggregate(Generic[S]):
    of: Of
    stream: Callable[[str], str]
    sees: Callable[[S, Act], bool]
    missing: tuple[str, str]
    unversioned: tuple[str, str]
    """What is said where it had no such version."""
    prefix: str = ""

    def action(self, verb: str) -> str:
        """What the access log calls it, apart from the same with another kind."""
        return self.prefix + verb


CASE = Aggregate(
    of=Of.CASE,
    stream=case_stream,
    sees=case.sees,
    missing=case.NO_SUCH_CASE,
    unversioned=("the case has no such version", "该事项没有此版本"),
)
HOUSEHOLD = Aggregate(
    of=Of.HOUSEHOLD,
    stream=household_stream,
    sees=household.sees,
    missing=household.NO_SUCH_HOUSEHOLD,
    unversioned=("the household has no such version", "该户没有此版本"),
    prefix="household:",
)
