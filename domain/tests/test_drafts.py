"""An organisation that cannot be is refused, and the refusal points to the place."""

import re
from dataclasses import replace
from datetime import date

import pytest

from domain.org import OfficialDraft, Org, Tier, UnitDraft
from domain.refusals import Invalid
from domain.tests.organising import TODAY, TOMORROW, changes, official, post, unit, written

YESTERDAY = date(2025, 3, 2)
D, T, V = unit("D", "district"), unit("T", "town", "D"), unit("V", "village", "T")


@pytest.mark.parametrize(
    ("units", "place"),
    [
        ([], "units"),
        ([D, unit("a b", "town", "D")], "units[1].id"),
        ([D, unit("x" * 65, "town", "D")], "units[1].id"),
        ([D, unit("T\n", "town", "D")], "units[1].id"),
        ([D, T, T], "units[2].id"),
        ([D, unit("T", "town", "D", name="  ")], "units[1].name"),
        ([D, unit("T", "town", "D", name="长" * 201)], "units[1].name"),
        ([D, unit("T", "town", "D", name="a\0b")], "units[1].name"),
        ([D, unit("T", "town", "D", name="a\ud800b")], "units[1].name"),
        ([D, replace(T, tier=Tier.VILLAGE)], "units[1].tier"),
        ([unit("X", "body"), replace(unit("Y", "body"), tier=Tier.DISTRICT)], "units[1].tier"),
        ([T], "units[0].parent"),
        ([D, unit("T", "town")], "units[1].parent"),
        ([D, unit("T", "town", "T")], "units[1].parent"),
        ([D, unit("V", "village", "D")], "units[1].parent"),
        ([D, T, V, unit("W", "village", "V")], "units[3].parent"),
        ([D, unit("O", "office", "D")], "units[1].parent"),
        ([D, T, unit("M", "department", "T")], "units[2].parent"),
        ([D, unit("X", "body", "D")], "units[1].parent"),
        ([D, unit("E", "district", "D")], "units[1].parent"),
        ([D, T, unit("U", "town", "D", successor="T"), unit("V", "village", "U")], "units[3].parent"),
        ([D, unit("T", "town", "D", successor="U")], "units[1].successor"),
        ([D, unit("T", "town", "D", successor="T")], "units[1].successor"),
        ([D, unit("T", "town", "D", successor="U"), unit("U", "town", "D", successor="T")], "units[1].successor"),
        ([D, T, unit("V", "village", "T", successor="T")], "units[2].successor"),
    ],
)
def test_a_unit_that_cannot_be_is_refused_and_the_place_is_named(units: list[UnitDraft], place: str) -> None:
    with pytest.raises(Invalid, match=f"^{re.escape(place)}: ") as refusal:
        changes(Org(), written(units, ()))
    assert refusal.value.chinese.startswith(f"{place}：")


CLERK = post("T", "town_clerk")


@pytest.mark.parametrize(
    ("officials", "place"),
    [
        ([official("p q")], "officials[0].id"),
        ([official("p"), official("p")], "officials[1].id"),
        ([official("system")], "officials[0].id"),
        ([official("citizen:p")], "officials[0].id"),
        ([official("key:5e48e5392b6d")], "officials[0].id"),
        ([official("p", name="\t")], "officials[0].name"),
        ([official("p", post("Z", "cadre"))], "officials[0].posts[0].unit"),
        ([official("p", post("Z", "cadre", YESTERDAY, YESTERDAY))], "officials[0].posts[0].unit"),
        ([official("p", CLERK, post("OLD", "cadre"))], "officials[0].posts[1].unit"),
        ([official("p", post("OLD", "cadre", until=TOMORROW))], "officials[0].posts[0].unit"),
        ([official("p", post("T", "cadre", TODAY, YESTERDAY))], "officials[0].posts[0].to"),
        ([official("p", CLERK, CLERK)], "officials[0].posts[1]"),
    ],
)
def test_an_official_who_cannot_be_is_refused_and_the_place_is_named(
    officials: list[OfficialDraft], place: str
) -> None:
    with pytest.raises(Invalid, match=f"^{re.escape(place)}: "):
        changes(Org(), written([D, T, unit("OLD", "town", "D", successor="T")], officials))


def test_a_refusal_does_not_repeat_what_was_written() -> None:
    with pytest.raises(Invalid) as refusal:
        changes(Org(), written([D, unit("canary", "town", "canary", name="canary")], ()))
    assert "canary" not in refusal.value.english + refusal.value.chinese
