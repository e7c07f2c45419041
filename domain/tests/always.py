"""What must hold of a case at any time, whatever has been done to it."""

from collections import Counter
from datetime import datetime, timedelta

from domain.case import Lapse
from domain.case import events as e
from domain.case.clocks import ClockKind, ClockState
from domain.case.figures import waited
from domain.case.gate import sees
from domain.case.pausing import HANDLING
from domain.case.terms import HELD, OPEN, Grade, Status
from domain.decider import SYSTEM
from domain.org import Tier
from domain.rules.deadlines import Pause
from domain.tests.story import ORG, POSTS, Story, actor

RESTARTS = (
    e.Assigned,
    e.Escalated,
    e.Remanded,
    e.Reactivated,
    e.Reopened,
    e.ReviewDecided,
    e.FinalReviewDecided,
)
"""Nothing else starts a tier's clock."""

SENSE: dict[ClockKind, frozenset[Status]] = {
    ClockKind.INTAKE: frozenset({Status.REPORTED, Status.ACCEPTED}),
    ClockKind.NOTICE: OPEN,
    ClockKind.HOLD: HELD,
    ClockKind.FIRST_RESPONSE: HELD,
    ClockKind.DISPUTE_WINDOW: HELD,
    ClockKind.RULING: frozenset({Status.DISPUTED}),
    ClockKind.INFORMATION_WAIT: frozenset({Status.AWAITING_INFORMATION}),
    ClockKind.TASK: HELD,
    ClockKind.CALL_BACK: frozenset({Status.RESOLVED}),
    ClockKind.FEEDBACK_WINDOW: frozenset({Status.RESOLVED}),
    ClockKind.STATUTORY: HELD | {Status.ACCEPTED, Status.SUSPENDED},
    ClockKind.REVIEW_REQUEST: frozenset({Status.RESOLVED}),
    ClockKind.REVIEW_DECISION: frozenset({Status.UNDER_REVIEW}),
    ClockKind.FINAL_REQUEST: frozenset({Status.RESOLVED}),
    ClockKind.FINAL_DECISION: frozenset({Status.UNDER_REVIEW}),
}
"""In which statuses a clock of a kind may be running."""


EVERYBODY = [actor(who) for who in POSTS]

ENDED = frozenset({Status.CLOSED, Status.DECLINED, Status.DIVERTED, Status.WITHDRAWN, Status.MERGED, Status.FINALISED})


def length(pauses: tuple[Pause, ...]) -> timedelta:
    return sum((pause.end - pause.start for pause in pauses), timedelta())


def time_is_partitioned(story: Story, now: datetime) -> None:
    """Citizen time = intake + stays + follow-up waits + suspensions, for what was never merged."""
    case = story.case
    if not case.stays or "case.merged" in story.events():
        return
    end = case.resolved_at or case.ended_at or now
    stays = sum(((stay.left_at or now) - stay.entered_at for stay in case.stays), timedelta())
    listed = now - case.suspension.since if case.suspension else timedelta()
    assert case.reported_at is not None
    intake = case.stays[0].entered_at - case.reported_at
    waits = length(case.follow_up_waits) + length(case.suspensions) + listed
    assert end - case.reported_at == intake + stays + waits


def no_time_is_negative(story: Story, now: datetime) -> None:
    wait = waited(story.case, story.rules, now)
    assert min(wait.elapsed_s, wait.net_s, wait.work_s) >= 0


def history_runs_forward(story: Story, _now: datetime) -> None:
    instants = [recorded.at for recorded in story.history]
    assert instants == sorted(instants)
    assert [recorded.version for recorded in story.history] == list(range(1, len(instants) + 1))


def only_these_restart_a_hold(story: Story, _now: datetime) -> None:
    for recorded in story.history:
        if any(started.kind is ClockKind.HOLD for started in recorded.event.starts):
            assert isinstance(recorded.event, RESTARTS)


def one_stay_and_one_hold_at_a_time(story: Story, _now: datetime) -> None:
    case = story.case
    assert all(stay.left_at is not None for stay in case.stays[:-1])
    assert (case.stay is not None) is (case.status in HELD)
    running = Counter((one.kind, one.unit if one.kind is ClockKind.TASK else "") for one in case.clocks if one.running)
    assert max(running.values(), default=0) <= 1
    assert {task.unit for task in case.tasks} == {
        one.unit for one in case.clocks if one.running and one.kind is ClockKind.TASK
    } or case.status is Status.MERGED


def the_town_head_answers_at_village_and_town(story: Story, _now: datetime) -> None:
    for stay in story.case.stays:
        assert stay.tier is Tier.DISTRICT or stay.accountable == f"head:{stay.town}"


def clocks_make_sense(story: Story, _now: datetime) -> None:
    case = story.case
    for one in case.clocks:
        if one.running:
            assert case.status in SENSE[one.kind], f"{one.kind} runs while {case.status}"
        if one.running and one.state is ClockState.PAUSED:
            waiting = (
                case.status is Status.AWAITING_INFORMATION
                if one.kind in (*HANDLING, ClockKind.TASK)
                else case.hearing_since
            )
            assert waiting, f"{one.kind} stands still while {case.status}"
    if case.status in ENDED:
        assert case.next_deadline is None
    assert not (case.status is Status.SUSPENDED and case.grade is Grade.URGENT)
    if case.status in HELD:
        assert any(one.running and one.kind in (ClockKind.HOLD, ClockKind.STATUTORY) for one in case.clocks)


def the_timer_has_nothing_left_to_do(story: Story, now: datetime) -> None:
    assert story.case.next_deadline is None or story.case.next_deadline > now
    assert list(Lapse().decide(story.case, story.act(SYSTEM, now))) == []


def nobody_concerned_knows_of_it(story: Story, now: datetime) -> None:
    case = story.case
    if not case.subjects:
        return
    for one in EVERYBODY:
        if ORG.tainted(one, case.subjects, now):
            assert not sees(case, story.act(one, now))
    if ORG.unit_tainted("D-MASSWORK", case.subjects, now):
        return
    assert case.stay is None or not ORG.unit_tainted(case.stay.unit, case.subjects, now)
    assert not [one for one in case.clocks if one.running and ORG.unit_tainted(one.unit, case.subjects, now)]
    tasks = () if case.status is Status.MERGED else case.tasks
    assert not [task for task in tasks if ORG.unit_tainted(task.unit, case.subjects, now)]


CHECKS = (
    time_is_partitioned,
    no_time_is_negative,
    history_runs_forward,
    only_these_restart_a_hold,
    one_stay_and_one_hold_at_a_time,
    the_town_head_answers_at_village_and_town,
    clocks_make_sense,
    the_timer_has_nothing_left_to_do,
    nobody_concerned_knows_of_it,
)
