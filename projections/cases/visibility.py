"""Which cases an actor may see, as SQL: the `read` row of the authority table, for lists and counts.

The case file keeps the scopes of each case: who is related to it and how. The posts of an actor give him scopes too,
and he sees the cases with which they share one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, Select, and_, exists, or_, select, true

from domain.case.gate import knows_sealed
from domain.decider import Act
from domain.org import Duty, Org, Post
from domain.rules.authority import ANYONE, AUTHORITY, READ, Relation
from projections.cases.case_file import case_file, case_scope, case_subject
from projections.following.bulk import chunks

c = case_file.c

FEW = 2000


@dataclass(frozen=True, kw_only=True)
class Sight:
    """How far somebody sees: everywhere, or within these scopes. Of what is sealed, only as far as `sealed` says."""

    everywhere: bool
    scopes: frozenset[str]
    sealed: bool
    sealed_scopes: frozenset[str]


def sight(act: Act) -> Sight:
    own = {f"brought:{act.by.id}"} if Relation.REPORTED in AUTHORITY[READ].get(ANYONE, ()) else set()
    posts = [(knows_sealed(act, post), *_reach(act, post)) for post in act.by.posts]
    return Sight(
        everywhere=any(everywhere for _, everywhere, _ in posts),
        scopes=frozenset(own.union(*(scopes for _, _, scopes in posts))),
        sealed=any(knows and everywhere for knows, everywhere, _ in posts),
        sealed_scopes=frozenset(own.union(*(scopes for knows, _, scopes in posts if knows))),
    )


def few_seen(db: Connection, act: Act) -> frozenset[str] | None:
    """The cases in an actor's scopes, if they are few and he sees no others; otherwise None."""
    seen = sight(act)
    if seen.everywhere:
        return None
    mine = db.scalars(_cases(seen.scopes).order_by(*case_scope.primary_key).limit(FEW)).all()
    return frozenset(mine) if len(mine) < FEW else None


def visible_to(act: Act, few: frozenset[str] | None) -> ColumnElement[bool]:
    """The condition on `case_file` that leaves exactly the cases this actor sees.

    It names them where they are few; otherwise each is looked at as it comes, and the first page is soon full.
    """
    return each_visible_to(act) if few is None else _visible(act, c.case_id.in_(few))


def each_visible_to(act: Act) -> ColumnElement[bool]:
    """The condition alone, for cases that were found in another way: it is checked for each."""
    return _visible(act, _related(sight(act).scopes))


def related_to(act: Act) -> Select[str]:
    """The cases an actor is related to. Whether he may see each of them is another condition."""
    return _cases(sight(act).scopes)


def visible_among(db: Connection, act: Act, cases: Iterable[str]) -> set[str]:
    """Those of these cases that the actor sees, however many they are."""
    visible = each_visible_to(act)
    return {
        one
        for some in chunks(sorted(cases))
        for one in db.scalars(select(c.case_id).where(c.case_id.in_(some), visible))
    }


def untainted(act: Act) -> ColumnElement[bool]:
    """The condition that keeps a complaint from whom it is about, his unit and those below."""
    hidden = sorted(act.org.subjects_hidden_from(act.by, act.at))
    about = (
        select(case_subject.c.case_id)
        .where(case_subject.c.case_id == c.case_id, case_subject.c.official.in_(hidden))
        .offset(0)
    )
    return or_(~c.guarded, ~exists(about))


def _visible(act: Act, near: ColumnElement[bool]) -> ColumnElement[bool]:
    seen = sight(act)
    unsealed = true() if seen.sealed else or_(~c.sealed, _related(seen.sealed_scopes))
    return and_(true() if seen.everywhere else near, unsealed, untainted(act))


def _cases(scopes: Iterable[str]) -> Select[str]:
    return select(case_scope.c.case_id).where(case_scope.c.scope.in_(sorted(scopes)))


def _related(scopes: Iterable[str]) -> ColumnElement[bool]:
    """The offset keeps PostgreSQL from turning this into a search through all cases of these scopes."""
    return exists(_cases(scopes).where(case_scope.c.case_id == c.case_id).offset(0))


def _reach(act: Act, post: Post) -> tuple[bool, set[str]]:
    """Whether a post sees everywhere, and the scopes it gives otherwise."""
    relations = AUTHORITY[READ].get(post.role, frozenset())
    on_duty = any(duty.value in relations and act.org.has_duty(post.unit, duty) for duty in Duty)
    everywhere = Relation.ANYWHERE in relations or on_duty
    return everywhere, {scope for relation in relations for scope in _scopes(act, post, relation)}


def _scopes(act: Act, post: Post, relation: Relation) -> Iterator[str]:
    org = act.org
    match relation:
        case Relation.HOLDS:
            yield from (f"at:{unit}" for unit in house(org, post.unit))
        case Relation.ABOVE:
            yield from (f"at:{unit}" for unit in org.below(post.unit) if not org.same_house(unit, post.unit))
        case Relation.HELD:
            yield from (f"held:{unit}" for unit in house(org, post.unit))
        case Relation.TASKED:
            yield from (f"tasked:{unit}" for unit in house(org, post.unit))
        case Relation.DIVERTED:
            bodies = org.within(post.unit)
            yield from (f"diverted:{unit}" for unit in bodies if org.successor(unit) == post.unit)
        case Relation.AREA:
            yield from (f"area:{unit}" for unit in org.within(org.territory(post.unit)))
        case Relation.UNPLACED:
            yield "unplaced"
        case Relation.REPORTED:
            yield f"brought:{act.by.id}"


def house(org: Org, unit: str) -> set[str]:
    """The units that work in the same name: a town and its offices, and what was merged into it."""
    name = org.acts_for(unit)
    return {one for one in {unit, *org.within(name)} if org.same_house(one, unit)}
