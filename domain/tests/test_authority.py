"""Who may do what: every cell of the authority table, and that a denied command leaves nothing behind.

A cell is a right, a role (or nobody: a citizen holds no post) and a relation to the case, open or sealed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from itertools import product

import pytest

from domain.case import COMMANDS
from domain.case.gate import CaseCommand, may, sees
from domain.case.handling import Assign
from domain.case.intake import Divert
from domain.case.joint import Convene, Task
from domain.case.state import Case
from domain.case.terms import Confidentiality, Ground
from domain.case.tiers import Escalate
from domain.decider import Act, Actor
from domain.org import Official, Post, Role, Unit, UnitKind
from domain.refusals import NotFound, NotPermitted
from domain.rules.authority import (
    ANYONE,
    AUTHORITY,
    IMPORT,
    READ,
    READ_ACCESS_LOG,
    READ_SCORECARDS,
    SEALED_RELATIONS,
    WEBHOOK,
    Relation,
)
from domain.tests.road import assigned_to, report
from domain.tests.samples import SAMPLES
from domain.tests.story import ORG, Step, Story, at, given

COURT = Unit(id="COURT", name="Court", kind=UnitKind.BODY)
HERE = replace(ORG, units={**ORG.units, COURT.id: COURT})
NOW = at("03-04 09:00")
ROLES: tuple[Role | None, ...] = (*Role, None)
UP = Escalate(unit="D-TRANSPORT", ground=Ground.BEYOND_MEANS, tried=("all",))
LEAD = Convene(lead="D-TRANSPORT", tasks=(Task(unit="T02-LAND", task="Dig"),))


@dataclass(frozen=True)
class Standing:
    """A case, where somebody's post is, and all the relations in which that post stands to the case."""

    case: Case
    unit: str
    relations: frozenset[Relation]
    who: str = "somebody"

    def actor(self, role: Role | None) -> Actor:
        posts = () if role is None else (Post(unit=self.unit, role=role, since=date(2020, 1, 1)),)
        return Actor(id=self.who, posts=posts)

    def act(self, role: Role | None) -> Act:
        return replace(Story().act(self.actor(role), NOW), org=HERE, others={"case-2": self.case})


@cache
def standings() -> Mapping[Relation, Standing]:
    """Each relation, with as few others as there can be. What holds is written by hand, not asked of the code."""
    elsewhere = assigned_to("D-TRANSPORT").case
    reported = given(Step("03-03 09:00", "citizen:1", report()))
    diverted = given(
        Step("03-03 09:00", "citizen:1", report("V0101")),
        Step("03-03 09:10", "dispatcher", Divert(to="COURT", basis="law")),
        story=replace(Story(), org=HERE),
    )
    tasked = assigned_to("D-TRANSPORT").step_by("03-03 10:00", "leader:D-TRANSPORT", LEAD)

    def of(case: Case, unit: str, *relations: Relation, who: str = "somebody") -> Standing:
        return Standing(case, unit, frozenset({*relations, Relation.ANYWHERE}), who)

    return {
        Relation.HOLDS: of(assigned_to("T02").case, "T02", Relation.HOLDS, Relation.HELD),
        Relation.ABOVE: of(assigned_to("V0201").case, "T02", Relation.ABOVE),
        Relation.HELD: of(assigned_to("T02").step_by("03-03 10:00", "head:T02", UP).case, "T02", Relation.HELD),
        Relation.AREA: of(assigned_to("D-TRANSPORT", village="V0101").case, "T01", Relation.AREA),
        Relation.UNPLACED: of(reported.case, "T02", Relation.UNPLACED),
        Relation.TASKED: of(tasked.case, "T02-LAND", Relation.TASKED),
        Relation.DIVERTED: of(diverted.case, "COURT", Relation.DIVERTED),
        Relation.REPORTED: of(elsewhere, "COURT", Relation.REPORTED, who="citizen:1"),
        Relation.MASS_WORK: of(elsewhere, "D-MASSWORK", Relation.MASS_WORK),
        Relation.DISPATCH: of(elsewhere, "D-DISPATCH", Relation.DISPATCH),
        Relation.FOLLOW_UP: of(elsewhere, "D-FOLLOWUP", Relation.FOLLOW_UP),
        Relation.DISCIPLINE: of(elsewhere, "D-DISCIPLINE", Relation.DISCIPLINE),
        Relation.REVIEW: of(elsewhere, "D-GOV", Relation.REVIEW),
        Relation.FINAL_REVIEW: of(elsewhere, "CITY-GOV", Relation.FINAL_REVIEW),
        Relation.ANYWHERE: of(elsewhere, "COURT"),
    }


