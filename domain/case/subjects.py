"""The officials a case is about: once named, it is hidden from them, their units and every unit below."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, ClassVar

from domain.case import events as e
from domain.case.clocks import OF_A_STAY, Clock, ClockKind, ClockState, Moved, running, stop
from domain.case.custody import again_at, handed_over, held_by, leave, on_duty, stay_clocks, triaging
from domain.case.gate import CaseCommand
from domain.case.pausing import resumed
from domain.case.stand_in import calling_back
from domain.case.state import Case
from domain.case.suspension import reactivated
from domain.case.terms import ANY, Status
from domain.decider import SYSTEM, Act, Entry, command
from domain.ids import Id
from domain.org import Duty
from domain.refusals import ConflictOfInterest, Invalid
from domain.streams import case_stream

WHOSE = {
    ClockKind.REVIEW_DECISION: (Duty.REVIEW, Duty.MASS_WORK),
    ClockKind.FINAL_DECISION: (Duty.FINAL_REVIEW, Duty.MASS_WORK),
    ClockKind.RULING: (Duty.MASS_WORK,),
}


class AboutSomebody(CaseCommand):
    """An official has to do with the matter himself. If his unit has it, it is taken away in the same breath.

    It is said of the case that goes on, and known of every report that was merged into it.
    """

    when = ANY - {Status.MERGED}
    event: ClassVar[type[e.SubjectAdded] | type[e.ConflictDeclared]]

    official: Id

    def also(self, case: Case, /) -> tuple[str, ...]:
        reports = [report.case for one in case.joined for report in one.reports]
        return tuple(map(case_stream, dict.fromkeys((*(one.case for one in case.joined), *reports))))

    def rule(self, case: Case, act: Act, /) -> Iterator[e.Happening]:
        if act.org.official(self.official) is None:
            raise Invalid("official is not a known official", "official 不是已登记的人员")
        if self.official in case.subjects:
            raise Invalid("this has been said already", "该人员已登记为被反映人")
        known = replace(case, subjects=case.subjects | {self.official})
        yield self.event(official=self.official, **passed_on(known, act))
        yield from taken_away(known, act)
        for stream in self.also(case):
            if self.official not in act.others[stream].subjects:
                yield Entry(stream=stream, event=self.event(official=self.official))


@command
class AddSubject(AboutSomebody):
    """Say that the matter is about this official."""

    verb = "add-subject"
    event = e.SubjectAdded

    official: Id


@command
class DeclareConflict(AboutSomebody):
    """Say that this official, perhaps oneself, has an interest in the matter (回避)."""

    verb = "declare-conflict"
    event = e.ConflictDeclared

    official: Id


class TakeAway:
    """Asked by the system when somebody has come to a unit that has a case about him, or something to do in it. Where no
    other may have it, it stays.
    """

    def decide(self, case: Case, act: Act, /) -> Iterator[Entry[e.CaseEvent]]:
        passed = passed_on(case, act)
        units = {one.unit for one in (*passed["stops"], *passed["moves"])}
        units |= {case.withdrawal_to} if passed["withdrawal_to"] else set()
        come = (one for one in sorted(case.subjects) if units & act.org.taint((one,), act.at).units)
        if official := next(come, None):
            yield Entry(by=SYSTEM.id, event=e.ConflictDeclared(official=official, **passed))
        yield from (entry for entry in taken_away(case, act) if not isinstance(entry.event, e.Supervised))


def passed_on(case: Case, act: Act) -> dict[str, Any]:
    """What units have to do that may no longer know of the case: tasks end, the rest passes to others."""
    return {
        "stops": stop(relieved(case, act), act, ClockState.LEFT),
        "moves": tuple(withdrawn(case, act)),
        "withdrawal_to": (calling_back(case, act) or None) if case.withdrawal_asked else None,
    }


def taken_away(case: Case, act: Act) -> Iterator[Entry[e.CaseEvent]]:
    """Take a case from a unit that may not know of it, to the next above that may, with new clocks; supervised where
    there is none.

    Also from the pending list, where that unit put it: nobody else could take it off.
    """
    tasks = relieved(case, act)
    case = replace(case, clocks=tuple(one for one in case.clocks if one not in tasks))
    if not somebody_has(case) or not act.org.unit_tainted(case.stays[-1].unit, case.subjects, act.at):
        return
    try:
        yield Entry(by=SYSTEM.id, event=reassigned(case, act) if case.stay else reactivated(case, act, plan=None))
    except ConflictOfInterest:
        yield Entry(by=SYSTEM.id, event=e.Supervised(reason="no_unit_without_conflict"))


def somebody_has(case: Case) -> bool:
    return case.stay is not None or case.status is Status.SUSPENDED


def reassigned(case: Case, act: Act) -> e.Assigned:
    unit = again_at(case.stays[-1].unit, case, act)
    return e.Assigned(
        **held_by(unit, case, act),
        by_unit=on_duty(act, case.subjects, Duty.MASS_WORK),
        override_reason="conflict_of_interest",
        stops=leave(case, act),
        starts=stay_clocks(unit, case, act, disputable=True),
        moves=(*resumed(case, act, ClockKind.STATUTORY), *handed_over(case, unit, ClockKind.STATUTORY)),
    )


def relieved(case: Case, act: Act) -> tuple[Clock, ...]:
    """The clocks of tasks whose units may no longer know of the case."""
    return tuple(clock for clock in running(case.clocks, ClockKind.TASK) if kept_from(clock, case, act))


def withdrawn(case: Case, act: Act) -> Iterator[Moved]:
    """Moves of their other clocks to units with the same duty that may know of the case."""
    with_the_stay = {*OF_A_STAY, ClockKind.STATUTORY} - {ClockKind.RULING} if somebody_has(case) else {ClockKind.TASK}
    for clock in running(case.clocks, *(set(ClockKind) - with_the_stay)):
        if kept_from(clock, case, act):
            yield Moved(kind=clock.kind, unit=clock.unit, to_unit=instead_of(clock, case, act))


def instead_of(clock: Clock, case: Case, act: Act) -> str:
    if clock.kind is ClockKind.CALL_BACK:
        return calling_back(case, act)
    if duties := WHOSE.get(clock.kind):
        return on_duty(act, case.subjects, *duties, sealed=case.sealed)
    return triaging(case.village, case.subjects, act, sealed=case.sealed)


def kept_from(clock: Clock, case: Case, act: Act) -> bool:
    return act.org.unit_tainted(clock.unit, case.subjects, act.at)
