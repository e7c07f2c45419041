"""Stories nobody thought up: at every step somebody does something that the rules allow."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

from domain.case import Case
from domain.case.handling import Assign
from domain.case.intake import Accept
from domain.case.joining import Merge, Unmerge
from domain.case.reporting import Report
from domain.case.terms import Basis, Confidentiality, Grade, Kind
from domain.refusals import Refused
from domain.tests.road import assigned_to, report
from domain.tests.samples import SAMPLES
from domain.tests.story import POSTS, Story, actor, at

ALONE = [command for command in SAMPLES if not isinstance(command, Merge | Unmerge)]
SELDOM = "decline divert withdraw urge supervise claim release correct add-subject declare-conflict link-household attach note"
PEOPLE = (*POSTS, "citizen:1", "citizen:2")
REPORTERS = ("cadre:V0101", "clerk:T01", "dispatcher", "citizen:1", "citizen:2")
VILLAGES = ("V0101", "V0102", "V0201", None, None)
ABOUT: tuple[tuple[str, ...], ...] = (*[()] * 6, ("head:V0101",), ("head:T01",), ("leader:D-TRANSPORT", "head:T02"))
PACES = [timedelta(minutes=5), timedelta(hours=1), timedelta(hours=8), timedelta(days=2), timedelta(days=7)]


def stories(seed: int, amount: int) -> Iterator[Story]:
    random = Random(seed)
    return (wandering(f"case-{number:03}", random) for number in range(amount))


def wandering(name: str, random: Random) -> Story:
    """A case that somebody reported, and what came of it in up to 20 steps."""
    now = at("03-03 08:00") + timedelta(minutes=random.randrange(60 * 24 * 10))
    story = Story(case=Case(id=name))
    story = story.decided(reported(random), story.act(actor(random.choice(REPORTERS)), now))
    for _ in range(random.randrange(20)):
        now += random.choice(PACES)
        story = something(story.until(now), random, now)
    return story


def joined_and_parted() -> Story:
    """Two reports of one matter that became one case, went up together, and stand alone again."""
    first = assigned_to("V0101", village="V0101")
    second = first.turn_to("case-2").step_by("03-04 10:00", "citizen:2", report("V0101"))
    second = second.step_by("03-04 10:10", "clerk:T01", Accept()).step_by(
        "03-04 10:20", "clerk:T01", Assign(unit="T01")
    )
    joined = second.step_by("03-04 11:00", "clerk:T01", Merge(into="case-1", basis=Basis.SAME_MATTER_OTHER_PERSON))
    return joined.until("03-08 00:00").step_by("03-08 09:00", "clerk:T01", Unmerge(reason="another pipe"))


def reported(random: Random) -> Report:
    kind = random.choice(tuple(Kind))
    return Report(
        title=f"Matter {random.randrange(5)}",
        kind=kind,
        village=random.choice(VILLAGES),
        grade=random.choice(tuple(Grade)),
        subjects=random.choice(ABOUT),
        confidentiality=Confidentiality.SEALED if random.random() < 0.1 else None,
    )


def something(story: Story, random: Random, now: datetime) -> Story:
    """The story after a command that somebody may give; the same story if nobody may do anything."""
    people = random.sample(PEOPLE, len(PEOPLE))
    commands = random.sample(ALONE, len(ALONE))
    commands.sort(key=lambda command: command.verb in SELDOM.split(), reverse=random.random() < 0.15)
    acts = [story.act(actor(who, moment=now), now) for who in people]
    for command in commands:
        for act in acts:
            try:
                return story.decided(command, act)
            except Refused:
                continue
    return story
