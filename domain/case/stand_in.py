"""Stand-ins: who calls back or reviews where those on duty may not know of the case, or handled it themselves."""

from domain.case.custody import on_duty
from domain.case.gate import had
from domain.case.state import Case
from domain.case.terms import Status
from domain.decider import Act
from domain.org import Duty

CALLERS = (Duty.FOLLOW_UP, Duty.MASS_WORK, Duty.DISCIPLINE, Duty.DISPATCH)
"""Who asks the citizen. The first of them knows of nothing sealed."""


def calling_back(case: Case, act: Act) -> str:
    """The first of the callers who may know of the case, and does not judge his own work; nobody ("") when there is none."""
    units = (on_duty(act, case.subjects, duty, sealed=case.sealed) for duty in CALLERS)
    return next((unit for unit in units if unit and not had(case, unit, act)), "")


def of_the_callers(right: str, case: Case, act: Act) -> str:
    """The right needed to ask the citizen: a different one if a unit stands in for the follow-up centre."""
    unit = calling_back(case, act)
    return right if not unit or act.org.has_duty(unit, Duty.FOLLOW_UP) else f"{right}:instead"


def calls_back_instead(case: Case, act: Act) -> bool:
    """Whether the citizen is to be asked now, by the actor's unit in the place of the follow-up centre."""
    if case.status is not Status.RESOLVED and not case.withdrawal_asked:
        return False
    unit = calling_back(case, act)
    return not act.org.has_duty(unit, Duty.FOLLOW_UP) and any(post.unit == unit for post in act.by.posts)


def reviewing(right: str, unit: str | None, duty: Duty, act: Act) -> str:
    """The right needed to decide a review: a different one if mass work stands in for the unit."""
    fell = unit and act.org.has_duty(unit, Duty.MASS_WORK) and not act.org.has_duty(unit, duty)
    return f"{right}:instead" if fell else right
