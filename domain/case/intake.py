"""What becomes of a report: accepted, or declined or diverted, and what the citizen can do about a refusal."""

from collections.abc import Iterable, Iterator
from typing import Annotated

from annotated_types import MaxLen

from domain.case import events as e
from domain.case.clocks import ClockKind, ClockState, Moved, Started, Stopped, running, start, stop
from domain.case.custody import handed_over, kept_secret, on_duty, triaging
from domain.case.gate import CaseCommand, grading, sealed_from_the_start
from domain.case.homes import fitting_grade, home_of, homes
from domain.case.outcome import closed
from domain.case.reporting import NOTICED, notice, placed
from domain.case.state import Case
from domain.case.terms import DeclineReason, Grade, Kind, Status, Words
from domain.case.urgency import hurried
from domain.decider import SYSTEM, Act, Entry, command
from domain.ids import Id
from domain.org import Duty
from domain.refusals import Invalid, LimitReached, NotPermitted, WrongStatus

TRIAGE = (ClockKind.INTAKE, ClockKind.NOTICE)


@command
class Accept(CaseCommand):
    """Take the matter on, as this kind and grade. A petition's 60 days start here (art. 34).

    A lower grade than it has by now takes the dispatcher, like lowering it afterwards.
    """

    verb = "accept"
    when = frozenset({Status.REPORTED})

    kind: Kind | None = None
    grade: Grade | None = None
    category: Words | None = None
    village: Id | None = None
    written_notice: bool = False

    def right(self, case: Case, _act: Act, /) -> str:
        return grading(case, self.grade, self.verb)

    def also(self, case: Case, /) -> tuple[str, ...]:
        return homes(case.household)

    def rule(self, case: Case, act: Act, /) -> Iterator[e.Accepted]:
        kind, grade, village = self.kind or case.kind, self.grade or case.grade, self.village or case.village
        sealed_from_the_start(case, kind)
        town = placed(village, act) if village else None
        unit = triaging(village, case.subjects, act, sealed=case.sealed)
        stops = self._notice_stopped(case, kind, act)
        category = self.category or case.category
        grade = fitting_grade(grade, category, home_of(case.household, act))
        yield e.Accepted(
            kind=kind,
            grade=grade,
            category=category,
            village=village,
            town=town,
            written_notice=self.written_notice,
            starts=(*self._notice_started(case, kind, unit, act), *statutory(kind, unit, act)),
            stops=stops,
            moves=(*hurried(case, kind, grade, act), *triage_clocks_to(case, unit, stops)),
        )

    def _notice_stopped(self, case: Case, kind: Kind, act: Act) -> tuple[Stopped, ...]:
        owed = running(case.clocks, ClockKind.NOTICE)
        if self.written_notice:
            return stop(owed, act)
        return () if kind in NOTICED else stop(owed, act, ClockState.LEFT)

    def _notice_started(self, case: Case, kind: Kind, unit: str, act: Act) -> tuple[Started, ...]:
        owed_already = any(clock.kind is ClockKind.NOTICE for clock in case.clocks)
        if owed_already or self.written_notice:
            return ()
        return notice(kind, unit, case.subjects, case.reported_at, act)


def statutory(kind: Kind, unit: str, act: Act) -> tuple[Started, ...]:
    if kind is not Kind.PETITION:
        return ()
    return (start(ClockKind.STATUTORY, unit, act.rules.policy.statutory(), act),)


def triage_clocks_to(case: Case, unit: str, ended: Iterable[Stopped] = ()) -> tuple[Moved, ...]:
    """Hand the triage clocks to the unit that triages its village; the notice of an accusation stays with mass work."""
    unmoved = {stopped.kind for stopped in ended} | ({ClockKind.NOTICE} if case.kind is Kind.ACCUSATION else set())
    return handed_over(case, unit, *(kind for kind in TRIAGE if kind not in unmoved))


