"""Withdrawing a matter: the citizen asks, and somebody who did not handle it confirms that he means it."""

from collections.abc import Iterator
from typing import Annotated

from annotated_types import MaxLen

from domain.case import events as e
from domain.case.clocks import ClockKind, ClockState, running, stop
from domain.case.feedback import independent
from domain.case.gate import CaseCommand
from domain.case.stand_in import calling_back, of_the_callers
from domain.case.state import Case
from domain.case.terms import OPEN, Grade, Kind
from domain.decider import Act, command
from domain.refusals import WrongStatus


@command
class Withdraw(CaseCommand):
    """Take it back, before it is resolved. Nothing stops until the follow-up centre has confirmed it."""

    verb = "withdraw"
    when = OPEN

    reason: Annotated[str, MaxLen(2000)] | None = None

    @classmethod
    def sensible(cls, case: Case, act: Act, /) -> None:
        if case.withdrawal_asked:
            raise WrongStatus("the withdrawal waits for being confirmed", "撤回申请正在核实")
        if all(one.id != act.by.id for one in case.reporters):
            independent(case, act)

    def rule(self, case: Case, act: Act, /) -> Iterator[e.WithdrawalRequested]:
        yield e.WithdrawalRequested(reason=self.reason, to=calling_back(case, act) or None)


@command
class ConfirmWithdrawal(CaseCommand):
    """Say whether the citizen was free to withdraw, and wants to.

    Even then the matter stays open as the office's own when the public is in danger, or when others brought it too.
    """

    verb = "confirm-withdrawal"
    when = OPEN

    confirmed: bool

    @classmethod
    def usual_right(cls, case: Case, act: Act, /) -> str:
        return of_the_callers(cls.verb, case, act)

    @classmethod
    def sensible(cls, case: Case, act: Act, /) -> None:
        if not case.withdrawal_asked:
            raise WrongStatus("nobody has asked to withdraw it", "没有待核实的撤回申请")
        independent(case, act)

    def rule(self, case: Case, act: Act, /) -> Iterator[e.Withdrawn | e.WithdrawalNotConfirmed]:
        why = stays_open(case) if self.confirmed else "not_confirmed"
        if why is None:
            yield e.Withdrawn(stops=stop(running(case.clocks, *ClockKind), act, ClockState.LEFT))
        else:
            yield e.WithdrawalNotConfirmed(reason=why)


def stays_open(case: Case) -> str | None:
    """Why a matter goes on although the one who brought it withdraws."""
    if case.kind is Kind.EMERGENCY or case.grade is Grade.URGENT:
        return "public_danger"
    return "others_brought_it_too" if len(case.reporters) > 1 else None
