"""The units whose queues, banks and figures somebody may look into."""

from __future__ import annotations

from domain.org import Post, Role
from domain.refusals import NotFound, NotPermitted
from domain.rules.authority import READ, everywhere
from service.http.desk import Desk


def posts_in_office(desk: Desk) -> list[Post]:
    """The posts by which one looks into units: a system that reports for others has none, wherever its key was made for."""
    return [post for post in desk.by.posts if post.role is not Role.INTEGRATOR]


def own_queues(desk: Desk) -> frozenset[str]:
    """The queues of the units one has a post at."""
    return frozenset(desk.office.org.acts_for(post.unit) for post in posts_in_office(desk))


def queue_of(desk: Desk, unit_id: str) -> frozenset[str]:
    """The queue of a unit that one may look into."""
    return frozenset({desk.office.org.acts_for(in_reach(desk, unit_id))})


def in_reach(desk: Desk, unit_id: str) -> str:
    """A unit one may look into: one's own house and what lies below it; any, for those who see every case."""
    org = desk.office.org
    if org.unit(unit_id) is None:
        raise NotFound("there is no such unit", "没有这个单位")
    near = {unit_id, org.acts_for(unit_id), *org.ancestors(unit_id)}
    if any(org.acts_for(post.unit) in near or sees_all(post.role) for post in posts_in_office(desk)):
        return unit_id
    raise NotPermitted("this unit is not below one of yours", "该单位不在您的管辖范围内")


def sees_all(role: Role) -> bool:
    return everywhere(role, READ)


def own_place(desk: Desk, unit: str | None) -> str | None:
    """The unit asked for; without one, everything for those who see every case, otherwise one's own house."""
    if unit is not None:
        return in_reach(desk, unit)
    if any(sees_all(post.role) for post in posts_in_office(desk)):
        return None
    houses = sorted({desk.office.org.acts_for(post.unit) for post in posts_in_office(desk) if post.unit})
    if not houses:
        raise NotPermitted("this needs a post at a unit", "需要在单位任职")
    return houses[0]
