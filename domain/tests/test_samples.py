"""A sample in the domain: who asks those who were drawn, until when, and to whom it is there at all."""

from dataclasses import replace

import pytest

from domain.assessment.sample import AnswerSample, Drawn, Sample, reads
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
