"""Programmes: one remedy for many cases; whose cases may join, and who may approve."""

from collections.abc import Mapping
from dataclasses import replace
from functools import reduce
from typing import Any

import pytest

from domain.decider import Act, Recorded
from domain.programme import ApproveProgramme, JoinCase, JoinHousehold, Programme, ProposeProgramme, Remedy, suggested
from domain.programme.commands import CompleteProgramme
from domain.refusals import ConflictOfInterest, Invalid, NotFound, NotPermitted, Refused, WrongStatus
from domain.streams import case_stream, household_stream
from domain.tests.hanbin import RULES
from domain.tests.home import REGISTERED
from domain.tests.road import assigned_to
from domain.tests.story import ORG, OpenVault, actor, at

MOVE = ProposeProgramme(remedy=Remedy.RELOCATION, title="Out of the ravine", villages=("V0101",))
CASE = assigned_to("T01", village="V0101").case
ABOUT_SOMEBODY = replace(CASE, subjects=frozenset({"clerk:T02"}))
JOIN = JoinCase(case=CASE.id)
HEAD, CLERK, LEADER = "head:T01", "clerk:T01", "leader:D-TRANSPORT"


def asked(programme: Programme, by: str, command: Any, others: Mapping[str, Any] | None = None) -> Programme:
    now = at("03-10 09:00")
    standing = {case_stream(CASE.id): CASE, household_stream("HH-1"): REGISTERED.household, **(others or {})}
    act = Act(by=actor(by), at=now, rules=RULES, org=ORG, vault=OpenVault(), others=standing)

    def after(programme: Programme, event: Any) -> Programme:
        stream, version = f"programme:{programme.id}", programme.version + 1
        return programme.evolve(Recorded(stream=stream, version=version, at=now, recorded_at=now, by=by, event=event))

    return reduce(after, list(command.decide(programme, act)), programme)


PROPOSED = asked(Programme(id="P-1"), CLERK, MOVE)
APPROVED = asked(PROPOSED, HEAD, ApproveProgramme())


def refused(programme: Programme, by: str, command: Any, kind: type[Refused], others: Any = None) -> None:
    with pytest.raises(kind):
        asked(programme, by, command, others)


def test_the_life_of_a_programme() -> None:
    joined = asked(asked(APPROVED, CLERK, JOIN), CLERK, JoinHousehold(household="HH-1"))
    assert ([*joined.cases], [*joined.households]) == ([CASE.id], ["HH-1"])
    refused(joined, CLERK, JOIN, WrongStatus)
    done = asked(joined, CLERK, CompleteProgramme(outcome="all have moved"))
    assert (done.status, done.proposed_by, done.approved_by) == ("completed", CLERK, HEAD)
    refused(done, CLERK, JoinHousehold(household="HH-1"), WrongStatus)


def test_the_town_proposes_for_its_own_villages_and_the_district_for_any() -> None:
    wide = replace(MOVE, villages=("V0101", "V0201"))
    for who, command in ((HEAD, wide), ("clerk:T02", MOVE), ("cadre:V0101", MOVE), ("auditor", MOVE)):
        refused(Programme(id="P-2"), who, command, NotPermitted)
    assert asked(Programme(id="P-2"), LEADER, wide).villages == ("V0101", "V0201")
    refused(Programme(id="P-2"), LEADER, replace(MOVE, villages=("T01",)), Invalid)
    refused(PROPOSED, CLERK, MOVE, WrongStatus)


def test_another_than_who_proposed_approves() -> None:
    refused(PROPOSED, CLERK, ApproveProgramme(), NotPermitted)
    refused(PROPOSED, "head:T02", ApproveProgramme(), NotPermitted)
    refused(asked(Programme(id="P-2"), HEAD, MOVE), HEAD, ApproveProgramme(), NotPermitted)
    assert asked(PROPOSED, LEADER, ApproveProgramme()).approved_by == LEADER
    refused(APPROVED, LEADER, ApproveProgramme(), WrongStatus)
    refused(PROPOSED, CLERK, CompleteProgramme(outcome="all have moved"), WrongStatus)


def test_a_case_about_a_person_joins_no_programme_and_one_that_is_not_seen_is_not_there() -> None:
    refused(PROPOSED, CLERK, JOIN, ConflictOfInterest, {case_stream(CASE.id): ABOUT_SOMEBODY})
    about_the_clerk = replace(CASE, subjects=frozenset({HEAD}))
    refused(PROPOSED, CLERK, JOIN, NotFound, {case_stream(CASE.id): about_the_clerk})
    elsewhere = asked(Programme(id="P-2"), "clerk:T02", replace(MOVE, villages=("V0201",)))
    refused(elsewhere, "clerk:T02", JOIN, NotFound)
    refused(elsewhere, "clerk:T02", JoinHousehold(household="HH-1"), NotFound)
    refused(PROPOSED, "citizen:1", JOIN, NotFound)


@pytest.mark.parametrize(
    ("category", "remedy"), [("道路", Remedy.ROAD), ("住房", Remedy.RELOCATION), ("噪音", Remedy.OTHER)]
)
def test_a_category_suggests_its_remedy(category: str, remedy: Remedy) -> None:
    assert suggested(category) is remedy
