"""The quarterly sample: the system draws cases whose citizens are asked again, so that no unit chooses its judges.

The order in which they are drawn follows from the seed alone, so that anybody who knows the frame can draw it again. All
cases of households of key support are asked. Until the time for asking is over, the unit does not know who was drawn.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Self, assert_never

from domain.assessment.gate import may, own
from domain.case.terms import Satisfaction
from domain.decider import Act, Entry, Recorded, altered, command, event
from domain.ids import Id
from domain.org import Role
from domain.refusals import Invalid, NotFound, NotPermitted, TooLate, WrongStatus

NO_SUCH_SAMPLE = ("there is no such sample", "没有这份抽样")


@event("sample.drawn")
class Drawn:
    """These cases of the unit and quarter are asked. `frame_digest` is that of all it was drawn from, in order of id."""

    seed: str
    frame_digest: str
    frame_size: int
    cases: tuple[str, ...]
    mandatory: tuple[str, ...]
    """Those of the cases that were asked anyhow, for their households' sake."""
    open_until: datetime
    policy: str


@event("sample.answered")
class Answered:
    """What the citizen said when he was asked independently; nothing, where nobody answered."""

    case: str
    solved: bool | None
    satisfaction: Satisfaction | None


SampleEvent = Drawn | Answered


@dataclass(frozen=True, kw_only=True)
class Sample:
    """`id` is the unit and the quarter: `T01:2025-Q1`."""

    id: str
    version: int = 0
    drawn: Drawn | None = None
    answers: Mapping[str, Answered] = field(default_factory=dict)

    @property
    def unit(self) -> str:
        return self.id.rpartition(":")[0]

    @property
    def year(self) -> int:
        return int(self.id.rpartition(":")[2][:4])

    def evolve(self, recorded: Recorded[SampleEvent], /) -> Self:
        match event := recorded.event:
            case Drawn():
                return altered(self, version=recorded.version, drawn=event)
            case Answered():
                return altered(self, version=recorded.version, answers={**self.answers, event.case: event})
            case _:
                assert_never(event)


@command
class Draw:
    """Draw from a frame: what was put to citizens in the quarter, and what of it is asked anyhow. Done once."""

    seed: str
    frame: tuple[str, ...]
    mandatory: tuple[str, ...]
    drawn_at: datetime
    open_until: datetime

    def decide(self, sample: Sample, act: Act, /) -> Iterator[Entry[Drawn]]:
        if sample.drawn is not None or not self.frame:
            return
        frame, anyhow = sorted(self.frame), sorted(self.mandatory)
        others = in_order(self.seed, set(frame) - set(anyhow))
        drawn = Drawn(
            seed=self.seed,
            frame_digest=sha256("\n".join(frame).encode()).hexdigest(),
            frame_size=len(frame),
            cases=(*anyhow, *others[: act.rules.policy.assessment.sample_size]),
            mandatory=tuple(anyhow),
            open_until=self.open_until,
            policy=act.rules.policy_label,
        )
        yield Entry(event=drawn, at=self.drawn_at)


def in_order(seed: str, frame: Iterable[str]) -> list[str]:
    """The frame as the seed shuffles it."""
    return sorted(frame, key=lambda case: sha256(f"{seed}|{case}".encode()).digest())


@command
class AnswerSample:
    """Write down what a citizen who was drawn says; without `solved`, that he could not be reached."""

    case: Id
    solved: bool | None = None
    satisfaction: Satisfaction | None = None

    def decide(self, sample: Sample, act: Act, /) -> Iterator[Answered]:
        if not may(sample.unit, act, "answer-sample"):
            if reads(sample, act):
                raise NotPermitted("this needs another post", "您的岗位无权进行此操作")
            raise NotFound(*NO_SUCH_SAMPLE)
        if sample.drawn is None or self.case not in sample.drawn.cases:
            raise NotFound("this case was not drawn", "该事项未被抽中")
        if act.at >= sample.drawn.open_until:
            raise TooLate("the time for asking is over", "抽样回访期已结束")
        if (before := sample.answers.get(self.case)) is not None and before.solved is not None:
            raise WrongStatus("he has answered", "该抽样已有答复")
        if self.solved is None and self.satisfaction is not None:
            raise Invalid("nobody answered, so nothing was said", "无人应答时不得填写评价")
        yield Answered(case=self.case, solved=self.solved, satisfaction=self.satisfaction)


def reads(sample: Sample, act: Act) -> bool:
    """Whether the sample is there for him: for the unit itself, only once nobody is asked any more."""
    if sample.drawn is None:
        return False
    revealed = act.at >= sample.drawn.open_until
    theirs = any(post.role is not Role.INTEGRATOR and own(act, post, sample.unit) for post in act.by.posts)
    return may(sample.unit, act, "read-sample") or (revealed and theirs)
