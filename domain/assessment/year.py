"""A unit's year: the state of its stream, which holds all that its cases do not tell. The scorecard adds both up."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Self, assert_never

from domain.assessment.events import (
    AppealDecided,
    Appealed,
    AppealVoted,
    CaseExcluded,
    QuarterClosed,
    VetoAdjudicated,
    YearEvent,
)
from domain.decider import Recorded, altered


@dataclass(frozen=True, kw_only=True)
class Vote:
    by: str
    upheld: bool
    reason: str


@dataclass(frozen=True, kw_only=True)
class AppealState:
    """What a unit said against one mark, and what the panel found."""

    number: int
    figure: str
    mark: str
    event: int
    case: str | None
    grounds: str
    by: str
    made_at: datetime
    due_at: datetime
    votes: tuple[Vote, ...] = ()
    decided_at: datetime | None = None
    upheld: bool | None = None


@dataclass(frozen=True, kw_only=True)
class UnitYear:
    """`id` is the unit and the year: `T01:2025`."""

    id: str
    version: int = 0
    closed: frozenset[str] = frozenset()
    appeals: Mapping[int, AppealState] = field(default_factory=dict)
    excluded: frozenset[str] = frozenset()

    @property
    def unit(self) -> str:
        return self.id.rpartition(":")[0]

    @property
    def year(self) -> int:
        return int(self.id.rpartition(":")[2])

    def evolve(self, recorded: Recorded[YearEvent], /) -> Self:
        year = altered(self, version=recorded.version)
        match event := recorded.event:
            case QuarterClosed():
                return altered(year, closed=self.closed | {event.quarter})
            case Appealed():
                return year._with(_made(event, recorded.by, recorded.at))
            case AppealVoted():
                appeal = self.appeals[event.appeal]
                vote = Vote(by=recorded.by, upheld=event.upheld, reason=event.reason)
                return year._with(replace(appeal, votes=(*appeal.votes, vote)))
            case AppealDecided():
                appeal = self.appeals[event.appeal]
                return year._with(replace(appeal, decided_at=recorded.at, upheld=event.upheld))
            case CaseExcluded():
                return altered(year, excluded=self.excluded | {event.case})
            case VetoAdjudicated():
                return year
            case _:
                assert_never(event)

    def _with(self, appeal: AppealState) -> Self:
        return altered(self, appeals={**self.appeals, appeal.number: appeal})


def _made(event: Appealed, by: str, at: datetime) -> AppealState:
    return AppealState(
        number=event.appeal,
        figure=event.figure,
        mark=event.mark,
        event=event.event,
        case=event.case,
        grounds=event.grounds,
        by=by,
        made_at=at,
        due_at=event.due_at,
    )
