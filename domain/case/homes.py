"""The household of a case: it must be in the register, and key support can raise the case's grade."""

from collections.abc import Iterator
from typing import Final, Protocol

from domain.case import events as e
from domain.case.state import Case
from domain.case.terms import Grade
from domain.decider import Act
from domain.org import Role
from domain.refusals import Invalid
from domain.streams import household_stream

PRIORITY: Final = "priority"
HARD = frozenset({"illness", "housing", "disaster", "疾病", "医疗", "住房", "灾害", "救灾", "医疗救助", "住房安全"})
"""Categories in which the matter of a key-support household has at least grade II."""


class Home(Protocol):
    """What a case may learn of its household."""

    @property
    def version(self) -> int: ...
    @property
    def village(self) -> str: ...
    @property
    def klass(self) -> str: ...


def homes(household: str | None) -> tuple[str, ...]:
    """The stream of the household, to be read before a command about its case decides."""
    return (household_stream(household),) if household else ()


def home_of(household: str | None, act: Act) -> Home | None:
    """The household in the register, where one is named."""
    return act.others.get(household_stream(household)) if household else None


def registered(household: str | None, act: Act) -> Home | None:
    """The same. Raises Invalid for a household that is not in the register."""
    home = home_of(household, act)
    if household is not None and (home is None or not home.version):
        raise Invalid("household does not stand in the register", "household 不在民情数据库中")
    return home


def of_its_town(home: Home | None, act: Act) -> bool:
    """Whether the actor is an official of the household's own town, who may know its class. An integrator may not."""
    town = act.org.town_of(home.village) if home is not None else None
    return town is not None and any(
        post.role is not Role.INTEGRATOR and act.org.town_of(post.unit) == town for post in act.by.posts
    )


def fitting_grade(grade: Grade, category: str | None, home: Home | None) -> Grade:
    """The grade of a matter, raised where a key-support household is ill, badly housed or hit by a disaster."""
    hard = category is not None and category.strip().lower() in HARD
    if home is not None and home.klass == PRIORITY and hard and grade is Grade.ORDINARY:
        return Grade.MAJOR
    return grade


def raised_to_fit(case: Case, category: str | None, home: Home | None) -> Iterator[e.Reclassified]:
    """Reclassify an open case if this category and household call for a higher grade."""
    grade = fitting_grade(case.grade, category, home)
    if grade is not case.grade and case.open:
        yield e.Reclassified(kind=case.kind, grade=grade, category=category, reason="key_support")