def granted(right: str, role: Role | None, standing: Standing, *, sealed: bool = False) -> bool:
    """What the table says of somebody who stands like that."""
    row = AUTHORITY[right]
    if Relation.REPORTED in standing.relations & row.get(ANYONE, frozenset()):
        return True
    if role is None or (sealed and role is not Role.AUDITOR and not standing.relations & SEALED_RELATIONS):
        return False
    return bool(standing.relations & row.get(role, frozenset()))


def name(role: Role | None) -> str:
    return role or "nobody"


CELLS = len(AUTHORITY) * len(ROLES) * len(Relation) * 2


def test_the_table_has_this_many_cells_and_a_standing_for_every_relation() -> None:
    assert standings().keys() == set(Relation)
    assert CELLS == 67 * 17 * 15 * 2 == 34_170


@pytest.mark.parametrize("right", AUTHORITY)
def test_the_gate_says_exactly_what_the_table_says(right: str) -> None:
    for (relation, standing), role in product(standings().items(), ROLES):
        act, whose = standing.act(role), f"{name(role)}, {relation}"
        assert may(standing.case, act, right) is granted(right, role, standing), whose
        sealed = replace(standing.case, confidentiality=Confidentiality.SEALED)
        assert may(sealed, act, right) is granted(right, role, standing, sealed=True), f"sealed, {whose}"


@pytest.mark.parametrize("right", sorted(AUTHORITY.keys() - {IMPORT, READ, READ_SCORECARDS, WEBHOOK}))
def test_whoever_may_do_something_may_see_what_he_does_it_to(right: str) -> None:
    for relation, standing in standings().items():
        for role in ROLES:
            if granted(right, role, standing):
                assert granted(READ, role, standing), f"{name(role)}, {relation}"


def test_there_is_a_sample_of_every_command_and_a_row_for_each() -> None:
    assert {type(sample) for sample in SAMPLES} == set(COMMANDS)
    assert len({command.verb for command in COMMANDS}) == len(COMMANDS)
    asked = {
        sample.right(standing.case, standing.act(Role.ADMIN)) for sample in SAMPLES for standing in standings().values()
    }
    assert asked <= AUTHORITY.keys()
    verbs = {row.partition(":")[0] for row in AUTHORITY}
    others = {IMPORT, READ, READ_ACCESS_LOG, READ_SCORECARDS, WEBHOOK}
    assert verbs - {row.partition(":")[0] for row in asked} == others


@pytest.mark.parametrize("command", SAMPLES, ids=lambda command: command.verb)
def test_a_denied_command_yields_nothing(command: CaseCommand) -> None:
    denied = 0
    for standing in standings().values():
        for role in ROLES:
            act = standing.act(role)
            if granted(command.right(standing.case, act), role, standing):
                continue
            refusal = NotPermitted if granted(READ, role, standing) else NotFound
            with pytest.raises(refusal):
                next(command.decide(standing.case, act))
            denied += 1
    assert denied > 100


@pytest.mark.parametrize("command", SAMPLES, ids=lambda command: command.verb)
def test_for_somebody_concerned_the_case_does_not_exist_whatever_his_post(command: CaseCommand) -> None:
    for relation, standing in standings().items():
        colleague = Official(
            id="colleague", name="c", posts=(Post(unit=standing.unit, role=Role.CADRE, since=date(2020, 1, 1)),)
        )
        about = replace(standing.case, subjects=frozenset({"colleague"}))
        for role in Role:
            act = replace(standing.act(role), org=replace(HERE, officials={**HERE.officials, "colleague": colleague}))
            assert not sees(about, act), relation
            with pytest.raises(NotFound):
                next(command.decide(about, act))


def test_who_collected_a_sealed_report_does_not_see_it_any_more() -> None:
    collected = given(Step("03-03 09:00", "cadre:V0101", report("V0201")))
    act = collected.act(Actor(id="cadre:V0101"), NOW)
    assert sees(collected.case, act)
    sealed = given(Step("03-03 09:00", "cadre:V0101", report("V0201", confidentiality=Confidentiality.SEALED)))
    stranger = replace(sealed.case, reporters=())
    assert not sees(stranger, act)


def test_nobody_sees_what_was_never_reported() -> None:
    for role in ROLES:
        act = standings()[Relation.ANYWHERE].act(role)
        assert not sees(Case(id="case-9"), act)
        with pytest.raises(NotFound):
            next(Assign(unit="T01").decide(Case(id="case-9"), act))
