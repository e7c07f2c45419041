"""Who may see which case, as SQL: the authority table's `read` row, said once more where lists and counts are made."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, exists, false, or_, select, true

from domain.decider import Act
from domain.org import Duty, Post, Role, UnitKind
from domain.rules.authority import ANYONE, AUTHORITY, READ, SEALED_RELATIONS, Relation
from projections.case_file import case_file, case_scope, case_subject

c = case_file.c


def visible_to(act: Act) -> ColumnElement[bool]:
    """The condition on `case_file` that leaves exactly the cases this actor sees."""
    grants = AUTHORITY[READ]
    ways: list[ColumnElement[bool]] = []
    if Relation.REPORTED in grants.get(ANYONE, ()):
        ways.append(_scoped(f"brought:{act.by.id}"))
    for post in act.by.posts:
        way = or_(false(), *(_related(act, post, relation) for relation in grants.get(post.role, ())))
        ways.append(way if _knows_sealed(act, post) else and_(way, ~c.sealed))
    return and_(or_(*ways), untainted(act))


def untainted(act: Act) -> ColumnElement[bool]:
    """The condition that keeps a complaint from whom it is about, his unit and those below."""
    hidden = act.org.subjects_hidden_from(act.by, act.at)
    about = exists().where(case_subject.c.case_id == c.case_id, case_subject.c.official.in_(sorted(hidden)))
    return or_(~c.guarded, ~about)


def _knows_sealed(act: Act, post: Post) -> bool:
    return post.role is Role.AUDITOR or any(act.org.has_duty(post.unit, Duty(one)) for one in SEALED_RELATIONS)


def _related(act: Act, post: Post, relation: Relation) -> ColumnElement[bool]:
    org = act.org
    match relation:
        case Relation.ANYWHERE:
            return true()
        case Relation.HOLDS:
            return c.unit.in_(_house(act, post.unit))
        case Relation.ABOVE:
            return c.unit.in_(sorted(one for one in org.below(post.unit) if not org.same_house(one, post.unit)))
        case Relation.HELD:
            return _scoped(*(f"held:{unit}" for unit in _house(act, post.unit)))
        case Relation.TASKED:
            return _scoped(*(f"tasked:{unit}" for unit in _house(act, post.unit)))
        case Relation.DIVERTED:
            bodies = {post.unit, *org.below(post.unit)}
            return _scoped(*(f"diverted:{one}" for one in sorted(bodies) if org.successor(one) == post.unit))
        case Relation.AREA:
            return c.village.in_(_area(act, post.unit))
        case Relation.UNPLACED:
            return and_(c.village.is_(None), c.unit.is_(None))
        case Relation.REPORTED:
            return _scoped(f"brought:{act.by.id}")
        case _:
            return true() if org.has_duty(post.unit, Duty(relation)) else false()


def _house(act: Act, unit: str) -> list[str]:
    """The units that work in the same name: a town and its offices, and what was merged into it."""
    name = act.org.acts_for(unit)
    return sorted({unit, name, *(one for one in act.org.below(name) if act.org.same_house(one, unit))})


def _area(act: Act, unit: str) -> list[str]:
    villages = (UnitKind.VILLAGE, UnitKind.COMMUNITY)
    place = act.org.acts_for(unit)
    known = act.org.unit(place)
    if known is not None and known.kind is UnitKind.DEPARTMENT:
        place = act.org.district_of(place) or place
    below = {one for one in act.org.below(place) if (found := act.org.unit(one)) and found.kind in villages}
    return sorted(below | {place})


def _scoped(*scopes: str) -> ColumnElement[bool]:
    return c.case_id.in_(select(case_scope.c.case_id).where(case_scope.c.scope.in_(scopes)))
