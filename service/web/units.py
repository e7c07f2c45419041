"""Which units a reader may ask for, his own first, and the district they all lie in."""

from __future__ import annotations

from fastapi import Request

from domain.org import Unit, UnitKind
from service.front.here import office_of
from service.front.reach import sees_all
from service.web.asking import ask


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
