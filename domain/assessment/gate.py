"""The one gate to a unit's year: who may do what about it."""

from collections.abc import Iterator
from datetime import date
from typing import ClassVar, Final

from domain.assessment.events import YearEvent
from domain.assessment.year import UnitYear
from domain.decider import Act
from domain.org import Duty, Post, Role, UnitKind
from domain.refusals import NotFound, NotPermitted
from domain.rules.authority import ASSESSING, READ_SCORECARDS, Relation, everywhere
from domain.zone import day_at

NO_CARD: Final = ("towns and departments have scorecards, no other unit", "只有镇办和区直部门有考核卡")
JUDGED: Final = frozenset({UnitKind.TOWN, UnitKind.DEPARTMENT})
HEADS: Final = frozenset({Role.TOWN_HEAD, Role.DISTRICT_LEADER})


class YearCommand:
    """Something one may ask about a unit's year: `verb` names it, and the right it takes."""

    verb: ClassVar[str]

    def knows(self, year: UnitYear, act: Act, /) -> bool:
        return may(year.unit, act, self.verb)

    def decide(self, year: UnitYear, act: Act, /) -> Iterator[YearEvent]:
        unit = act.org.unit(year.unit)
        if unit is None or unit.kind not in JUDGED:
            raise NotFound(*NO_CARD)
        if not may(year.unit, act, self.verb):
            raise NotPermitted("this needs another post", "您的岗位无权进行此操作")
        yield from self.rule(year, act)

    def rule(self, year: UnitYear, act: Act, /) -> Iterator[YearEvent]:
        """What happens, once it may."""
        raise NotImplementedError


def may(unit: str, act: Act, right: str) -> bool:
    """Whether one of the actor's posts gives him this right on that unit's card."""
    return any(not _related(act, post, unit).isdisjoint(ASSESSING[right].get(post.role, ())) for post in act.by.posts)


def _related(act: Act, post: Post, unit: str) -> frozenset[Relation]:
    """How a post stands to a unit: in its name, with the duty of discipline, or with it as with every other."""
    related = {Relation.ANYWHERE}
    if own(act, post, unit):
        related.add(Relation.HOLDS)
    if act.org.has_duty(post.unit, Duty.DISCIPLINE):
        related.add(Relation.DISCIPLINE)
    return frozenset(related)


def own(act: Act, post: Post, unit: str) -> bool:
    return bool(post.unit) and act.org.same_house(post.unit, unit)


def reads_dossier(act: Act, official: str, year: int) -> bool:
    """Oneself; the head of his town or department, of now or of that year; and whoever sees how every unit is judged."""
    known, today = act.org.official(official), day_at(act.at)
    begins, over = date(year, 1, 1), date(year + 1, 1, 1)
    theirs = {
        post.unit
        for post in (known.posts if known is not None else ())
        if post.held_on(today) or (post.since < over and post.outlasts(begins))
    }
    return act.by.id == official or any(
        everywhere(post.role, READ_SCORECARDS)
        or (post.role in HEADS and any(own(act, post, unit) or unit in act.org.below(post.unit) for unit in theirs))
        for post in act.by.posts
    )
