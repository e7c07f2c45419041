"""Appeals against a mark: the unit objects, a panel decides; if it is upheld, the mark is taken back."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from annotated_types import Ge, Le, MaxLen, MinLen

from domain.assessment.events import AppealDecided, Appealed, AppealVoted
from domain.assessment.gate import YearCommand, own
from domain.assessment.year import UnitYear
from domain.decider import Act, command
from domain.refusals import ConflictOfInterest, NotFound, TooLate, WrongStatus
from domain.rules.policy import working_days

LARGEST = 2**53
DUTY = frozenset({"duty_required", "duty_verified"})
"""Both figures of one count: who says that he owed less says nothing else than who says that he paid more."""


def same(figure: str, other: str) -> bool:
    """Whether to appeal against a mark of the one is to appeal against the other, too."""
    return figure == other or {figure, other} == DUTY


@command
class Appeal(YearCommand):
    """Say that a mark is not so: the one that the event at this position gave, under this figure and mark of the card."""

    verb = "appeal"

    figure: Annotated[str, MinLen(1), MaxLen(24)]
    mark: Annotated[str, MinLen(1), MaxLen(24)]
    event: Annotated[int, Ge(1), Le(LARGEST)]
    grounds: Annotated[str, MinLen(5), MaxLen(4000)]


@dataclass(frozen=True, kw_only=True)
class Against(YearCommand):
    """An appeal with what it is against: the mark of a case or of the year itself, and since when it stands."""

    verb = "appeal"

    appeal: Appeal
    case: str | None
    given_at: datetime

    def rule(self, year: UnitYear, act: Act, /) -> Iterator[Appealed]:
        asked, scheme = self.appeal, act.rules.policy.assessment
        of_event = [one for one in year.appeals.values() if (one.mark, one.event) == (asked.mark, asked.event)]
        if any(same(one.figure, asked.figure) for one in of_event):
            raise WrongStatus("this mark has been appealed against", "该项计分已提出过申诉")
        if act.at >= act.rules.due(self.given_at, working_days(scheme.appeal_wd)).at:
            raise TooLate(
                f"one appeals within {scheme.appeal_wd} working days", f"申诉须在{scheme.appeal_wd}个工作日内提出"
            )
        due = act.rules.due(act.at, working_days(scheme.appeal_decision_wd))
        yield Appealed(
            appeal=len(year.appeals) + 1,
            figure=asked.figure,
            mark=asked.mark,
            event=asked.event,
            case=self.case,
            grounds=asked.grounds,
            due_at=due.at,
            policy=act.rules.policy_label,
            calendar=due.calendar,
        )


@command
class DecideAppeal(YearCommand):
    """Say what one finds as a member of the panel. It is decided once as many as the policy asks for find the same."""

    verb = "decide-appeal"

    appeal: Annotated[int, Ge(1), Le(LARGEST)]
    upheld: bool
    reason: Annotated[str, MinLen(5), MaxLen(4000)]

    def rule(self, year: UnitYear, act: Act, /) -> Iterator[AppealVoted | AppealDecided]:
        appeal = year.appeals.get(self.appeal)
        if appeal is None:
            raise NotFound("there is no such appeal", "没有这项申诉")
        if act.by.id == appeal.by or any(own(act, post, year.unit) for post in act.by.posts):
            raise ConflictOfInterest("nobody decides on his own unit", "不得对本单位的申诉作出评议")
        if appeal.upheld is not None:
            raise WrongStatus("it has been decided", "该申诉已作出决定")
        if any(vote.by == act.by.id for vote in appeal.votes):
            raise WrongStatus("you have said what you find", "您已作出评议")
        yield AppealVoted(appeal=self.appeal, upheld=self.upheld, reason=self.reason)
        agreeing = (*(vote.by for vote in appeal.votes if vote.upheld is self.upheld), act.by.id)
        if len(agreeing) >= act.rules.policy.assessment.panel_agreeing:
            yield AppealDecided(
                appeal=self.appeal,
                figure=appeal.figure,
                mark=appeal.mark,
                event=appeal.event,
                case=appeal.case,
                upheld=self.upheld,
                panel=agreeing,
            )
