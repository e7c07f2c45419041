"""Whatever is asked of some households, in whatever order, with whatever time between: what must always hold of them.

Nobody has two helpers or too many households; whoever of key support has no helper stands on the board; and the class
follows from the facts and the ruleset, unless people decided it, which stands until something new is found.
"""

import os
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, Phase, note, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import Engine, create_engine, delete

from domain.decider import Actor
from domain.household import (
    Contest,
    DecideContest,
    HandOver,
    Household,
    PostNotice,
    RecordFacts,
    RecordVisit,
    RegisterHousehold,
    StartPairing,
    classes,
)
from domain.household.classification import classify
from domain.household.decisions import OverrideClass, SignOverride
from domain.household.events import PairingEnded
from domain.household.pairing import EndPairing, taken_on
from domain.household.terms import Hardship, HardshipKind, HouseholdClass, Protected
from domain.household.terms import Home as Dwelling
from domain.org import Post, Role
from domain.refusals import Refused
from domain.streams import helper_stream
from domain.tests.hanbin import RULES
from domain.tests.home import Home
from domain.tests.story import actor, at
from projections.following.bulk import upsert
from projections.following.schema import metadata
from projections.register import pairs
from projections.register.households import household_file, row

SEQUENCES = int(os.environ.get("SANJI_SEQUENCES", "100")) // 4
HOMES = ("HH-1", "HH-2", "HH-3", "HH-4")
CADRE, VILLAGE_HEAD, HEAD = "cadre:V0101", "head:V0101", "head:T01"
HELPERS = (CADRE, "officer:T01-LAND")
ILL = (Hardship(kind=HardshipKind.ILLNESS, severity=3),)
WELL = RecordFacts(members=4, income_per_head=20000)
LIVES = (
    RecordFacts(members=4, income_per_head=3400, debt_total=26000),
    replace(WELL, income_per_head=8000),
    replace(WELL, income_per_head=8000, hardships=ILL),
    replace(WELL, hardships=ILL),
    replace(WELL, housing=Dwelling.LOST),
    replace(WELL, protected=Protected.FIVE_GUARANTEES),
    replace(WELL, protected=Protected.NONE),
    WELL,
)
HELPING = RULES.policy.helping
CAP = HELPING.quotas.ordinary * HELPING.quotas.soft_cap_pct // 100
READER = Actor(id="admin", posts=(Post(unit="D", role=Role.ADMIN, since=at("2024-01-01 00:00").date()),))

home, helper, of_class = st.sampled_from(HOMES), st.sampled_from(HELPERS), st.sampled_from(HouseholdClass)


