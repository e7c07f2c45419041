"""Who gets a case, and which clocks start with the stay: the same for every way into a tier."""

from collections.abc import Iterable
from typing import TypedDict

from domain.case.clocks import OF_A_STAY, ClockKind, ClockState, Moved, Started, Stopped, running, start, stop, the
from domain.case.gate import trusted
from domain.case.state import Case
from domain.case.terms import Kind
from domain.decider import Act
from domain.org import Duty, Tier
from domain.refusals import ConflictOfInterest, Invalid
from domain.rules.deadlines import Span


def tier_of(unit: str, act: Act) -> Tier:
    """The tier a unit works at. Raises Invalid for a unit that does not exist, is closed, or stands outside the tiers."""
    known = act.org.unit(unit)
    if known is None or known.closed or known.tier is None:
        raise Invalid("the unit named cannot hold cases", "所指单位不能承办事项")
    return known.tier


class StayFields(TypedDict):
    """The fields of a stay that begins."""

    tier: Tier
    unit: str
    town: str | None
    accountable: str | None
    entry_no: int


def held_by(unit: str, case: Case, act: Act) -> StayFields:
    """A stay at this unit: `accountable` is the town head at village and town tier, by whoever it is held."""
    tier = tier_of(unit, act)
    kept_secret(case, act, unit)
    return {
        "tier": tier,
        "unit": unit,
        "town": act.org.town_of(unit),
        "accountable": act.org.head_of(unit, act.at),
        "entry_no": case.entries(tier) + 1,
    }


def stay_clocks(
    unit: str, case: Case, act: Act, *, hold: Span | None = None, answering: bool = True, disputable: bool = False
) -> tuple[Started, ...]:
    """The clocks of a stay that begins now. `hold` is another budget than the tier's ordinary one.

    A petition has no hold and no first response of its own: its statutory clock and its notice count.
    Taken up again after it was answered, it has its statutory time anew: our choice, for the law does not say.
    """
    policy, kind, grade = act.rules.policy, case.kind, case.grade
    starts = []
    if answering and kind is not Kind.PETITION:
        starts.append(start(ClockKind.FIRST_RESPONSE, unit, policy.first_response(grade), act))
    if disputable:
        starts.append(start(ClockKind.DISPUTE_WINDOW, unit, policy.dispute_window(kind, grade), act))
    if kind is not Kind.PETITION:
        starts.append(start(ClockKind.HOLD, unit, hold or policy.hold(tier_of(unit, act), kind, grade), act))
    elif the(case.clocks, ClockKind.STATUTORY) is None:
        starts.append(start(ClockKind.STATUTORY, unit, policy.statutory(), act))
    return tuple(starts)


def leave(case: Case, act: Act) -> tuple[Stopped, ...]:
    """Stop the clocks of the stay that ends now."""
    return stop(running(case.clocks, *OF_A_STAY), act, ClockState.LEFT)


def handed_over(case: Case, unit: str, *kinds: ClockKind) -> tuple[Moved, ...]:
    """The same clocks, with another holder."""
    return tuple(
        Moved(kind=clock.kind, unit=clock.unit, to_unit=unit)
        for clock in running(case.clocks, *kinds)
        if clock.unit != unit
    )


def above(case: Case, act: Act) -> str:
    """The unit a case rises to when none is named: the town, then the mass-work department; never a tainted one."""
    stay = case.stays[-1]
    return _first_able(case, act, town_now(case, act) if stay.tier is Tier.VILLAGE else None)


def above_if_any(case: Case, act: Act) -> str | None:
    """The same as `above`; None at the district, and if nobody above may know of the case."""
    try:
        return above(case, act) if case.stays[-1].tier.above else None
    except ConflictOfInterest:
        return None


def again_at(unit: str, case: Case, act: Act) -> str:
    """The unit where a case continues: this one or its successor or, if those may not know of it, the next above."""
    return _first_able(case, act, act.org.successor(unit), act.org.town_of(unit))


def _first_able(case: Case, act: Act, *units: str | None) -> str:
    """The first of these units, or else the mass-work department, that holds cases and may know of this one.

    Raises ConflictOfInterest if there is none.
    """
    for unit in (*units, act.org.with_duty(Duty.MASS_WORK)):
        known = act.org.unit(unit) if unit else None
        if known and known.tier and not known.closed and may_know(known.id, case.subjects, act, sealed=case.sealed):
            return known.id
    raise ConflictOfInterest("no unit above may know of this case", "上级没有可以受理本事项的单位")


def town_now(case: Case, act: Act) -> str | None:
    """The town its unit lies in today: towns merge, and villages move to other towns."""
    return act.org.town_of(case.stays[-1].unit)


def may_know(unit: str, subjects: Iterable[str], act: Act, *, sealed: bool) -> bool:
    """Whether a case about these persons may reach the unit."""
    return not act.org.unit_tainted(unit, subjects, act.at) and (not sealed or trusted(unit, act))


def kept_secret(case: Case, act: Act, *units: str) -> None:
    """Raises Invalid if one of these units may not know of a sealed case: nobody there could see it."""
    if case.sealed and not all(trusted(unit, act) for unit in units):
        raise Invalid("the unit named may not know of a sealed case", "所指单位不得知悉保密事项")


def on_duty(act: Act, subjects: Iterable[str], *duties: Duty, sealed: bool = False) -> str:
    """The unit that does the first of these for all and may know of the case; nobody ("") when there is none."""
    units = filter(None, map(act.org.with_duty, duties))
    return next((unit for unit in units if may_know(unit, subjects, act, sealed=sealed)), "")


def triaging(village: str | None, subjects: Iterable[str], act: Act, *, sealed: bool) -> str:
    """Who triages a report without a unit: the town of its village, or the dispatch centre, if they may know of it."""
    town = act.org.town_of(village) if village else None
    if town and may_know(town, subjects, act, sealed=sealed):
        return town
    return on_duty(act, subjects, Duty.DISPATCH, Duty.MASS_WORK)