@command
class Decline(CaseCommand):
    """Say that it is not for us, why, and where to go instead. The reporter may challenge that once."""

    verb = "decline"
    when = frozenset({Status.REPORTED})

    reason: DeclineReason
    where_to: Words | None = None

    @classmethod
    def sensible(cls, case: Case, act: Act, /) -> None:
        if act.by.id in case.declines:
            raise NotPermitted("a second person must decline it again", "再次不予受理须由另一人作出")

    def rule(self, case: Case, act: Act, /) -> Iterator[e.Happening]:
        yield e.Declined(reason=self.reason, where_to=self.where_to, stops=stop(running(case.clocks, *TRIAGE), act))
        yield _notified("not accepted")


def _notified(text: str) -> Entry[e.NoticeIssued]:
    """The reporter is told, under his query code."""
    return Entry(by=SYSTEM.id, event=e.NoticeIssued(via="query_code", text=text))


@command
class ChallengeDecline(CaseCommand):
    """The reporter objects to the refusal, as often as the policy allows: once. The adjudicator decides."""

    verb = "challenge-decline"
    when = frozenset({Status.DECLINED})

    reason: Annotated[str, MaxLen(2000)]

    @classmethod
    def sensible(cls, case: Case, act: Act, /) -> None:
        if case.challenges >= act.rules.policy.limits.decline_challenges:
            raise LimitReached(
                "it has been challenged as often as the policy allows", "对不予受理提出异议的次数已达上限"
            )

    def rule(self, case: Case, act: Act, /) -> Iterator[e.DeclineChallenged]:
        yield e.DeclineChallenged(reason=self.reason, to=on_duty(act, case.subjects, Duty.MASS_WORK) or None)


@command
class DecideChallenge(CaseCommand):
    """Uphold the challenge, so that intake begins again, or reject it. The citizen's clock has never stopped."""

    verb = "decide-challenge"
    when = frozenset({Status.DECLINED})

    upheld: bool
    reason: Annotated[str, MaxLen(2000)] | None = None

    @classmethod
    def sensible(cls, case: Case, _act: Act, /) -> None:
        if not case.challenge_pending:
            raise WrongStatus("nobody has challenged the refusal", "没有待裁定的异议")

    def rule(self, case: Case, act: Act, /) -> Iterator[e.ChallengeUpheld | e.ChallengeRejected]:
        if not self.upheld:
            if not self.reason:
                raise Invalid("a rejected challenge is told the reason", "驳回异议须填写 reason")
            yield e.ChallengeRejected(reason=self.reason)
            return
        unit = triaging(case.village, case.subjects, act, sealed=case.sealed)
        intake = start(ClockKind.INTAKE, unit, act.rules.policy.intake(case.kind, case.grade), act)
        owed = notice(case.kind, unit, case.subjects, case.reported_at, act)
        yield e.ChallengeUpheld(reason=self.reason, starts=(intake, *owed))


@command
class Divert(CaseCommand):
    """Send it to the body the law names. Accusations only through the mass-work department."""

    verb = "divert"
    when = frozenset({Status.REPORTED, Status.ACCEPTED})

    to: Id
    basis: Words

    @classmethod
    def usual_right(cls, case: Case, _act: Act, /) -> str:
        return "divert:accusation" if case.kind is Kind.ACCUSATION or case.sealed else cls.verb

    def named(self) -> tuple[str | None, ...]:
        return (self.to,)

    def rule(self, case: Case, act: Act, /) -> Iterator[e.Happening]:
        to = act.org.unit(self.to)
        if to is None or to.closed:
            raise Invalid("to is not a known unit", "to 不是已登记的单位")
        if to.tier is not None:
            kept_secret(case, act, self.to)
        unanswered = stop(running(case.clocks, ClockKind.STATUTORY), act, ClockState.LEFT)
        stops = (*stop(running(case.clocks, *TRIAGE), act), *unanswered)
        yield e.Diverted(to=self.to, basis=self.basis, stops=stops)
        yield _notified("transferred to the competent body")


@command
class RecordOutcome(CaseCommand):
    """What the body it was diverted to made of it."""

    verb = "record-outcome"
    when = frozenset({Status.DIVERTED})

    outcome: Words
    visible_to_reporter: bool

    def rule(self, _case: Case, _act: Act, /) -> Iterator[e.Happening]:
        yield e.ExternalOutcomeRecorded(outcome=self.outcome, visible_to_reporter=self.visible_to_reporter)
        yield closed("diverted_outcome_notified" if self.visible_to_reporter else "diverted_outcome_recorded")
