"""How a case is resolved, and closed."""

from collections.abc import Iterator
from typing import Annotated

from annotated_types import MaxLen, MinLen

from domain.case import events as e
from domain.case.clocks import CITIZEN, OF_A_STAY, ClockKind, ClockState, Started, Stopped, running, start, stop
from domain.case.gate import CaseCommand
from domain.case.stand_in import calling_back
from domain.case.state import Case
from domain.case.terms import WORKABLE, Kind, Outcome, Proof
from domain.decider import SYSTEM, Act, Entry, command
from domain.refusals import Invalid

OPINIONS = ("decision", "opinion", "决定书", "意见书")
"""A proof whose kind says one of these is a written opinion; a reply is one, too."""

DONE = (ClockKind.HOLD, ClockKind.STATUTORY, ClockKind.NOTICE)
"""What a resolution meets; the answer is the notice, where none was given before: our choice."""


@command
class Resolve(CaseCommand):
    """Say that it is settled, with at least one proof. Signed by the accountable, for whom his unit's officers act.

    The citizen is asked next; a petitioner may have it reviewed instead.
    """

    verb = "resolve"
    when = WORKABLE

    outcome: Outcome
    proof: Annotated[tuple[Proof, ...], MinLen(1), MaxLen(50)]
    reply: Annotated[str, MaxLen(8000)] | None = None

    def rule(self, case: Case, act: Act, /) -> Iterator[e.Resolved]:
        policy = act.rules.policy
        if len(self.proof) < policy.limits.proofs:
            raise Invalid(f"a resolution needs {policy.limits.proofs} proofs", "办结证明材料数量不足")
        if case.kind is Kind.PETITION:
            starts = [start(ClockKind.REVIEW_REQUEST, CITIZEN, policy.review_request(), act)]
        else:
            window = start(ClockKind.FEEDBACK_WINDOW, CITIZEN, policy.feedback_window(), act)
            starts = [call_back(case, act), window]
        others = [kind for kind in OF_A_STAY if kind not in DONE]
        yield e.Resolved(
            outcome=self.outcome,
            proof=self.proof,
            reply=self.reply,
            signed_by=act.org.head_of(case.stays[-1].unit, act.at),
            unreasoned=self.outcome is Outcome.NOT_SUPPORTED and not self._written(),
            stops=(
                *stop(running(case.clocks, *DONE), act),
                *stop(running(case.clocks, *others), act, ClockState.LEFT),
            ),
            starts=tuple(starts),
        )

    def _written(self) -> bool:
        return bool(self.reply and self.reply.strip()) or any(
            word in one.kind.lower() for one in self.proof for word in OPINIONS
        )


def call_back(case: Case, act: Act) -> Started:
    return start(ClockKind.CALL_BACK, calling_back(case, act), act.rules.policy.call_back(case.grade), act)


def closed(reason: str, stops: tuple[Stopped, ...] = ()) -> Entry[e.Closed]:
    return Entry(by=SYSTEM.id, event=e.Closed(reason=reason, stops=stops))
