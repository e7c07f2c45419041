"""A case and its household: one that stands in the register, and of key support with a grade that fits its trouble."""

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
"""Categories in which the matter of a key-support household has at least grade II (domain.md 5.4)."""


class Home(Protocol):
    """What a case may learn of its household."""

    @property
    def version(self) -> int: ...
    @property
    def village(self) -> str: ...
    @property
    def klass(self) -> str: ...


def homes(household: str | None) -> tuple[str, ...]:
    """The streams to be looked at before deciding about a case of this household."""
    return (household_stream(household),) if household else ()


def home_of(household: str | None, act: Act) -> Home | None:
    """What the register tells of a household, where one is named."""
    return act.others.get(household_stream(household)) if household else None


def known(household: str | None, act: Act) -> Home | None:
    """The same. Raises Invalid for a household that does not stand in the register."""
    home = home_of(household, act)
    if household is not None and (home is None or not home.version):
        raise Invalid("household does not stand in the register", "household 不在民情数据库中")
    return home


def near(home: Home | None, act: Act) -> bool:
    """Whether an official of the household's own town acts, who may know of its class; not a system that passes things on."""
    town = act.org.town_of(home.village) if home is not None else None
    return town is not None and any(
        post.role is not Role.INTEGRATOR and act.org.town_of(post.unit) == town for post in act.by.posts
    )


def fitting(grade: Grade, category: str | None, home: Home | None) -> Grade:
    """The grade of a matter, raised where a key-support household is ill, badly housed or hit by a disaster."""
    hard = category is not None and category.strip().lower() in HARD
    if home is not None and home.klass == PRIORITY and hard and grade is Grade.ORDINARY:
        return Grade.MAJOR
    return grade


def fitted(case: Case, category: str | None, home: Home | None) -> Iterator[e.Reclassified]:
    """An open case rises to the grade that fits this category and household, once they are known."""
    grade = fitting(case.grade, category, home)
    if grade is not case.grade and case.open:
        yield e.Reclassified(kind=case.kind, grade=grade, category=category, reason="key_support")
