"""Changing the organisation: the whole is submitted anew, and the differences are recorded as events."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Annotated

from annotated_types import Ge

from domain.decider import Act, command
from domain.org.drafts import OfficialDraft, UnitDraft, check_officials, check_units
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
)
from domain.org.posts import Post
from domain.org.state import Org
from domain.org.units import Unit
from domain.zone import day_at


@command
class ReorganiseDistrict:
    """Write down all units and officials. Units left out are closed; posts left out end today, but are not forgotten.

    The same once more changes nothing.
    """

    units: tuple[UnitDraft, ...]
    officials: tuple[OfficialDraft, ...]
    version: Annotated[int, Ge(0)] | None = None
    """The version the document was read at, if given: refused if somebody has changed the organisation since."""

    def decide(self, org: Org, act: Act, /) -> Iterator[OrgEvent]:
        today = day_at(act.at)
        check_units(self.units, org.units)
        check_officials(self.officials, self.units, org.units, today)
        yield from self._units_at_work(org)
        yield from self._officials_in_office(org, today)
        yield from self._units_at_an_end(org, today)

    def _units_at_work(self, org: Org) -> Iterator[OrgEvent]:
        for draft in self.units:
            known = org.unit(draft.id)
            if known is None or (known.closed and not draft.closed):
                yield _says(UnitOpened, draft.unit)
            elif replace(known, closed_on=None, successor=None, earlier=()) != draft.unit:
                yield _says(UnitChanged, draft.unit)

    def _officials_in_office(self, org: Org, today: date) -> Iterator[OrgEvent]:
        for draft in self.officials:
            known = org.official(draft.id)
            if known is None:
                yield OfficialRegistered(official=draft.id, name=draft.name)
            elif known.name != draft.name:
                yield OfficialRenamed(official=draft.id, name=draft.name)
            wanted = tuple(post.post for post in draft.posts)
            yield from _turnover(draft.id, known.posts if known else (), wanted, today)
        for official_id in sorted(org.officials.keys() - {draft.id for draft in self.officials}):
            yield from _turnover(official_id, org.officials[official_id].posts, (), today)

    def _units_at_an_end(self, org: Org, today: date) -> Iterator[OrgEvent]:
        for draft in self.units:
            known = org.unit(draft.id)
            if draft.closed and (known is None or known.successor != draft.successor):
                closed_on = known.closed_on if known and known.closed_on else today
                yield UnitClosed(unit=draft.id, on=closed_on, successor=draft.successor)
        for unit_id in sorted(org.units.keys() - {draft.id for draft in self.units}):
            if not org.units[unit_id].closed:
                yield UnitClosed(unit=unit_id, on=today, successor=None)


def _says(event: type[UnitOpened] | type[UnitChanged], unit: Unit) -> UnitOpened | UnitChanged:
    return event(
        unit=unit.id,
        name=unit.name,
        kind=unit.kind,
        parent=unit.parent,
        duties=tuple(sorted(unit.duties)),
        inhabitants=unit.inhabitants,
    )


def _turnover(official: str, known: tuple[Post, ...], wanted: tuple[Post, ...], today: date) -> Iterator[OrgEvent]:
    """The events that lead from the known posts to the wanted ones. A post no longer wanted ends today, or never begins."""
    before = {post.entry: post for post in known}
    for post in wanted:
        was = before.pop(post.entry, None)
        if was is None:
            yield PostTaken(official=official, post=post)
        elif post.until is not None and was.outlasts(post.until):
            yield PostLeft(official=official, post=post)
        elif was.until != post.until:
            yield PostExtended(official=official, post=post)
    for post in before.values():
        end = max(today, post.since)
        if post.outlasts(end):
            yield PostLeft(official=official, post=replace(post, until=end))
