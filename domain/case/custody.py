"""Who gets a case, and which clocks start with the stay: the same for every way into a tier."""

from typing import Any

from domain.case.clocks import OF_A_STAY, ClockKind, ClockState, Started, Stopped, running, start, stop
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


def held_by(unit: str, case: Case, act: Act) -> dict[str, Any]:
    """The fields of a stay at this unit: `accountable` is the town head at village and town tier, by whoever it is held."""
    tier = tier_of(unit, act)
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

    A petition has no hold and no first response of its own: its statutory clock and its notice count (domain.md 3.5).
    """
    policy, kind, grade = act.rules.policy, case.kind, case.grade
    starts = []
    if answering and kind is not Kind.PETITION:
        starts.append(start(ClockKind.FIRST_RESPONSE, unit, policy.first_response(grade), act))
    if disputable:
        starts.append(start(ClockKind.DISPUTE_WINDOW, unit, policy.dispute_window(kind, grade), act))
    if kind is not Kind.PETITION:
        starts.append(start(ClockKind.HOLD, unit, hold or policy.hold(tier_of(unit, act), kind, grade), act))
    return tuple(starts)


def leave(case: Case, act: Act, state: ClockState = ClockState.LEFT) -> tuple[Stopped, ...]:
    """Stop the clocks of the stay that ends now."""
    return stop(running(case.clocks, *OF_A_STAY), act.at, state)


def above(case: Case, act: Act) -> str:
    """The unit a case rises to when none is named: the town, then the mass-work department; never a tainted one."""
    stay = case.stays[-1]
    to = stay.town if stay.tier is Tier.VILLAGE else act.org.with_duty(Duty.MASS_WORK)
    if stay.tier is Tier.VILLAGE and to and act.org.unit_tainted(to, case.subjects, act.at):
        to = act.org.with_duty(Duty.MASS_WORK)
    if to is None or act.org.unit_tainted(to, case.subjects, act.at):
        raise ConflictOfInterest("no unit above may know of this case", "上级没有可以受理本事项的单位")
    return to
