"""What the attributes of a foreign log mean here: which is the unit, which tier a unit belongs to, what its states are."""

from __future__ import annotations

import hashlib
import re
import tomllib
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo, available_timezones

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from domain.case.imported import ImportCase, Lasting, Line
from domain.case.terms import Grade, Kind
from domain.org import Tier
from service.importing.logs import Attributes, NoLog, Trace

UNFIT = re.compile(r"[^A-Za-z0-9._-]+")


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class CaseMapping(Strict):
    """The attributes of a case. What the case itself does not say is read from its first event."""

    id: str
    title: Annotated[list[str], Field(min_length=1)]
    category: str = ""
    kind: Kind = Kind.REQUEST
    grade: str = ""
    grades: dict[str, Grade] = {}


class EventMapping(Strict):
    """The attributes of an event. Times without an offset are those of `zone`, such as Asia/Shanghai."""

    time: str
    unit: str
    state: str
    zone: str = ""

    @field_validator("zone")
    @classmethod
    def _known(cls, zone: str) -> str:
        if zone and zone not in available_timezones():
            raise ValueError("is not the name of a time zone")
        return zone


class TierMapping(Strict):
    """A unit belongs to the tier with one of whose endings its name ends, or else to `otherwise`."""

    district: list[str] = []
    town: list[str] = []
    otherwise: Tier = Tier.VILLAGE


class LogMapping(Strict):
    """How to read a log. `log` names it, and is a part of the ids of its cases and units."""

    log: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,20}$")]
    case: CaseMapping
    event: EventMapping
    tiers: TierMapping = TierMapping()
    states: dict[Lasting, list[str]]

    @classmethod
    def read(cls, path: Path) -> LogMapping:
        """The mapping in a TOML file. Raises NoLog."""
        try:
            return cls.model_validate(tomllib.loads(path.read_text("utf-8")))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise NoLog(f"{path.name}: {error}") from error
        except ValidationError as error:
            reasons = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
            raise NoLog(f"{path.name}: {reasons}") from error

    @cached_property
    def _states(self) -> dict[str, Lasting]:
        return {word: state for state, words in self.states.items() for word in words}

    def tier_of(self, unit: str) -> Tier:
        for tier, endings in ((Tier.DISTRICT, self.tiers.district), (Tier.TOWN, self.tiers.town)):
            if any(unit.endswith(ending) for ending in endings):
                return tier
        return self.tiers.otherwise

    def unit_id(self, unit: str) -> str:
        """What a unit of the log is called here: its name, as far as an id can say it."""
        return f"{self.log}:{_as_id(unit, 64 - len(self.log) - 1)}"

    def case_id(self, trace: Trace) -> str:
        return f"{self.log}:{_as_id(self.external_id(trace), 64 - len(self.log) - 1)}"

    def external_id(self, trace: Trace) -> str:
        name = trace.attributes.get(self.case.id, "")
        if not name:
            raise NoLog(f"a case has no {self.case.id}")
        return name[:200]

    def command(self, trace: Trace, ends: datetime | None) -> ImportCase:
        """The case as a command. Raises NoLog where an event says too little, or something unknown."""
        first = {**(trace.events[0] if trace.events else {}), **trace.attributes}
        title = " ".join(filter(None, (first.get(name) for name in self.case.title)))
        return ImportCase(
            log=self.log,
            external_id=self.external_id(trace),
            title=title[:200] or self.external_id(trace),
            kind=self.case.kind,
            grade=self.case.grades.get(first.get(self.case.grade, ""), Grade.ORDINARY),
            category=first.get(self.case.category, "")[:200] or None,
            lines=tuple(self._line(event, trace) for event in trace.events),
            ends=ends,
        )

    def instant(self, event: Attributes) -> datetime:
        text = event.get(self.event.time, "")
        try:
            at = datetime.fromisoformat(text)
            if at.tzinfo is None and not self.event.zone:
                raise NoLog(f"{self.event.time} has no offset: {text[:40]!r}; say in the mapping which `zone` it is")
            return (at if at.tzinfo else at.replace(tzinfo=ZoneInfo(self.event.zone))).astimezone(UTC)
        except (ValueError, OverflowError):
            raise NoLog(f"{self.event.time} is no instant: {text[:40]!r}") from None

    def _line(self, event: Attributes, trace: Trace) -> Line:
        unit, state = event.get(self.event.unit, ""), event.get(self.event.state, "")
        if not unit:
            raise NoLog(f"an event of {self.external_id(trace)} has no {self.event.unit}")
        if state not in self._states:
            raise NoLog(f"the mapping does not say what the state {state[:40]!r} means")
        return Line(
            at=self.instant(event),
            unit=self.unit_id(unit),
            tier=self.tier_of(unit),
            state=self._states[state],
            said=state[:200],
        )


def _as_id(name: str, longest: int) -> str:
    """The name itself where it is an id; otherwise what can be kept of it, and a hash of what it was."""
    fit = UNFIT.sub("-", name)
    if fit == name and len(name) <= longest:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"{fit[: longest - 9]}.{digest}"
