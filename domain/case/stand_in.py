"""What falls to the mass-work department: calling back and reviewing, where those who do it may not know of the case."""

from domain.case.custody import on_duty
from domain.case.state import Case
from domain.decider import Act
from domain.org import Duty


def calling_back(case: Case, act: Act) -> str:
    """Who asks the citizen: the follow-up centre, which knows of nothing sealed, or the mass-work department."""
    return on_duty(act, case.subjects, Duty.FOLLOW_UP, Duty.MASS_WORK, sealed=case.sealed)


def of_the_callers(right: str, case: Case, act: Act) -> str:
    """The right of those who ask the citizen."""
    return instead(right, calling_back(case, act), Duty.FOLLOW_UP, act)


def instead(right: str, unit: str | None, duty: Duty, act: Act) -> str:
    """The right of those who do this for all; of the mass-work department, where it fell to that."""
    fell = unit and act.org.has_duty(unit, Duty.MASS_WORK) and not act.org.has_duty(unit, duty)
    return f"{right}:instead" if fell else right
