"""The units a reader may choose from: those he may ask for, his own first, the district, and villages."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import Request

from domain.decider import Act
from domain.org import Org, Tier, Unit, UnitKind
from service.http.reach import sees_all
from service.http.requests import office_of
from service.web.asking import ask
from service.web.reader import actor_of


async def choices(request: Request) -> tuple[list[Unit], Unit | None]:
    """The units that a reader may ask for, and his own; whoever sees every case has none of his own."""
    me = await ask(request, "/v1/me")
    org = office_of(request).org
    if any(sees_all(post["role"]) for post in me["posts"]):
        judged = (UnitKind.TOWN, UnitKind.DEPARTMENT)
        return [one for one in org.units.values() if one.kind in judged and not one.closed], None
    houses = sorted({org.acts_for(post["unit"]) for post in me["posts"] if post["unit"]})
    own = [one for house in houses if (one := org.unit(house))]
    return own, own[0] if own else None


def district(request: Request) -> str:
    units = office_of(request).org.units.values()
    return next((one.id for one in units if one.kind is UnitKind.DISTRICT), "")


def villages_of(org: Org, unit: str | None = None) -> list[Unit]:
    """Those of a unit, or all, but for those that were closed."""
    within = org.within(unit) if unit else org.units
    found = [one for id in within if (one := org.unit(id)) is not None]
    return [one for one in found if one.tier is Tier.VILLAGE and not one.closed]


def villages_where(request: Request, may: Callable[[str, Act], bool], unit: str | None = None) -> list[Unit]:
    """Those in which the reader may do something; the route asks it again."""
    office, actor = office_of(request), actor_of(request)
    if actor is None:
        return []
    act = office.act(actor)
    return [one for one in villages_of(office.org, unit) if may(one.id, act)]


def with_town(village: Unit, org: Org) -> str:
    """A village by its name and that of its town: several have the same."""
    town = org.unit(village.parent) if village.parent else None
    return f"{town.name} · {village.name}" if town else village.name
