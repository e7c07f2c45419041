"""A visit that is owed, in the domain: who pays it, when it was, and as whom he came."""

from dataclasses import replace
from datetime import datetime

import pytest

from domain.decider import Act
from domain.duties import CameAs, Target, TargetKind, VisitDuty, Visited, VisitTarget
from domain.refusals import Invalid, NotFound, NotPermitted, Refused, TooLate
from domain.tests.hanbin import RULES
from domain.tests.story import ORG, OpenVault, actor, at

PLACE = Target(id="V0101")
DEPUTY = Target(id="deputy-7", version=1, village="V0101", flags=frozenset({TargetKind.DEPUTY}))
THERE = VisitTarget(target="V0101", duty=VisitDuty.MUST_GO)
NOW = at("03-06 09:00")


def by(who: str) -> Act:
    return Act(by=actor(who), at=NOW, rules=RULES, org=ORG, vault=OpenVault())


def visited(target: Target, who: str, seen_at: datetime | None = None) -> Visited:
    [visit] = replace(THERE, target=target.id, seen_at=seen_at).decide(target, by(who))
    return visit


@pytest.mark.parametrize(
    ("who", "came_as"),
    [
        ("cadre:V0101", (CameAs.LOCAL,)),
        ("head:V0102", (CameAs.OFFICIAL,)),
        ("officer:T01-LAND", (CameAs.OFFICIAL,)),
        ("head:T01", (CameAs.OFFICIAL, CameAs.TOWN_HEAD)),
        ("leader:T01", (CameAs.OFFICIAL, CameAs.DISTRICT_LEADER)),
        ("head:T02", (CameAs.OFFICIAL,)),
    ],
)
def test_as_whom_somebody_came_the_organisation_says(who: str, came_as: tuple[CameAs, ...]) -> None:
    assert visited(PLACE, who).came_as == came_as


def test_a_place_is_visited_where_it_lies_and_a_person_where_he_lives() -> None:
    assert [visited(target, "head:T01").village for target in (PLACE, DEPUTY)] == ["V0101", "V0101"]


def test_a_visit_is_written_down_within_three_days() -> None:
    assert visited(PLACE, "head:T01", at("03-03 09:00")).seen_at == at("03-03 09:00")
    assert visited(PLACE, "head:T01", NOW).seen_at == visited(PLACE, "head:T01").seen_at == NOW


@pytest.mark.parametrize(
    ("target", "who", "seen_at", "refusal"),
    [
        (PLACE, "auditor", None, NotPermitted),
        (PLACE, "gateway", None, NotFound),
        (DEPUTY, "head:T02", None, NotFound),
        (PLACE, "head:T01", at("03-06 09:01"), Invalid),
        (PLACE, "head:T01", datetime(2025, 3, 6, 8), Invalid),
        (PLACE, "head:T01", at("03-03 08:59"), TooLate),
    ],
)
def test_what_is_refused(target: Target, who: str, seen_at: datetime | None, refusal: type[Refused]) -> None:
    with pytest.raises(refusal):
        visited(target, who, seen_at)
