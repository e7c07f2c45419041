"""More time for a stay: waiting for the citizen (whole days only), or an extension asked for in time."""

from collections.abc import Iterator
from typing import Annotated

from annotated_types import Ge, Le, MaxLen, MinLen

from domain.case import events as e
from domain.case.clocks import CITIZEN, Clock, ClockKind, ClockState, Moved, running, start, stop, the
from domain.case.custody import on_duty, town_now
from domain.case.gate import CaseCommand
from domain.case.pausing import HANDLING, paused, reckoned, resumed, with_its_tasks
from domain.case.state import Case
from domain.case.terms import HELD, WORKABLE, Grade, Kind, Note, Status, Words
from domain.decider import Act, command
from domain.org import Duty, Tier
from domain.refusals import Invalid, LimitReached, NotPermitted, TooLate, WrongStatus

Days = Annotated[int, Ge(1), Le(365)]


@command
class RequestInformation(CaseCommand):
    """Ask the citizen for something only he has. The tier's clock stands still until he answers, or has had his time.

    Never for an urgent matter, and only as often in one stay as the policy says.
    """

    verb = "request-information"
    when = WORKABLE

    items: Annotated[tuple[Words, ...], MinLen(1), MaxLen(50)]
    delivered: Words

    @classmethod
    def sensible(cls, case: Case, act: Act, /) -> None:
        if case.grade is Grade.URGENT:
            raise LimitReached("an urgent matter never waits for papers", "紧急事项不得要求补充材料")
        if case.stays[-1].information_requests >= act.rules.policy.limits.information_requests_per_custody:
            raise LimitReached("the citizen has been asked as often as the policy allows", "补充材料次数已达上限")

    def rule(self, case: Case, act: Act, /) -> Iterator[e.InformationRequested]:
        wait = start(ClockKind.INFORMATION_WAIT, CITIZEN, act.rules.policy.information_wait(case.kind), act)
        yield e.InformationRequested(
            items=self.items, delivered=self.delivered, starts=(wait,), moves=paused(case, act.at, *HANDLING)
        )


@command
class ProvideInformation(CaseCommand):
    """What was asked for is here: the clock runs on from now, as recorded."""

    verb = "provide-information"
    when = frozenset({Status.AWAITING_INFORMATION})

    note: Note | None = None

    def rule(self, case: Case, act: Act, /) -> Iterator[e.InformationProvided]:
        yield e.InformationProvided(
            note=self.note,
            stops=stop(running(case.clocks, ClockKind.INFORMATION_WAIT), act),
            moves=resumed(case, act, *HANDLING),
        )


@command
class RequestExtension(CaseCommand):
    """Ask for more days before the time is over: working days; for a petition natural days, and only once.

    At most the budget again (a petition: 30 days), if the policy says nothing else, and the citizen has been told why.
    Urgent hours are never extended.
    """

    verb = "request-extension"
    when = WORKABLE

    days: Days
    reason: Annotated[str, MinLen(1), MaxLen(2000)]
    petitioner_told: bool = False

    @classmethod
    def sensible(cls, case: Case, act: Act, /) -> None:
        stays = case.stays if case.kind is Kind.PETITION else case.stays[-1:]
        asked = sum(stay.extensions for stay in stays) + (case.extension_asked is not None)
        if asked >= act.rules.policy.limits.extensions_per_entry:
            raise LimitReached("more time has been asked for already", "延期申请次数已达上限")
        extendable(case, act, days=1)

    def rule(self, case: Case, act: Act, /) -> Iterator[e.ExtensionRequested]:
        if not self.petitioner_told:
            raise Invalid("the citizen is told why before more time is asked for", "申请延期前须告知群众理由")
        extendable(case, act, self.days)
        yield e.ExtensionRequested(
            days=self.days, reason=self.reason, petitioner_told=self.petitioner_told, to=one_level_up(case, act)
        )


def one_level_up(case: Case, act: Act) -> str | None:
    """The unit that decides on more time: a village's town, otherwise the mass-work department."""
    if case.kind is Kind.PETITION:
        return None
    return town_now(case, act) if case.tier is Tier.VILLAGE else on_duty(act, case.subjects, Duty.MASS_WORK) or None


def extendable(case: Case, act: Act, days: int) -> Clock:
    """The clock that these days would extend: of a petition that of the law, even beside the hold it had before.

    Raises TooLate once it is over, LimitReached for more days than allowed.
    """
    hold, statutory = the(case.clocks, ClockKind.HOLD), the(case.clocks, ClockKind.STATUTORY)
    clock = (statutory or hold) if case.kind is Kind.PETITION else (hold or statutory)
    if clock is None:
        raise WrongStatus("no clock is running that could be extended", "没有可以延期的时限")
    if clock.due_at is not None and act.at >= clock.due_at:
        raise TooLate("the time is over already", "时限已过，不能延期")
    if days > act.rules.policy.longest_extension(clock.span):
        raise LimitReached("that is longer than an extension may be", "延期天数超过上限")
    return clock


@command
class DecideExtension(CaseCommand):
    """Grant or refuse it, one level up, by somebody else than who asked; at most the days asked for.

    Only a petition is extended by the head of its own unit, as the law says (art. 34), even at his own request.
    """

    verb = "decide-extension"
    when = HELD

    granted: bool
    days: Days | None = None
    reason: Note | None = None

    @classmethod
    def usual_right(cls, case: Case, _act: Act, /) -> str:
        if case.kind is Kind.PETITION:
            return "decide-extension:petition"
        return "decide-extension:district" if case.tier is Tier.DISTRICT else cls.verb

    @classmethod
    def sensible(cls, case: Case, act: Act, /) -> None:
        if case.extension_asked is None:
            raise WrongStatus("nobody has asked for more time", "没有待审批的延期申请")
        if case.extension_asked_by == act.by.id and case.kind is not Kind.PETITION:
            raise NotPermitted("nobody grants his own request", "不得审批本人的申请")

    def rule(self, case: Case, act: Act, /) -> Iterator[e.ExtensionGranted | e.ExtensionRefused]:
        asked = case.extension_asked
        assert asked is not None
        if not self.granted:
            yield e.ExtensionRefused(reason=self.reason)
            return
        days = self.days or asked.days
        if days > asked.days:
            raise Invalid("more days than were asked for", "批准天数不得超过申请天数")
        clock = extendable(case, act, days)
        yield e.ExtensionGranted(
            days=days, reason=self.reason, moves=tuple(with_its_tasks(clock, longer(clock, days, case, act), case))
        )


def longer(clock: Clock, days: int, case: Case, act: Act) -> Moved:
    """It still counts from its first day, so that only the new last day rolls. A paused one gets its date later."""
    span = clock.span.longer(days)
    if clock.state is ClockState.PAUSED:
        return Moved(kind=clock.kind, unit=clock.unit, span=span, paused=True)
    return reckoned(clock, case, act, span=span)
