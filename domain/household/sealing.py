"""Words that people say at a door or a meeting (names, health, reasons): stored sealed, and each reading on record."""

from domain.decider import Act, Sealed, sealed
from domain.household.state import Household


def place(household: Household) -> str:
    """Where what is sealed of a household belongs. A colon of its id is a `;` there: what follows a colon is a member."""
    return f"household:{household.id.replace(':', ';')}"


def sealed_words(household: Household, act: Act, **words: str | None) -> Sealed | None:
    """The words of somebody, sealed with this household; None where nothing was said."""
    return sealed(act.vault, f"{place(household)}/told", words)
