"""The district of the demonstration: the official divisions of Hanbin, with invented officials in every post."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from domain.org import Duty, OfficialDraft, PostDraft, ReorganiseDistrict, Role, UnitDraft, UnitKind

DIVISIONS = Path(__file__).with_name("hanbin.json")
SINCE = date(2020, 1, 1)

DISTRICT = "610902"
HOME = "610902130001"
"""The central community of Yanba, of which the article tells; the demonstration shows its town's queue."""
MASS_WORK = "dept-mass-work"
DISPATCH = "dept-dispatch"
DISCIPLINE = "body-discipline"
FOLLOW_UP = "body-follow-up"
REVIEW = "body-review"
FINAL_REVIEW = "body-final-review"

DEPARTMENTS = {
    MASS_WORK: ("区委群众工作部", (Duty.MASS_WORK,)),
    DISPATCH: ("区12345派单中心", (Duty.DISPATCH,)),
    "dept-agriculture": ("区农业农村局", ()),
    "dept-civil-affairs": ("区民政局", ()),
    "dept-development": ("区发展和改革局", ()),
    "dept-ecology": ("区生态环境分局", ()),
    "dept-education": ("区教育体育局", ()),
    "dept-health": ("区卫生健康局", ()),
    "dept-housing": ("区住房和城乡建设局", ()),
    "dept-human-resources": ("区人力资源和社会保障局", ()),
    "dept-land": ("区自然资源局", ()),
    "dept-transport": ("区交通运输局", ()),
    "dept-water": ("区水利局", ()),
}
BODIES = {
    FOLLOW_UP: ("区群众回访中心", Duty.FOLLOW_UP),
    DISCIPLINE: ("区纪委监委", Duty.DISCIPLINE),
    REVIEW: ("区信访事项复查办公室", Duty.REVIEW),
    FINAL_REVIEW: ("市信访事项复核办公室", Duty.FINAL_REVIEW),
}
OFFICES = {"civil": "社会事务办公室", "rural": "农业综合服务站", "building": "村镇建设办公室"}

TITLES = {
    Role.CADRE: "包户干部",
    Role.VILLAGE_HEAD: "村（社区）主任",
    Role.TOWN_CLERK: "群众工作站受理员",
    Role.TOWN_OFFICER: "干事",
    Role.TOWN_HEAD: "镇办一把手",
    Role.DISPATCHER: "派单员",
    Role.ADJUDICATOR: "裁定员",
    Role.DEPARTMENT_OFFICER: "承办员",
    Role.DISTRICT_LEADER: "分管区领导",
    Role.FOLLOW_UP: "回访员",
    Role.DISCIPLINE: "纪检干部",
    Role.PRIVACY_OFFICER: "隐私保护专员",
    Role.ORGANISATION_OFFICER: "考核干部",
    Role.AUDITOR: "审计员",
}
ABOVE_ALL = (Role.AUDITOR, Role.PRIVACY_OFFICER, Role.ORGANISATION_OFFICER)
OF_BODIES = {FOLLOW_UP: Role.FOLLOW_UP, DISCIPLINE: Role.DISCIPLINE}


@dataclass(frozen=True)
class Place:
    """A village or community, and the town it lies in."""

    village: str
    name: str
    town: str
    town_name: str

    @property
    def short(self) -> str:
        """What people call it."""
        return self.name.removesuffix("居委会").removesuffix("委会")


def holder(role: Role, unit: str) -> str:
    """The id of whoever holds that post. There is exactly one for each."""
    return f"{role}:{unit}"


def office(town: str, kind: str) -> str:
    return f"{town}-{kind}"


def places() -> list[Place]:
    """Every village and community, town by town."""
    return [
        Place(village=village["code"], name=village["name"], town=town["code"], town_name=town["name"])
        for town in json.loads(DIVISIONS.read_text("utf-8"))["towns"]
        for village in town["villages"]
    ]


def home() -> Place:
    return next(place for place in places() if place.village == HOME)


def organised() -> ReorganiseDistrict:
    """All units, and all officials that the stories need."""
    units = tuple(_units())
    return ReorganiseDistrict(units=units, officials=tuple(_officials(units)))


def _units() -> Iterator[UnitDraft]:
    yield UnitDraft(id=DISTRICT, name="汉滨区", kind=UnitKind.DISTRICT)
    for id, (name, duties) in DEPARTMENTS.items():
        yield UnitDraft(id=id, name=name, kind=UnitKind.DEPARTMENT, parent=DISTRICT, duties=duties)
    for id, (name, duty) in BODIES.items():
        yield UnitDraft(id=id, name=name, kind=UnitKind.BODY, duties=(duty,))
    towns = {place.town: place.town_name for place in places()}
    for town, name in towns.items():
        yield UnitDraft(id=town, name=name, kind=UnitKind.TOWN, parent=DISTRICT)
        for kind, of_the_town in OFFICES.items():
            yield UnitDraft(id=office(town, kind), name=name + of_the_town, kind=UnitKind.OFFICE, parent=town)
    for place in places():
        kind = UnitKind.COMMUNITY if place.name.endswith("居委会") else UnitKind.VILLAGE
        yield UnitDraft(id=place.village, name=place.name, kind=kind, parent=place.town)


def _officials(units: tuple[UnitDraft, ...]) -> Iterator[OfficialDraft]:
    for unit in units:
        for role in _roles(unit):
            yield OfficialDraft(
                id=holder(role, unit.id),
                name=f"示例{TITLES[role]}·{unit.name}",
                posts=(PostDraft(unit=unit.id, role=role, since=SINCE),),
            )


def _roles(unit: UnitDraft) -> tuple[Role, ...]:
    match unit.kind:
        case UnitKind.VILLAGE | UnitKind.COMMUNITY:
            return Role.VILLAGE_HEAD, Role.CADRE
        case UnitKind.TOWN:
            return Role.TOWN_HEAD, Role.TOWN_CLERK
        case UnitKind.OFFICE:
            return (Role.TOWN_OFFICER,)
        case UnitKind.DISTRICT:
            return ABOVE_ALL
        case UnitKind.BODY:
            return (OF_BODIES.get(unit.id, Role.ADJUDICATOR),)
        case UnitKind.DEPARTMENT:
            more = {MASS_WORK: (Role.ADJUDICATOR,), DISPATCH: (Role.DISPATCHER,)}
            return Role.DEPARTMENT_OFFICER, Role.DISTRICT_LEADER, *more.get(unit.id, ())
