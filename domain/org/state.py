"""The organisation: what its history adds up to, who heads what on a given day, and whom a complaint must not reach."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property
from typing import Self, assert_never

from domain.decider import Actor, Recorded
from domain.org.events import (
    OfficialRegistered,
    OfficialRenamed,
    OrgEvent,
    PostExtended,
    PostLeft,
    PostTaken,
    UnitChanged,
    UnitClosed,
    UnitOpened,
    UnitTold,
)
from domain.org.posts import Official, Post, Role
from domain.org.tree import Tree
from domain.org.units import Tier, Unit
from domain.zone import day_at


@dataclass(frozen=True, kw_only=True)
class Taint:
    """Whom a complaint must not reach: the persons complained about, their units, and every unit below those."""

    units: frozenset[str]
    persons: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class Org(Tree):
    """Units and officials as they stand."""

    version: int = 0
    officials: Mapping[str, Official] = field(default_factory=dict)

    def evolve(self, recorded: Recorded[OrgEvent], /) -> Self:
        match event := recorded.event:
            case UnitOpened():
                unit = replace(_unit_of(event), earlier=self._earlier(event, recorded.at))
                return replace(self, version=recorded.version, units={**self.units, unit.id: unit})
            case UnitChanged():
                known = self.units[event.unit]
                earlier = self._earlier(event, recorded.at)
                unit = replace(_unit_of(event), closed_on=known.closed_on, successor=known.successor, earlier=earlier)
                return replace(self, version=recorded.version, units={**self.units, unit.id: unit})
            case UnitClosed():
                unit = replace(self.units[event.unit], closed_on=event.on, successor=event.successor)
                return replace(self, version=recorded.version, units={**self.units, unit.id: unit})
            case OfficialRegistered():
                official = Official(id=event.official, name=event.name)
            case OfficialRenamed():
                official = replace(self.officials[event.official], name=event.name)
            case PostTaken():
                official = self.officials[event.official].with_post(event.post)
            case PostLeft() | PostExtended():
                official = self.officials[event.official].with_term(event.post)
            case _:
                assert_never(event)
        return replace(self, version=recorded.version, officials={**self.officials, official.id: official})

    def official(self, official_id: str) -> Official | None:
        return self.officials.get(official_id)

    def posts_of(self, official_id: str, at: datetime) -> tuple[Post, ...]:
        """The posts held at that instant; none by somebody never registered."""
        official = self.officials.get(official_id)
        return official.posts_on(day_at(at)) if official else ()

    def actor(self, official_id: str, at: datetime) -> Actor | None:
        """The official with the posts held at that instant; None for somebody never registered."""
        return Actor(id=official_id, posts=self.posts_of(official_id, at)) if official_id in self.officials else None

    def head_of(self, unit_id: str, at: datetime) -> str | None:
        """Who answers for a unit: for villages and towns the town head, in the district its leader. None while vacant.

        Ordinary cadres collect; to solve is the duty of the number-one leader, whoever does the work.
        """
        unit, day = self.units.get(unit_id), day_at(at)
        match unit and unit.tier:
            case Tier.VILLAGE | Tier.TOWN:
                return self._holding(Role.TOWN_HEAD, self.town_of(unit_id, day), at)
            case Tier.DISTRICT:
                return self._holding(Role.DISTRICT_LEADER, self.successor(unit_id, day), at)
            case _:
                return None

    def taint(self, subjects: Iterable[str], at: datetime) -> Taint:
        """Whom a complaint about these persons must not reach. Posts they have left do not count."""
        persons = frozenset(subjects)
        day = day_at(at)
        officials = (self.officials[person] for person in persons if person in self.officials)
        theirs = {post.unit for official in officials for post in official.posts_on(day)}
        return Taint(units=frozenset(theirs).union(*map(self.below, theirs)), persons=persons)

    def tainted(self, actor: Actor, subjects: Iterable[str], at: datetime) -> bool:
        """Whether a complaint about these persons must not reach the actor."""
        taint = self.taint(subjects, at)
        return actor.id in taint.persons or any(post.unit in taint.units for post in actor.posts)

    def unit_tainted(self, unit_id: str, subjects: Iterable[str], at: datetime) -> bool:
        """Whether a complaint about these persons must not reach the unit."""
        return unit_id in self.taint(subjects, at).units

    def subjects_hidden_from(self, actor: Actor, at: datetime) -> frozenset[str]:
        """Everybody a complaint about whom must not reach the actor: himself, his colleagues, those above them."""
        day = day_at(at)
        theirs = {post.unit for post in actor.posts}
        units = theirs.union(*map(self.ancestors, theirs))
        return frozenset({actor.id, *(who for unit in units for who, _ in self._held_at(unit, day))})

    def _earlier(self, told: UnitTold, at: datetime) -> tuple[tuple[date, str | None], ...]:
        """Where a unit lay before, also before it was closed and opened again."""
        known = self.units.get(told.unit)
        if known is None:
            return ()
        return known.earlier if known.parent == told.parent else (*known.earlier, (day_at(at), known.parent))

    def _holding(self, role: Role, unit_id: str | None, at: datetime) -> str | None:
        """Who holds that role there. Of several the one who came last: a successor may start before the other leaves."""
        holding = [(post.since, who) for who, post in self._held_at(unit_id, day_at(at)) if post.role is role]
        return max(holding)[1] if holding else None

    def _held_at(self, unit_id: str | None, day: date) -> Iterator[tuple[str, Post]]:
        """The posts held there on that day, each with its holder."""
        posts = self._posts.get(unit_id, ()) if unit_id else ()
        return ((who, post) for who, post in posts if post.held_on(day))

    @cached_property
    def _posts(self) -> Mapping[str, list[tuple[str, Post]]]:
        posts: dict[str, list[tuple[str, Post]]] = {}
        for official in self.officials.values():
            for post in official.posts:
                posts.setdefault(post.unit, []).append((official.id, post))
        return posts


def _unit_of(event: UnitTold) -> Unit:
    return Unit(
        id=event.unit,
        name=event.name,
        kind=event.kind,
        parent=event.parent,
        duties=frozenset(event.duties),
        inhabitants=event.inhabitants,
    )
