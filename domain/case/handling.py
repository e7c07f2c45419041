"""How a unit gets a case and works on it: assign, acknowledge, start, contact, dispute and ruling, transfer."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated

from annotated_types import MaxLen

from domain.case import events as e
from domain.case.clocks import OF_A_STAY, ClockKind, ClockState, running, start, stop, the
from domain.case.custody import handed_over, held_by, kept_secret, on_duty, stay_clocks, tier_of
from domain.case.gate import CaseCommand, post_for
from domain.case.state import Case
from domain.case.terms import HELD, WORKABLE, ContactOutcome, Grade, Note, Status, Words
from domain.decider import Act, command
from domain.ids import Id
from domain.org import Duty, Tier
from domain.refusals import Invalid, LimitReached, NotPermitted, TooLate, WrongStatus

OF_THE_HOLDER = (ClockKind.HOLD, ClockKind.FIRST_RESPONSE, ClockKind.DISPUTE_WINDOW, ClockKind.STATUTORY)
"""Clocks that a new holder takes over. A ruling, a task and a wait for the citizen belong to others."""


@command
class Assign(CaseCommand):
    """Give the case to a unit. From now on the town head answers for it, whoever does the work."""

    verb = "assign"
    when = frozenset({Status.ACCEPTED})

    unit: Id
    override_reason: Words | None = None

    def named(self) -> tuple[str | None, ...]:
        return (self.unit,)

    def rule(self, case: Case, act: Act, /) -> Iterator[e.Assigned]:
        if not self.override_reason and not in_its_area(self.unit, case, act):
            raise Invalid(
                "the village of this case is not in the unit's area: give override_reason",
                "事项所在村不属于该单位辖区，请填写 override_reason",
            )
        yield assigned(self.unit, case, act, override_reason=self.override_reason)


def assigned(unit: str, case: Case, act: Act, *, override_reason: str | None = None) -> e.Assigned:
    intake = stop(running(case.clocks, ClockKind.INTAKE), act)
    dispatcher = post_for(case, act, "assign")
    return e.Assigned(
        **held_by(unit, case, act),
        by_unit=dispatcher.unit if dispatcher else on_duty(act, case.subjects, Duty.MASS_WORK),
        override_reason=override_reason,
        starts=stay_clocks(unit, case, act, disputable=True),
        stops=intake,
        moves=handed_over(case, unit, ClockKind.STATUTORY),
    )


def in_its_area(unit: str, case: Case, act: Act) -> bool:
    if case.village is None or unit == act.org.successor(case.village):
        return True
    tier = tier_of(unit, act)
    return tier is Tier.DISTRICT or (tier is Tier.TOWN and act.org.town_of(unit) == act.org.town_of(case.village))


@command
class Acknowledge(CaseCommand):
    """Sign for it (签收). No clock waits for that."""

    verb = "acknowledge"
    when = frozenset({Status.ASSIGNED})

    def rule(self, _case: Case, _act: Act, /) -> Iterator[e.AssignmentAcknowledged]:
        yield e.AssignmentAcknowledged()


@command
class Start(CaseCommand):
    """Begin to work on it."""

    verb = "start"
    when = frozenset({Status.ASSIGNED})

    def rule(self, _case: Case, _act: Act, /) -> Iterator[e.WorkStarted]:
        yield e.WorkStarted()


@command
class Contact(CaseCommand):
    """Say that the citizen was reached; for a report without a name, that the site was checked.

    The first one of a stay is its first response. A try without an answer is recorded apart and stops nothing.
    """

    verb = "contact"
    when = HELD

    outcome: ContactOutcome
    note: Note | None = None

    def rule(self, case: Case, act: Act, /) -> Iterator[e.CitizenContacted | e.ContactFailed]:
        if self.outcome is ContactOutcome.NO_ANSWER:
            yield e.ContactFailed(note=self.note)
            return
        counts = self.outcome is ContactOutcome.REACHED or nameless(case)
        first = counts and case.stays[-1].first_response_at is None
        yield e.CitizenContacted(
            outcome=self.outcome,
            note=self.note,
            first=first,
            stops=stop(running(case.clocks, ClockKind.FIRST_RESPONSE), act) if first else (),
        )


def nameless(case: Case) -> bool:
    """Whether nobody is known whom one could reach: no petitioner, no household, and no official who found it himself."""
    report = case.report
    nobody = report is not None and report.petitioner is None and report.reporter != report.collector
    return nobody and case.household is None


@command
class Dispute(CaseCommand):
    """Return the assignment as not one's own (退单), once and in time. No clock stops: the time is ours until ruled."""

    verb = "dispute"
    when = WORKABLE

    ground: Words
    evidence: Annotated[tuple[Words, ...], MaxLen(50)]
    suggested_unit: Id | None = None

    def named(self) -> tuple[str | None, ...]:
        return (self.suggested_unit,)

    @classmethod
    def sensible(cls, case: Case, act: Act, /) -> None:
        stay = case.stays[-1]
        if stay.disputes >= act.rules.policy.limits.disputes_per_assignment:
            raise LimitReached("this assignment has been disputed already", "该派单已提出过异议")
        window = the(case.clocks, ClockKind.DISPUTE_WINDOW)
        if window is None or window.due_at is None or act.at >= window.due_at:
            raise TooLate("the time for disputing this assignment is over", "退单期限已过")
        if case.grade is Grade.URGENT and stay.first_response_at is None:
            raise WrongStatus(
                "an urgent matter is acted on first and disputed afterwards", "紧急事项须先处置再提出异议"
            )
        if act.org.same_house(stay.unit, on_duty(act, case.subjects, Duty.MASS_WORK)):
            raise NotPermitted("what falls to the mass-work department stays there", "群众工作部兜底办理，不得退单")

    def rule(self, case: Case, act: Act, /) -> Iterator[e.AssignmentDisputed]:
        suggested = self.suggested_unit
        if suggested and (act.org.unit(suggested) is None or act.org.same_house(suggested, case.stays[-1].unit)):
            raise Invalid("suggested_unit is not another known unit", "suggested_unit 须为其他已登记的单位")
        ruler = on_duty(act, case.subjects, Duty.MASS_WORK)
        last = case.stays[-1].disputes + 1 >= act.rules.policy.limits.disputes_per_assignment
        yield e.AssignmentDisputed(
            ground=self.ground,
            evidence=self.evidence,
            suggested_unit=suggested,
            stops=stop(running(case.clocks, ClockKind.DISPUTE_WINDOW), act) if last else (),
            starts=(start(ClockKind.RULING, ruler, act.rules.policy.ruling(), act),),
        )


