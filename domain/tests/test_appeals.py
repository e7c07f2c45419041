"""Appeals, vetoes and exclusions in the domain: who is of the panel, how many must agree, what is said of it."""

from dataclasses import replace
from datetime import date, datetime
from functools import reduce
from typing import Any

import pytest

from domain.assessment.appeals import Against, Appeal, DecideAppeal
from domain.assessment.events import VetoAdjudicated, VetoKind
from domain.assessment.findings import Exclude, Veto
from domain.assessment.gate import YearCommand, may
from domain.assessment.year import UnitYear
from domain.decider import Act, Actor, Recorded
from domain.org import Official, Post, Role
from domain.refusals import ConflictOfInterest, NotFound, NotPermitted, Refused, TooLate, WrongStatus
from domain.rules.authority import ASSESSING
from domain.tests.hanbin import RULES
from domain.tests.story import ORG, OpenVault, actor, at

YEAR = UnitYear(id="T01:2025")
APPEAL = Appeal(figure="false_closure", mark="counted", event=7, grounds="it was done")
GIVEN = at("03-04 09:00")
FOUND = DecideAppeal(appeal=1, upheld=True, reason="it was done indeed")


def headed(who: str, since: date, until: date | None) -> Official:
    return Official(id=who, name=who, posts=(Post(unit="T01", role=Role.TOWN_HEAD, since=since, until=until),))


def by(who: str, moment: str = "03-05 09:00") -> Act:
    now: datetime = at(moment)
    return Act(by=actor(who, moment=now), at=now, rules=RULES, org=ORG, vault=OpenVault())


def after(year: UnitYear, act: Act, command: Any) -> UnitYear:
    def recorded(year: UnitYear, event: Any) -> UnitYear:
        line = Recorded(stream="s", version=year.version + 1, at=act.at, recorded_at=act.at, by=act.by.id, event=event)
        return year.evolve(line)

    return reduce(recorded, command.decide(year, act), year)


def appealed() -> UnitYear:
    return after(YEAR, by("head:T01"), Against(appeal=APPEAL, case="case-1", given_at=GIVEN))


def refused(year: UnitYear, who: str, command: YearCommand, refusal: type[Refused]) -> None:
    with pytest.raises(refusal):
        list(command.decide(year, by(who)))


def test_as_many_as_the_policy_asks_must_find_the_same() -> None:
    once = after(appealed(), by("leader:D-MASSWORK"), FOUND)
    assert once.appeals[1].upheld is None
    refused(once, "leader:D-MASSWORK", replace(FOUND, upheld=False), WrongStatus)
    refused(after(once, by("discipline"), FOUND), "leader:D-TRANSPORT", FOUND, WrongStatus)
    divided = after(once, by("leader:D-TRANSPORT"), replace(FOUND, upheld=False))
    assert divided.appeals[1].upheld is None
    assert after(divided, by("discipline"), FOUND).appeals[1].upheld is True
    assert after(divided, by("discipline"), replace(FOUND, upheld=False)).appeals[1].upheld is False


def test_what_was_owed_and_what_of_it_was_paid_is_one_item() -> None:
    owed, paid = (
        Against(appeal=replace(APPEAL, figure=figure, mark="remote"), case=None, given_at=GIVEN)
        for figure in ("duty_required", "duty_verified")
    )
    with pytest.raises(WrongStatus):
        list(paid.decide(after(YEAR, by("head:T01"), owed), by("head:T01")))


@pytest.mark.parametrize(
    ("who", "command", "refusal"),
    [
        ("head:T02", Against(appeal=APPEAL, case=None, given_at=GIVEN), NotPermitted),
        ("head:T01", Against(appeal=APPEAL, case=None, given_at=GIVEN), WrongStatus),
        ("head:T01", Against(appeal=replace(APPEAL, event=8), case=None, given_at=at("02-10 09:00")), TooLate),
        ("head:T01", FOUND, NotPermitted),
        ("leader:T01", FOUND, ConflictOfInterest),
        ("discipline", replace(FOUND, appeal=2), NotFound),
        ("auditor", FOUND, NotPermitted),
        ("head:T01", Veto(kind=VetoKind.LEAK, basis="decision"), NotPermitted),
        ("leader:D-MASSWORK", Exclude(case="case-1", reason="the flood"), NotPermitted),
    ],
)
def test_what_is_refused(who: str, command: YearCommand, refusal: type[Refused]) -> None:
    refused(appealed(), who, command, refusal)


def test_a_case_is_left_out_of_a_year_once() -> None:
    officer = Actor(id="organiser", posts=(Post(unit="D", role=Role.ORGANISATION_OFFICER, since=date(2020, 1, 1)),))
    flood, act = Exclude(case="case-1", reason="the flood"), replace(by("system"), by=officer)
    without = after(YEAR, act, flood)
    assert set(without.excluded) == {"case-1"}
    with pytest.raises(WrongStatus):
        list(flood.decide(without, act))


def test_one_appeals_until_the_end_of_the_tenth_working_day() -> None:
    against = Against(appeal=APPEAL, case=None, given_at=GIVEN)
    assert list(against.decide(YEAR, by("head:T01", "03-18 23:59:59")))
    with pytest.raises(TooLate):
        list(against.decide(YEAR, by("head:T01", "03-19 00:00")))


def test_whoever_appealed_does_not_decide_on_it_wherever_he_sits_by_then() -> None:
    promoted = Actor(id="head:T01", posts=actor("leader:D-TRANSPORT").posts)
    with pytest.raises(ConflictOfInterest):
        list(FOUND.decide(appealed(), replace(by("leader:D-TRANSPORT"), by=promoted)))


CHANGING = replace(
    ORG,
    officials={
        **ORG.officials,
        "head:T01": headed("head:T01", date(2020, 1, 1), date(2026, 1, 1)),
        "next": headed("next", date(2026, 1, 1), None),
    },
)
"""The head of T01 leaves when the year ends."""


def test_what_is_found_about_a_year_that_is_over_falls_to_the_last_head_it_had() -> None:
    def accountable(unit_year: str) -> str:
        command, act = Veto(kind=VetoKind.LEAK, basis="decision"), by("discipline", "2026-02-10 09:00")
        [veto] = command.decide(UnitYear(id=unit_year), replace(act, org=CHANGING))
        assert isinstance(veto, VetoAdjudicated)
        return str(veto.accountable)

    assert (accountable("T01:2025"), accountable("T01:2026")) == ("head:T01", "next")


def test_a_village_has_no_card_to_say_anything_about() -> None:
    with pytest.raises(NotFound):
        list(Veto(kind=VetoKind.LEAK, basis="decision").decide(UnitYear(id="V0101:2025"), by("discipline")))


def test_every_right_is_held_by_those_the_table_names_and_nobody_else() -> None:
    posts = {who: ORG.officials[who].posts[0] for who in ORG.officials}
    for right, grants in ASSESSING.items():
        for who, post in posts.items():
            own, disciplines = ORG.same_house(post.unit, "T01"), post.unit == "D-DISCIPLINE"
            related = {"anywhere", *(["holds"] if own else []), *(["discipline"] if disciplines else [])}
            assert may("T01", by(who), right) is bool(related & grants.get(post.role, frozenset())), (who, right)
    assert not any(Role.AUDITOR in grants for right, grants in ASSESSING.items() if right != "read-sample")
