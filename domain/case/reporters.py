"""The reporters of a case: the first, and all whose reports were merged into it. Each keeps his rights."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.case import events as e
from domain.case.terms import Grade, Kind, Satisfaction
from domain.decider import altered


@dataclass(frozen=True, kw_only=True)
class Reporter:
    """Somebody who brought this matter, and whether the result was put to him."""

    id: str
    case: str
    reported_at: datetime
    answered: bool = False
    tried_at: tuple[datetime, ...] = ()
    unreachable: bool = False

    @property
    def waited_for(self) -> bool:
        return not self.answered and not self.unreachable


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What somebody says of the result of a stay, and of what kind and grade the case was by then. His last answer counts."""

    reporter: str
    stay: int
    kind: Kind
    grade: Grade
    solved: bool
    satisfaction: Satisfaction | None

    def better_than(self, earlier: "Answer") -> bool:
        """Whether it is better than an earlier answer: solved now, or not dissatisfied any more."""
        return (self.solved and not earlier.solved) or (
            earlier.satisfaction is Satisfaction.DISSATISFIED
            and self.satisfaction not in (None, Satisfaction.DISSATISFIED)
        )


def answering_again(known: tuple[Answer, ...], answer: Answer) -> tuple[Answer, ...]:
    """The answers with this one added; it replaces an earlier one of the same reporter about the same stay."""
    others = (one for one in known if (one.reporter, one.stay) != (answer.reporter, answer.stay))
    return (*others, answer)


def joined(known: tuple[Reporter, ...], case: str, joins: tuple[e.ReportJoined, ...], reports: int) -> dict[str, Any]:
    """Everybody who brought this matter once, in the order of joining; who has answered or was called stays so."""
    before = {one.id: one for one in known}
    reporters = {one.id: one for one in known if one.case == case}
    for one in (report for join in joins for report in join.reports):
        brought = Reporter(id=one.reporter, case=one.case, reported_at=one.reported_at)
        asked = altered(before.get(one.reporter, brought), case=one.case, reported_at=one.reported_at)
        reporters.setdefault(one.reporter, asked)
    return {"joined": joins, "reporters": tuple(reporters.values()), "reports": reports}