class Village(RuleBasedStateMachine):
    """Four households of one village, and those who may help them."""

    engine: ClassVar[Engine]
    start: ClassVar[type[StartPairing]] = StartPairing
    kept = staticmethod(row)

    def __init__(self) -> None:
        super().__init__()
        self.now = at("01-06 09:00")
        self.homes = {id: Home(household=Household(id=id)) for id in HOMES}

    @initialize()
    def registered(self) -> None:
        for id in HOMES:
            self.asks(id, CADRE, RegisterHousehold(village="V0101"))

    @rule(days=st.sampled_from([1, 8, 16, 95, 190, 370]))
    def time_passes(self, days: int) -> None:
        self.now += timedelta(days=days)
        self.homes = {id: one.until(self.now) for id, one in self.homes.items()}

    @rule(id=home, told=st.sampled_from(LIVES))
    def it_lives_like_this(self, id: str, told: RecordFacts) -> None:
        self.asks(id, CADRE, told)

    @rule(id=home, who=helper)
    def somebody_begins_to_help(self, id: str, who: str) -> None:
        self.asks(id, HEAD, self.start(helper=who))

    @rule(id=home, who=helper)
    def another_takes_over(self, id: str, who: str) -> None:
        self.asks(id, HEAD, HandOver(helper=who))

    @rule(id=home)
    def the_help_ends(self, id: str) -> None:
        self.asks(id, HEAD, EndPairing())

    @rule(id=home, to=of_class)
    def the_meeting_decides(self, id: str, to: HouseholdClass) -> None:
        self.asks(id, VILLAGE_HEAD, OverrideClass(to=to, minutes="no. 7", reason="seen by all"))
        self.asks(id, HEAD, SignOverride(to=to, minutes="no. 7"))

    @rule(id=home, to=st.none() | of_class)
    def its_class_is_contested(self, id: str, to: HouseholdClass | None) -> None:
        self.asks(id, CADRE, Contest(reason="it is wrong"))
        self.asks(id, HEAD, DecideContest(upheld=to is not None, reason="seen", to=to))

    @rule(id=home)
    def it_leaves_its_class_the_slow_way(self, id: str) -> None:
        self.asks(id, CADRE, WELL)
        self.time_passes(95)
        self.asks(id, CADRE, RecordVisit(met=("son",), countersigned=True))
        self.asks(id, CADRE, WELL)
        self.asks(id, CADRE, PostNotice(ends=self.now + timedelta(days=8)))

    def asks(self, id: str, who: str, command: Any) -> None:
        self.now += timedelta(minutes=1)
        one = self.homes[id].until(self.now)
        try:
            after = one.asked(self.now, actor(who), command)
        except Refused:
            after = one
        else:
            note(f"{self.now} {id} {who}: {command}")
        self.homes = {other: replace(home, others=after.others) for other, home in self.homes.items()} | {id: after}

    @invariant()
    def nobody_has_two_helpers_or_too_many_households(self) -> None:
        for who in HELPERS:
            helped = {id for id, one in self.homes.items() if one.household.helper == who}
            known = self.homes["HH-1"].others.get(helper_stream(who))
            assert (known.households if known else set()) == helped
            assert len(helped) <= CAP

    @invariant()
    def whoever_has_no_helper_stands_on_the_board(self) -> None:
        households = [one.household for one in self.homes.values() if one.household.version]
        with self.engine.begin() as db:
            db.execute(delete(household_file))
            upsert(db, household_file, [self.kept(one, 1) for one in households])
            board = pairs.board(db, self.homes["HH-1"].act(READER, self.now))
        waiting = {one.id: self.alone_since(one) for one in households if priority(one) and one.helper is None}
        assert {one.household for one in board.unpaired} == set(waiting)
        late = timedelta(days=HELPING.unpaired_nd)
        assert {one.household for one in board.unpaired if one.overdue} == {
            id for id, since in waiting.items() if since is not None and since + late <= self.now
        }

    def alone_since(self, household: Household) -> datetime | None:
        """Since it is in need, or since its last helper ended."""
        ended = [one.at for one in self.homes[household.id].history if isinstance(one.event, PairingEnded)]
        return max(filter(None, (household.since, *ended)), default=None)

    @invariant()
    def the_class_follows_from_the_facts_and_the_ruleset_or_from_a_decision_that_stands(self) -> None:
        for one in self.homes.values():
            household = one.household
            if household.override is not None:
                assert household.klass is household.override.to
            if household.facts is None:
                continue
            found = given(household, self.now)
            assert household.decided_on is not None or household.klass.need >= found.need
            again = one.asked(self.now, actor(CADRE), the_same(household))
            assert again.household.klass is household.klass, "the same facts are no news"

    def teardown(self) -> None:
        for id, one in self.homes.items():
            replayed = Household(id=id)
            for recorded in one.history:
                replayed = replayed.evolve(recorded)
            assert replayed == one.household


def priority(household: Household) -> bool:
    return household.klass is HouseholdClass.PRIORITY


def given(household: Household, now: datetime) -> HouseholdClass:
    assert household.facts is not None
    since = {"lost_since": household.lost_since, "left_priority_at": household.left_priority_at}
    return classify(household.facts, HELPING, now, **since).gives


def the_same(household: Household) -> RecordFacts:
    assert household.facts is not None
    return RecordFacts(**{name: getattr(household.facts, name) for name in household.facts.__dataclass_fields__})


@pytest.fixture(scope="module", autouse=True)
def engine() -> Any:
    Village.engine = create_engine("sqlite://")
    metadata.create_all(Village.engine)
    yield
    Village.engine.dispose()


def tried(village: type[Village], *phases: Phase, sequences: int = SEQUENCES) -> None:
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    more: dict[str, Any] = {
        "stateful_step_count": 15,
        "suppress_health_check": checks,
        "database": None,
    }
    if phases:
        more["phases"] = phases
    run_state_machine_as_test(village, settings=settings(max_examples=sequences, **more))


def test_whatever_is_asked_of_them_the_rules_hold() -> None:
    tried(Village)


def test_the_control_a_second_helper_is_noticed() -> None:
    class Careless(StartPairing):
        @classmethod
        def sensible(cls, _household: Household, _act: Any, /) -> None:
            pass

        def rule(self, household: Household, _act: Any, /) -> Any:
            yield taken_on(self.helper, household)

    class Broken(Village):
        start = Careless

    with pytest.raises(AssertionError):
        tried(Broken, Phase.generate)


def test_the_control_a_board_that_forgets_is_noticed() -> None:
    class Broken(Village):
        @staticmethod
        def kept(household: Household, position: int) -> dict[str, Any]:
            return row(household, position) | {"unpaired": 0}

    with pytest.raises(AssertionError):
        tried(Broken, Phase.generate)


def test_the_control_facts_that_overrule_a_decision_without_news_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    @seed(4)
    class Broken(Village):
        """Begun with this number it is found soon; with another it may take a hundred times as long."""

    monkeypatch.setattr(classes, "news", lambda *_: True)
    with pytest.raises(AssertionError, match="no news"):
        tried(Broken, Phase.generate, sequences=1000)
