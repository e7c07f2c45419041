"""Whatever anybody does, in whatever order, with whatever time between: what must always hold.

A sequence is the life of two reports in the story's district: any official or citizen gives any command, most often one
that he may give now, and time passes. `SANJI_SEQUENCES` says how many sequences are tried (60 if it is not set).
"""

import os
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from itertools import product
from random import Random
from typing import Any

from hypothesis import HealthCheck, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from domain.case import Case, ConfirmDeadlines
from domain.case.gate import CaseCommand, may, sees
from domain.case.terms import Confidentiality, Grade, Kind, Status
from domain.decider import Act
from domain.refusals import NotFound, Refused
from domain.tests.always import CHECKS
from domain.tests.road import report
from domain.tests.samples import SUBJECTS, VARIATIONS
from domain.tests.story import ORG, POSTS, Story, actor, at

SEQUENCES = int(os.environ.get("SANJI_SEQUENCES", "60"))
PEOPLE = (*POSTS, "citizen:1", "citizen:2", "citizen:3")
ACTORS = {who: actor(who) for who in PEOPLE}
BY_VERB = {verb: [one for one in VARIATIONS if one.verb == verb] for verb in sorted({one.verb for one in VARIATIONS})}
RARE = {
    *("decline", "divert", "withdraw", "merge", "note", "attach", "link-household", "claim", "release", "correct"),
    *("urge", "supervise", "reclassify", "add-subject", "declare-conflict", "record-outcome", "decide-final-review"),
}
"""What ends a life early, or changes little."""

CHANCE = st.randoms(use_true_random=True)

tried: Counter[str] = Counter()


def accepted(command: CaseCommand, case: Case, act: Act) -> bool:
    try:
        return bool(list(command.decide(case, act)))
    except Refused:
        return False


class Lives(RuleBasedStateMachine):
    """Two reports of perhaps the same matter, and everybody in the district."""

    def __init__(self) -> None:
        super().__init__()
        self.now = at("03-03 09:00")
        self.story = Story()
        self.seen: dict[str, list[Case]] = {}

    @initialize(chance=CHANCE)
    def two_reports(self, chance: Random) -> None:
        confidentiality = chance.choice([None, None, None, Confidentiality.IDENTITY_HIDDEN, Confidentiality.SEALED])
        subjects = tuple(chance.sample(SUBJECTS, chance.choice([0, 0, 1])))
        grade, kinds = (
            chance.choice(list(Grade)),
            [chance.choice(list(Kind)), chance.choice([Kind.REQUEST, Kind.PETITION])],
        )
        for number, kind in enumerate(chance.sample(kinds, 2), 1):
            village = chance.choice([None, "V0101", "V0201"])
            secrecy = None if kind is Kind.ACCUSATION else confidentiality
            self.story = self.story.turn_to(f"case-{number}")
            command = report(village, kind, grade=grade, subjects=subjects, confidentiality=secrecy)
            self.does(f"citizen:{number}", command)

    @rule(chance=CHANCE)
    def somebody_does_what_he_may(self, chance: Random) -> None:
        for _ in range(25):
            self.passes(chance.choice([0, 1, 30, 60, 600, 1440, 2880]))
            self.story = self.story.turn_to(chance.choice(["case-1", "case-1", "case-2"]))
            verbs = [verb for verb in BY_VERB if self.story.case.status in BY_VERB[verb][0].when]
            likely = [verb for verb in verbs if verb not in RARE] * 15 + verbs
            found = self.possible(chance.choice(likely), chance) if likely else None
            if found:
                who, command = found
                note(f"{self.now} {self.story.case.id} {who}: {command}")
                self.asks(who, command)
                self.everything_is_as_it_must_be()

    def possible(self, verb: str, chance: Random) -> tuple[str, CaseCommand] | None:
        """Somebody who may do it to this case now, and how; all who may are equally likely."""
        acts = {who: self.story.act(ACTORS[who], self.now) for who in PEOPLE}
        tries = list(product(PEOPLE, BY_VERB[verb]))
        for who, command in chance.sample(tries, len(tries)):
            act = acts[who]
            if may(self.story.case, act, command.right(self.story.case, act)) and accepted(
                command, self.story.case, act
            ):
                return who, command
        return None

    @rule(who=st.sampled_from(PEOPLE), command=st.sampled_from(VARIATIONS), case=st.sampled_from(["case-1", "case-2"]))
    def anybody_does_anything(self, who: str, command: CaseCommand, case: str) -> None:
        self.story = self.story.turn_to(case)
        self.asks(who, command)

    @rule(first=st.integers(0, 3), second=st.sampled_from([1, 2, 7, 40]))
    def days_pass(self, first: int, second: int) -> None:
        """The timer may run late or punctually: it comes to the same."""
        later, last = self.now + timedelta(days=first), self.now + timedelta(days=first + second)
        punctual, late = self.story.until(later).until(last), self.story.until(last)
        assert [(one.at, one.event) for one in punctual.history] == [(one.at, one.event) for one in late.history]
        assert punctual.case == late.case
        self.now = last
        self.story = self.caught_up()

    @rule()
    def a_calendar_is_confirmed(self) -> None:
        self.does("system", ConfirmDeadlines())

    def passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)
        self.story = self.caught_up()

    def caught_up(self) -> Story:
        others = {case: other.until(self.now) for case, other in self.story.others.items()}
        return replace(self.story.until(self.now), others=others)

    def asks(self, who: str, command: CaseCommand) -> None:
        self.passes(0)
        case, act = self.story.case, self.story.act(actor(who), self.now)
        concerned = ORG.tainted(act.by, case.subjects, self.now)
        visible = sees(case, act)
        assert not (concerned and visible), f"{who} knows of a case about {case.subjects}"
        try:
            self.does(who, command)
        except NotFound:
            tried["refused"] += 1
        except Refused:
            tried["refused"] += 1
            assert visible
        else:
            tried[command.verb] += 1
            assert visible

    def does(self, who: str, command: Any) -> None:
        self.story = self.story.decided(command, self.story.act(actor(who), self.now))
        self.story = self.caught_up()

    def stories(self) -> list[Story]:
        return [self.story, *self.story.others.values()]

    @invariant()
    def everything_is_as_it_must_be(self) -> None:
        for story in self.stories():
            if story.case.status is Status.UNKNOWN:
                continue
            self.seen.setdefault(story.case.id, []).append(story.case)
            for check in CHECKS:
                check(story, self.now)

    def teardown(self) -> None:
        """Every state ever seen is what a replay of the events up to its version gives; what one of them stops was running."""
        tried["sequences"] += 1
        for story in self.stories():
            replayed = {0: Case(id=story.case.id)}
            for recorded in story.history:
                running = {(one.kind, one.unit) for one in replayed[recorded.version - 1].clocks if one.running}
                assert {(one.kind, one.unit) for one in recorded.event.stops} <= running
                replayed[recorded.version] = replayed[recorded.version - 1].evolve(recorded)
            for case in self.seen.get(story.case.id, ()):
                assert case == replayed[case.version]


def test_whatever_anybody_does_the_rules_hold(capsys: Any) -> None:
    tried.clear()
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    run_state_machine_as_test(
        Lives,
        settings=settings(max_examples=SEQUENCES, stateful_step_count=12, suppress_health_check=checks),
    )
    commands = tried.total() - tried["sequences"] - tried["refused"]
    with capsys.disabled():
        print(
            f"\n{tried['sequences']} sequences: {commands} commands of {len(tried) - 2} kinds, {tried['refused']} refused"
        )
    assert tried["sequences"] >= SEQUENCES
