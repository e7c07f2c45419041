"""The organisation as an administrator submits it, and the checks it must pass.

Refusals point to the place in the document (`units[3].parent`) and do not repeat what was written there.
"""

from collections.abc import Container, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, ClassVar
from unicodedata import category

from annotated_types import Ge, Le, MaxLen, MinLen

from domain.ids import Id, is_id
from domain.org.posts import Post, Role
from domain.org.units import Duty, Tier, Unit, UnitKind
from domain.refusals import Invalid

LONGEST_NAME = 200
OTHERS = ("citizen:", "reporter:", "key:")
"""Prefixes of ids that belong to actors who are not officials."""

Name = Annotated[str, MinLen(1), MaxLen(LONGEST_NAME)]


def as_clients_write_it(field: str) -> str:
    """`from` is no name for a field in Python, so inside a post runs `since` one day `until` another."""
    return {"since": "from", "until": "to"}.get(field, field)


@dataclass(frozen=True, kw_only=True)
class UnitDraft:
    """A unit as it is to be. With a successor it is to be closed: merged into that one.

    A unit that is closed already may be listed with the day it was closed, as `GET /v1/org` shows it.
    """

    id: Id
    name: Name
    kind: UnitKind
    tier: Tier | None = None
    parent: Id | None = None
    duties: tuple[Duty, ...] = ()
    closed_on: date | None = None
    successor: Id | None = None
    inhabitants: Annotated[int, Ge(1), Le(100_000_000)] | None = None

    @property
    def closed(self) -> bool:
        return self.successor is not None or self.closed_on is not None

    @property
    def unit(self) -> Unit:
        return Unit(
            id=self.id,
            name=self.name,
            kind=self.kind,
            parent=self.parent,
            duties=frozenset(self.duties),
            inhabitants=self.inhabitants,
        )


@dataclass(frozen=True, kw_only=True)
class PostDraft:
    """A post to be held from a day (`from`) up to, but not including, another (`to`)."""

    __pydantic_config__: ClassVar = {"extra": "forbid", "alias_generator": as_clients_write_it}

    unit: Id
    role: Role
    since: date
    until: date | None = None

    @property
    def post(self) -> Post:
        return Post(unit=self.unit, role=self.role, since=self.since, until=self.until)


@dataclass(frozen=True, kw_only=True)
class OfficialDraft:
    """An official with the posts to be held. Posts that ended need not be repeated."""

    id: Id
    name: Name
    posts: tuple[PostDraft, ...] = ()


def check_units(drafts: tuple[UnitDraft, ...], known: Mapping[str, Unit]) -> None:
    """There is one; every unit is named once and lies in another of the kind it must lie in; merged ones lead to an open one.

    The day on which a unit was closed cannot be chosen.
    """
    if not drafts:
        raise _invalid("units", "without a unit there is no organisation", "组织机构至少须有一个单位")
    units: dict[str, UnitDraft] = {}
    for number, draft in enumerate(drafts):
        _named(f"units[{number}]", draft.id, draft.name, units)
        units[draft.id] = draft
    for number, draft in enumerate(drafts):
        if draft.tier not in (None, draft.kind.tier):
            raise _invalid(f"units[{number}].tier", "units of this kind belong to another tier", "此类单位属于其他层级")
        if draft.closed_on is not None and (draft.id not in known or known[draft.id].closed_on != draft.closed_on):
            raise _invalid(
                f"units[{number}].closed_on",
                "it was not closed on that day; leave a unit out to close it",
                "该单位并非当日撤销；如需撤销，不列入即可",
            )
        _lies_where_it_must(f"units[{number}].parent", draft, units)
        _leads_to_an_open_unit(f"units[{number}].successor", draft, units)


def check_officials(
    drafts: tuple[OfficialDraft, ...], units: tuple[UnitDraft, ...], known: Mapping[str, Unit], today: date
) -> None:
    """Every official is named once, and holds posts at open units only; those at closed ones are over."""
    open_units = {draft.id for draft in units if not draft.closed}
    all_units = known.keys() | {draft.id for draft in units}
    officials: dict[str, OfficialDraft] = {}
    for number, draft in enumerate(drafts):
        _named(f"officials[{number}]", draft.id, draft.name, officials)
        if draft.id == "system" or draft.id.startswith(OTHERS):
            raise _invalid(f"officials[{number}].id", "this id is reserved", "此编号为系统保留")
        officials[draft.id] = draft
        entries: set[tuple[str, Role, date]] = set()
        for index, post in enumerate(seat.post for seat in draft.posts):
            place = f"officials[{number}].posts[{index}]"
            if post.unit not in all_units:
                raise _invalid(f"{place}.unit", "there is no such unit", "没有这个单位")
            if post.until is not None and post.until < post.since:
                raise _invalid(f"{place}.to", "the post ends before it begins", "任职结束早于开始")
            if post.unit not in open_units and post.outlasts(today):
                raise _invalid(f"{place}.unit", "the unit is closed, the post is not over", "单位已撤销，任职尚未结束")
            if post.entry in entries:
                raise _invalid(place, "the same post is written down twice", "同一任职重复填写")
            entries.add(post.entry)


def _named(place: str, written_id: str, name: str, taken: Container[str]) -> None:
    if not is_id(written_id):
        raise _invalid(f"{place}.id", "an id is 1 to 64 of A-Z a-z 0-9 : . _ -", "编号须为1至64位字母、数字或 : . _ -")
    if written_id in taken:
        raise _invalid(f"{place}.id", "this id is used twice", "编号重复")
    if not name.strip() or len(name) > LONGEST_NAME or any(category(sign) in ("Cc", "Cs") for sign in name):
        raise _invalid(
            f"{place}.name",
            "a name is 1 to 200 characters, not all blank, none of them a control character",
            "名称须为1至200个字符，不得全为空白或含控制字符",
        )


def _lies_where_it_must(place: str, draft: UnitDraft, units: Mapping[str, UnitDraft]) -> None:
    kind = draft.kind.parent
    if draft.parent is None and kind is None:
        return
    if kind is None:
        raise _invalid(place, f"a {draft.kind} lies in no other unit", "此类单位没有上级单位")
    if draft.parent is None:
        raise _invalid(place, f"a {draft.kind} lies in a {kind}; say which", "缺少上级单位")
    parent = units.get(draft.parent)
    if parent is None:
        raise _invalid(place, "there is no such unit", "没有这个单位")
    if parent.kind is not kind:
        raise _invalid(place, f"a {draft.kind} lies in a {kind}, not in a {parent.kind}", "上级单位类别不符")
    if parent.closed and not draft.closed:
        raise _invalid(place, "this unit is closed", "该上级单位已撤销")


def _leads_to_an_open_unit(place: str, draft: UnitDraft, units: Mapping[str, UnitDraft]) -> None:
    passed = {draft.id}
    following = draft.successor
    while following is not None:
        successor = units.get(following)
        if successor is None:
            raise _invalid(place, "there is no such unit", "没有这个单位")
        if successor.kind.tier is not draft.kind.tier:
            raise _invalid(place, "the successor belongs to another tier", "承接单位层级不符")
        if following in passed:
            raise _invalid(place, "the units are merged in a circle", "单位并入关系形成循环")
        if successor.closed and successor.successor is None and draft.closed_on is None:
            raise _invalid(place, "the successor is closed", "承接单位已撤销")
        passed.add(following)
        following = successor.successor


def _invalid(place: str, english: str, chinese: str) -> Invalid:
    return Invalid(f"{place}: {english}", f"{place}：{chinese}")
