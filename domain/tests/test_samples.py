"""A sample in the domain: who is drawn, who asks those who were drawn, until when, and to whom it is there at all."""

from dataclasses import replace

import pytest

from domain.assessment.sample import AnswerSample, Draw, Drawn, Sample, in_order, reads
from domain.decider import Act
from domain.refusals import NotFound, NotPermitted, Refused, TooLate
from domain.tests.hanbin import RULES
from domain.tests.story import ORG, OpenVault, actor, at

OVER = at("05-04 00:00")
DRAWN = Drawn(
    seed="s",
    frame_digest="d",
    frame_size=1,
    cases=("case-1",),
    mandatory=(),
    open_until=OVER,
    policy="hanbin-default-1.1",
)
SAMPLE = Sample(id="T01:2025-Q1", version=1, drawn=DRAWN)
ANSWER = AnswerSample(case="case-1", solved=True)


def by(who: str, moment: str) -> Act:
    return Act(by=actor(who), at=at(moment), rules=RULES, org=ORG, vault=OpenVault())


def test_who_is_asked_anyhow_comes_first_and_of_the_others_as_many_as_the_policy_says() -> None:
    few = replace(RULES.policy, assessment=replace(RULES.policy.assessment, sample_size=2))
    act = replace(by("follow-up", "04-04 00:00"), rules=replace(RULES, policy=few))
    frame = tuple(f"case-{number}" for number in range(1, 6))
    draw = Draw(seed="s", frame=frame, mandatory=("case-5",), drawn_at=at("04-04 00:00"), open_until=OVER)
    [drawn] = draw.decide(Sample(id="T01:2025-Q1"), act)
    assert drawn.event.cases == ("case-5", *in_order("s", frame[:4])[:2])
    assert (drawn.event.frame_size, drawn.at) == (5, at("04-04 00:00"))
    [again] = replace(draw, frame=frame[::-1]).decide(Sample(id="T01:2025-Q1"), act)
    assert again == drawn, "in whatever order they come"
    assert list(draw.decide(SAMPLE, act)) == [], "once is enough"
    assert list(replace(draw, frame=()).decide(Sample(id="T01:2025-Q1"), act)) == []


@pytest.mark.parametrize(
    ("who", "before", "after"),
    [
        ("follow-up", True, True),
        ("auditor", True, True),
        ("head:T01", False, True),
        ("officer:T01-LAND", False, True),
        ("head:T02", False, False),
        ("head:V0101", False, False),
        ("gateway", False, False),
        ("citizen:1", False, False),
    ],
)
def test_for_the_unit_it_is_there_once_nobody_is_asked_any_more(who: str, before: bool, after: bool) -> None:
    assert reads(SAMPLE, by(who, "05-03 23:59:59")) is before
    assert reads(SAMPLE, by(who, "05-04 00:00")) is after
    assert not reads(replace(SAMPLE, drawn=None), by(who, "05-04 00:00")), "nothing was drawn"


@pytest.mark.parametrize(
    ("who", "moment", "case", "refusal"),
    [
        ("follow-up", "05-04 00:00", "case-1", TooLate),
        ("follow-up", "05-03 09:00", "case-2", NotFound),
        ("auditor", "05-03 09:00", "case-1", NotPermitted),
        ("head:T01", "05-03 09:00", "case-1", NotFound),
        ("head:T01", "05-04 09:00", "case-1", NotPermitted),
    ],
)
def test_what_is_refused(who: str, moment: str, case: str, refusal: type[Refused]) -> None:
    with pytest.raises(refusal):
        list(replace(ANSWER, case=case).decide(SAMPLE, by(who, moment)))
    assert list(ANSWER.decide(SAMPLE, by("follow-up", "05-03 23:59:59")))
    with pytest.raises(NotFound):
        list(ANSWER.decide(replace(SAMPLE, drawn=None), by("follow-up", "05-03 09:00")))