@command
class Rule(CaseCommand):
    """Decide the dispute. Upheld: the stay is void, its time charged to the dispatcher, and another unit gets the case."""

    verb = "rule"
    when = frozenset({Status.DISPUTED})

    upheld: bool
    unit: Id | None = None
    reason: Note | None = None

    def named(self) -> tuple[str | None, ...]:
        return (self.unit,)

    @classmethod
    def sensible(cls, case: Case, act: Act, /) -> None:
        if any(act.org.same_house(post.unit, case.stays[-1].unit) for post in act.by.posts):
            raise NotPermitted("nobody rules on a dispute of his own unit", "不得裁定本单位提出的异议")

    def rule(self, case: Case, act: Act, /) -> Iterator[e.Happening]:
        stay = case.stays[-1]
        ruling = stop(running(case.clocks, ClockKind.RULING), act)
        if not self.upheld:
            if self.unit is not None:
                raise Invalid("only an upheld dispute names another unit", "异议成立才可指定其他单位")
            yield e.DisputeRejected(reason=self.reason, stops=ruling)
            return
        if self.unit is None or act.org.same_house(self.unit, stay.unit):
            raise Invalid("an upheld dispute names another unit", "异议成立须指定其他单位")
        others = [clock for clock in running(case.clocks, *OF_A_STAY) if clock.kind is not ClockKind.RULING]
        charged_to = stay.by_unit or (case.stays[-2].unit if len(case.stays) > 1 else stay.unit)
        yield e.DisputeUpheld(
            reason=self.reason, charged_to=charged_to, stops=(*ruling, *stop(others, act, ClockState.VOID))
        )
        voided = replace(case, stays=(*case.stays[:-1], replace(stay, void=True)))
        yield assigned(self.unit, voided, act)


@command
class Transfer(CaseCommand):
    """Pass the case to another unit of the same tier. The tier's clocks go on."""

    verb = "transfer"
    when = WORKABLE

    unit: Id
    reason: Note | None = None

    def named(self) -> tuple[str | None, ...]:
        return (self.unit,)

    @classmethod
    def sensible(cls, case: Case, act: Act, /) -> None:
        if case.stays[-1].transfers >= act.rules.policy.limits.transfers_per_entry:
            raise LimitReached("it has been passed on as often as the policy allows", "转办次数已达上限")

    def rule(self, case: Case, act: Act, /) -> Iterator[e.Transferred]:
        stay = case.stays[-1]
        if self.unit == stay.unit or tier_of(self.unit, act) is not stay.tier:
            raise Invalid("a transfer goes to another unit of the same tier", "只能转给同级的其他单位")
        kept_secret(case, act, self.unit)
        yield e.Transferred(
            unit=self.unit,
            town=act.org.town_of(self.unit),
            accountable=act.org.head_of(self.unit, act.at),
            reason=self.reason,
            moves=handed_over(case, self.unit, *OF_THE_HOLDER),
        )
