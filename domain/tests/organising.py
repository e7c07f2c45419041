"""A small district to try things on, and the words to change it with."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from functools import reduce

from hypothesis import strategies as st

from domain.decider import SYSTEM, Act, Actor, Recorded, Sealed
from domain.org import Duty, OfficialDraft, Org, OrgEvent, PostDraft, ReorganiseDistrict, Role, UnitDraft, UnitKind
from domain.rules import Policy, Rules, WorkingCalendar
from domain.zone import DISTRICT

LONG_AGO = date(2020, 1, 1)
TODAY = date(2025, 3, 3)
TOMORROW = date(2025, 3, 4)
NOW = datetime(2025, 3, 3, 1, 10, tzinfo=UTC)
NEXT_YEAR = datetime(2026, 3, 3, 1, 10, tzinfo=UTC)

RULES = Rules(
    policy=Policy(id="plain"),
    policy_label="plain.1",
    calendar=WorkingCalendar(region="cn", years={}),
    zone=DISTRICT,
)


class NoVault:
    """An organisation has nothing to seal: it knows officials, not petitioners."""

    def seal(self, place: str, fields: Mapping[str, str], *, findable: bool = False) -> Sealed:  # noqa: ARG002
        raise AssertionError(place, fields)

    def receipt(self, stream: str) -> str:
        raise AssertionError(stream)

    def lot(self, of: str) -> int:
        raise AssertionError(of)


def unit(
    id: str, kind: str, parent: str | None = None, *duties: Duty, name: str = "", successor: str | None = None
) -> UnitDraft:
    return UnitDraft(id=id, name=name or id, kind=UnitKind(kind), parent=parent, duties=duties, successor=successor)


def post(unit: str, role: str, since: date = LONG_AGO, until: date | None = None) -> PostDraft:
    return PostDraft(unit=unit, role=Role(role), since=since, until=until)


def official(id: str, *posts: PostDraft, name: str = "") -> OfficialDraft:
    return OfficialDraft(id=id, name=name or id, posts=posts)


UNITS = (
    unit("D", "district"),
    unit("D-MASSWORK", "department", "D", Duty.MASS_WORK),
    unit("D-dispatch", "department", "D", Duty.DISPATCH),
    unit("D-ROADS", "department", "D"),
    unit("CITY-GOV", "body", None, Duty.FINAL_REVIEW),
    unit("D-DISCIPLINE", "body", None, Duty.DISCIPLINE),
    unit("T01", "town", "D"),
    unit("T02", "town", "D"),
    unit("T01-LAND", "office", "T01"),
    unit("T01-CIVIL", "office", "T01"),
    unit("V0101", "village", "T01"),
    unit("V0102", "community", "T01"),
    unit("V0201", "village", "T02"),
)
OFFICIALS = (
    official("leader:D", post("D", "district_leader")),
    official("leader:D1", post("D-ROADS", "district_leader")),
    official("leader:D2", post("D-MASSWORK", "district_leader"), post("D-dispatch", "district_leader")),
    official("officer:D-ROADS", post("D-ROADS", "department_officer")),
    official("clerk:D-dispatch", post("D-dispatch", "dispatcher")),
    official("officer:D-DISCIPLINE", post("D-DISCIPLINE", "discipline")),
    official("CITY-GOV", post("CITY-GOV", "adjudicator")),
    official("head:T01", post("T01", "town_head")),
    official("head:T02", post("T02", "town_head")),
    official("clerk:T01-station", post("T01", "town_clerk")),
    official("officer:T01-LAND", post("T01-LAND", "town_officer")),
    official("head:V0101", post("V0101", "village_head")),
    official("cadre:V0101-c1", post("V0101", "cadre")),
    official("cadre:V0102-c1", post("V0102", "cadre")),
)


def written(units: Iterable[UnitDraft] = UNITS, officials: Iterable[OfficialDraft] = OFFICIALS) -> ReorganiseDistrict:
    return ReorganiseDistrict(units=tuple(units), officials=tuple(officials))


def changes(org: Org, plan: ReorganiseDistrict, at: datetime = NOW) -> list[OrgEvent]:
    return list(plan.decide(org, Act(by=SYSTEM, at=at, rules=RULES, org=org, vault=NoVault())))


def after(org: Org, events: Iterable[OrgEvent]) -> Org:
    def evolve(org: Org, event: OrgEvent) -> Org:
        return org.evolve(
            Recorded(stream="org", version=org.version + 1, at=NOW, recorded_at=NOW, by="admin", event=event)
        )

    return reduce(evolve, events, org)


def organised(*plans: ReorganiseDistrict) -> Org:
    """The organisation after these plans, one after the other, all on the same morning."""
    return reduce(lambda org, plan: after(org, changes(org, plan)), plans, Org())


def someone(org: Org, official_id: str, at: datetime = NOW) -> Actor:
    actor = org.actor(official_id, at)
    assert actor is not None
    return actor


def without(*left_out: str) -> tuple[UnitDraft, ...]:
    """The units of the district without some, and without what lies in them."""
    return tuple(draft for draft in UNITS if draft.id not in left_out and draft.parent not in left_out)


def rewritten(*drafts: UnitDraft) -> tuple[UnitDraft, ...]:
    """The units of the district, some of them written down differently."""
    differently = {draft.id: draft for draft in drafts}
    return tuple(differently.get(draft.id, draft) for draft in UNITS)


def those(*official_ids: str) -> tuple[OfficialDraft, ...]:
    """Some of the officials of the district."""
    return tuple(draft for draft in OFFICIALS if draft.id in official_ids)


KINDS = {
    "D": "district", "D-A": "department", "D-B": "department", "X": "body", "Y": "body",
    "T1": "town", "T2": "town", "T3": "town", "T1-A": "office", "T2-A": "office",
    "V11": "village", "V12": "community", "V21": "village", "V31": "village",
}  # fmt: skip
DAYS = st.sampled_from([date(2019, 1, 1), LONG_AGO, date(2025, 3, 2), TODAY, TOMORROW, date(2030, 1, 1)])
IDS = st.sets(st.sampled_from([id for id in KINDS if id not in ("D", "T1")]))
DUTIES = st.lists(st.sampled_from(Duty), max_size=2)


@st.composite
def plans(draw: st.DrawFn) -> ReorganiseDistrict:
    """Any small district: some towns merged into the first, villages lying anywhere, posts past, present and to come."""
    ids = draw(IDS)
    merged = {id for id in ids if KINDS[id] == "town" and draw(st.booleans())}
    towns = sorted({"T1", *(id for id in ids if KINDS[id] == "town")} - merged)
    units = [unit("D", "district"), unit("T1", "town", "D")]
    for id in sorted(ids):
        match UnitKind(KINDS[id]).parent:
            case UnitKind.TOWN:
                parent: str | None = draw(st.sampled_from(towns))
            case UnitKind.DISTRICT:
                parent = "D"
            case _:
                parent = None
        duties = draw(DUTIES)
        successor = "T1" if id in merged else None
        units.append(unit(id, KINDS[id], parent, *duties, successor=successor))
    at_work = sorted(draft.id for draft in units if not draft.successor)
    terms = st.tuples(st.sampled_from(at_work), st.sampled_from(Role), DAYS, st.none() | DAYS).filter(
        lambda term: term[3] is None or term[2] <= term[3]
    )
    officials = draw(
        st.dictionaries(
            st.sampled_from(["p", "q", "r", "s", "t", "u"]),
            st.lists(terms, max_size=3, unique_by=lambda term: term[:3]),
        )
    )
    seats = {
        id: tuple(post(where, role, since, until) for where, role, since, until in held)
        for id, held in officials.items()
    }
    return written(units, (official(id, *posts) for id, posts in seats.items()))
