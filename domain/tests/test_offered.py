"""What is asked of a case in vain, whatever one says, makes no sense and is not offered."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.case import COMMANDS
from domain.case.handling import Transfer
from domain.case.intake import ChallengeDecline, DecideChallenge, Decline
from domain.case.review import StartHearing
from domain.case.terms import DeclineReason
from domain.case.timing import RequestExtension
from domain.refusals import Refused
from domain.rules.deadlines import Pause
from domain.tests.road import assigned_to, report, resolved
from domain.tests.story import Story, actor, at, play
from domain.tests.test_review import answered, finally_reviewing, reviewing, upheld


def passed_on_twice() -> Story:
    there, back = Transfer(unit="T02"), Transfer(unit="T01")
    return play(assigned_to("T01"), [("03-04 10:00", "head:T01", there), ("03-04 11:00", "head:T02", back)])


def declined() -> Story:
    """The dispatcher's refusal was challenged, and the challenge upheld."""
    return play(
        Story(),
        [
            ("03-03 09:00", "citizen:1", report()),
            ("03-03 10:00", "dispatcher", Decline(reason=DeclineReason.OUTSIDE_AREA)),
            ("03-03 11:00", "citizen:1", ChallengeDecline(reason="the pipe is ours")),
            ("03-03 14:00", "adjudicator", DecideChallenge(upheld=True)),
        ],
    )


def pending_for(days: int) -> Story:
    """It was on the pending list for so long before."""
    story = assigned_to("D-TRANSPORT")
    spent = Pause(start=at("03-03 09:00") - timedelta(days=days), end=at("03-03 09:00"))
    return replace(story, case=replace(story.case, suspensions=(spent,)))


def more_time() -> Story:
    asked = RequestExtension(days=2, reason="snow", petitioner_told=True)
    return assigned_to("T01").step_by("03-04 10:00", "head:T01", asked)


def hearing() -> Story:
    return reviewing().step_by("04-11 10:00", "reviewer", StartHearing())


def sensible(story: Story, moment: str, by: str, verb: str) -> bool:
    [kind] = [one for one in COMMANDS if one.verb == verb]
    story = story.until(moment)
    try:
        kind.sensible(story.case, story.act(actor(by), at(moment)))
    except Refused:
        return False
    return True


@pytest.mark.parametrize(
    ("story", "moment", "by", "verb"),
    [
        (passed_on_twice(), "03-04 12:00", "head:T01", "transfer"),
        (more_time(), "03-04 12:00", "head:T01", "request-extension"),
        (assigned_to("D-TRANSPORT"), "03-25 00:00", "officer:D-TRANSPORT", "request-extension"),
        (assigned_to("V0101"), "03-04 12:00", "adjudicator", "remand"),
        (declined(), "03-03 15:00", "dispatcher", "decline"),
        (pending_for(365), "03-04 12:00", "leader:D-TRANSPORT", "suspend"),
        (resolved(), "03-06 12:00", "citizen:1", "request-review"),
        (answered(), "05-07 00:00", "citizen:1", "request-review"),
        (answered(), "04-02 12:00", "citizen:1", "request-final-review"),
        (upheld(), "04-30 12:00", "citizen:1", "request-review"),
        (hearing(), "04-11 12:00", "reviewer", "decide-review"),
        (finally_reviewing(), "05-13 12:00", "reviewer", "decide-review"),
        (reviewing(), "04-11 12:00", "final-reviewer", "decide-final-review"),
        (reviewing(), "04-11 12:00", "reviewer", "end-hearing"),
        (hearing(), "04-11 12:00", "reviewer", "start-hearing"),
    ],
)
def test_what_is_asked_in_vain_is_not_offered(story: Story, moment: str, by: str, verb: str) -> None:
    assert not sensible(story, moment, by, verb)


@pytest.mark.parametrize(
    ("story", "moment", "by", "verb"),
    [
        (assigned_to("T01"), "03-04 12:00", "head:T01", "transfer"),
        (assigned_to("T01"), "03-04 12:00", "head:T01", "request-extension"),
        (assigned_to("T01"), "03-04 12:00", "adjudicator", "remand"),
        (declined(), "03-03 15:00", "clerk:D-DISPATCH", "decline"),
        (pending_for(364), "03-04 12:00", "leader:D-TRANSPORT", "suspend"),
        (answered(), "05-06 23:59:59", "citizen:1", "request-review"),
        (upheld(), "04-30 12:00", "citizen:1", "request-final-review"),
        (reviewing(), "04-11 12:00", "reviewer", "decide-review"),
        (finally_reviewing(), "05-13 12:00", "final-reviewer", "decide-final-review"),
        (hearing(), "04-11 12:00", "reviewer", "end-hearing"),
    ],
)
def test_what_may_come_of_it_is_offered(story: Story, moment: str, by: str, verb: str) -> None:
    assert sensible(story, moment, by, verb)
