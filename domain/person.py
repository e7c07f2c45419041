"""A person whose data is sealed. Its only state is whether his key was destroyed."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Self

from annotated_types import MaxLen, MinLen

from domain.decider import Act, Recorded, altered, command, event


@event("person.erased")
class Erased:
    """His key was destroyed. What was sealed under it can be read by nobody any more."""

    reason: str


@dataclass(frozen=True, kw_only=True)
class Person:
    id: str
    version: int = 0
    erased: bool = False

    def evolve(self, recorded: Recorded[Erased], /) -> Self:
        return altered(self, version=recorded.version, erased=True)


@command
class Erase:
    """Write down that somebody is erased (个人信息保护法, art. 47). Once is enough."""

    reason: Annotated[str, MinLen(2), MaxLen(500)]

    def decide(self, person: Person, _act: Act, /) -> Iterator[Erased]:
        if not person.erased:
            yield Erased(reason=self.reason)
