"""Who reads the dossier of an official who went from one town to another: the head of each, of his own time."""

from dataclasses import replace
from datetime import date

import pytest

from domain.assessment.gate import reads_dossier
from domain.decider import Act
from domain.org import Official, Post, Role
from domain.tests.hanbin import RULES
from domain.tests.story import ORG, OpenVault, actor, at

NOW, WENT = at("2026-03-05 09:00"), date(2025, 2, 1)
CADRE = Official(
    id="cadre:1",
    name="A cadre",
    posts=(
        Post(unit="T01", role=Role.CADRE, since=date(2020, 1, 1), until=WENT),
        Post(unit="T02", role=Role.CADRE, since=WENT),
    ),
)
WITH_HIM = replace(ORG, officials={**ORG.officials, CADRE.id: CADRE})


@pytest.mark.parametrize(
    ("who", "year", "reads"),
    [
        ("head:T01", 2024, True),
        ("head:T01", 2025, True),
        ("head:T01", 2026, False),
        ("head:T02", 2024, True),
        ("head:T02", 2026, True),
        ("clerk:T02", 2026, False),
        ("auditor", 2026, True),
        (CADRE.id, 2024, True),
    ],
)
def test_a_head_reads_it_of_a_year_spent_with_him_and_of_whoever_is_with_him_now(
    who: str, year: int, reads: bool
) -> None:
    act = Act(by=actor(who, WITH_HIM, NOW), at=NOW, rules=RULES, org=WITH_HIM, vault=OpenVault())
    assert reads_dossier(act, CADRE.id, year) is reads


def test_of_one_who_left_a_head_reads_his_own_years_and_a_town_head_reads_of_his_villages() -> None:
    first, second = CADRE.posts
    gone = replace(CADRE, posts=(first, replace(second, until=date(2026, 1, 1))))
    org = replace(ORG, officials={**ORG.officials, gone.id: gone})
    act = Act(by=actor("head:T02", org, NOW), at=NOW, rules=RULES, org=org, vault=OpenVault())
    assert [reads_dossier(act, gone.id, year) for year in (2024, 2025, 2026)] == [False, True, False]
    assert reads_dossier(act, "head:V0201", 2026)
    assert not reads_dossier(act, "head:V0101", 2026)
