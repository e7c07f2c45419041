"""How a case begins: report, accept, or decline and divert, and what the citizen can do about a refusal."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Annotated, Any

from annotated_types import MaxLen

from domain.case import events as e
from domain.case.clocks import ClockKind, ClockState, Moved, Started, Stopped, running, start, stop
from domain.case.custody import handed_over, kept_secret, on_duty, triaging
from domain.case.gate import CaseCommand, grading, sealed_from_the_start
from domain.case.homes import fitting, homes, known, near
from domain.case.state import Case
from domain.case.terms import (
    Channel,
    Confidentiality,
    DeclineReason,
    Grade,
    Kind,
    Location,
    Petitioner,
    Source,
    Status,
    Title,
    Words,
)
from domain.case.urgency import hurried
from domain.decider import SYSTEM, Act, Entry, command
from domain.ids import Id
from domain.org import Duty, Role, Tier
from domain.refusals import Invalid, LimitReached, NotPermitted, WrongStatus
from domain.streams import household_stream

EARLIEST = datetime(2004, 1, 1, tzinfo=UTC)
"""No working calendar is known before; nothing is said to have occurred earlier."""

NOTICED = frozenset({Kind.PETITION, Kind.ACCUSATION})
"""Kinds whose reporter is owed a notice within 15 days (Petition Regulations, art. 22)."""

TRIAGE = (ClockKind.INTAKE, ClockKind.NOTICE)


@command
class Report:
    """Write down a difficulty or a petition. Never refused for jurisdiction; the answer carries a query code."""

    title: Title
    kind: Kind
    description: Annotated[str, MaxLen(8000)] = ""
    category: Words | None = None
    village: Id | None = None
    channel: Channel = Channel.OTHER
    source: Source = Source.OTHER
    grade: Grade = Grade.ORDINARY
    occurred_at: datetime | None = None
    petitioner: Petitioner | None = None
    confidentiality: Confidentiality | None = None
    subjects: Annotated[tuple[Id, ...], MaxLen(20)] = ()
    household: Id | None = None
    proxy: bool = False
    location: Location | None = None
    external_id: Annotated[str, MaxLen(200)] | None = None

    def also(self, _case: Case, /) -> tuple[str, ...]:
        return homes(self.household)

    def decide(self, case: Case, act: Act, /) -> Iterator[Any]:
        """Only what an official of its town reports is graded by the household: nobody else learns of its class by that."""
        if case.status is not Status.UNKNOWN:
            raise WrongStatus("this case has been reported already", "该事项已登记")
        self._consistent(act)
        home = known(self.household, act)
        grade = fitting(self.grade, self.category, home) if near(home, act) else self.grade
        at = self.occurred_at or act.at
        confidentiality = self.confidentiality or (
            Confidentiality.SEALED if self.kind is Kind.ACCUSATION else Confidentiality.OPEN
        )
        receipt = act.vault.receipt(case.id)
        fields = {name: text for name, text in vars(self.petitioner).items() if text} if self.petitioner else {}
        findable = confidentiality is Confidentiality.OPEN
        petitioner = act.vault.seal(case.id, fields, findable=findable) if fields else None
        citizen = self._citizen(confidentiality, receipt, act)
        reporter = petitioner.person if petitioner and act.by.posts else citizen
        town = act.org.town_of(self.village) if self.village else None
        unit = triaging(self.village, self.subjects, act, sealed=confidentiality is Confidentiality.SEALED)
        yield Entry(
            at=at,
            by=act.by.id if act.by.posts else citizen,
            event=e.Reported(
                title=self.title,
                kind=self.kind,
                grade=grade,
                description=self.description,
                category=self.category,
                village=self.village,
                town=town,
                channel=self.channel,
                source=self.source,
                confidentiality=confidentiality,
                reporter=reporter,
                collector=act.by.id if act.by.posts else None,
                petitioner=petitioner,
                subjects=self.subjects,
                household=self.household,
                proxy=self.proxy,
                location=self.location,
                external_id=self.external_id,
                occurred_at=self.occurred_at,
                receipt=receipt,
                year=act.rules.local(act.at).year,
                starts=self._clocks(unit, grade, at, act),
            ),
        )
        if self.subjects or confidentiality is Confidentiality.SEALED:
            units = tuple(sorted(act.org.taint(self.subjects, act.at).units))
            yield Entry(by=SYSTEM.id, event=e.IdentitySealed(units=units))

    def _citizen(self, confidentiality: Confidentiality, receipt: str, act: Act) -> str:
        """Who brings it, where no petitioner is named; of somebody unknown, what his receipt alone tells.

        Whoever takes down an anonymous report, or one for somebody else, did not bring it, nor does a system that passes
        on what others told it.
        """
        for_others = self.proxy or any(post.role is Role.INTEGRATOR for post in act.by.posts)
        unknown = confidentiality is Confidentiality.ANONYMOUS or (
            for_others if act.by.posts else confidentiality is Confidentiality.SEALED
        )
        return f"reporter:{receipt[:12]}" if unknown else act.by.id

    def _clocks(self, unit: str, grade: Grade, at: datetime, act: Act) -> tuple[Started, ...]:
        policy = act.rules.policy
        intake = start(ClockKind.INTAKE, unit, policy.intake(self.kind, grade), act, since=at)
        return intake, *notice(self.kind, unit, self.subjects, at, act)

    def _consistent(self, act: Act) -> None:
        if self.occurred_at is not None and self.occurred_at.tzinfo is None:
            raise Invalid("occurred_at needs an offset, such as +08:00", "occurred_at 须带时区，如 +08:00")
        if self.occurred_at is not None and not EARLIEST <= self.occurred_at <= act.at:
            raise Invalid("occurred_at lies in the future or before 2004", "occurred_at 不能晚于现在或早于 2004 年")
        if self.village is not None:
            placed(self.village, act)
        if self.kind is Kind.ACCUSATION and self.confidentiality not in (None, Confidentiality.SEALED):
            raise Invalid("an accusation is always sealed", "检举控告必须保密")
        if self.confidentiality is Confidentiality.ANONYMOUS and self.petitioner is not None:
            raise Invalid("an anonymous report names no petitioner", "匿名事项不能填写当事人信息")
        if unknown := [one for one in self.subjects if act.org.official(one) is None]:
            raise Invalid(f"subjects names {len(unknown)} unknown officials", "subjects 中有不存在的人员")


def notice(kind: Kind, unit: str, subjects: Iterable[str], since: datetime | None, act: Act) -> tuple[Started, ...]:
    """What the reporter of such a kind is owed: by who sees to it, of an accusation by the mass-work department."""
    if kind not in NOTICED:
        return ()
    owing = (on_duty(act, subjects, Duty.MASS_WORK) if kind is Kind.ACCUSATION else None) or unit
    return (start(ClockKind.NOTICE, owing, act.rules.policy.notice(), act, since=since),)


def along(case: Case, unit: str, ended: Iterable[Stopped] = ()) -> tuple[Moved, ...]:
    """The clocks of a report go where its village lies; the mass-work department owes the notice of an accusation."""
    stay = {stopped.kind for stopped in ended} | ({ClockKind.NOTICE} if case.kind is Kind.ACCUSATION else set())
    return handed_over(case, unit, *(kind for kind in TRIAGE if kind not in stay))


def placed(village: str, act: Act) -> str:
    """The town of a village. Raises Invalid for what is no village or community, or lies in no town."""
    unit, town = act.org.unit(village), act.org.town_of(village)
    if unit is None or unit.tier is not Tier.VILLAGE or town is None:
        raise Invalid("village is not a known village or community", "village 不是已登记的村或社区")
    return town


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
        unit, told = triaging(village, case.subjects, act, sealed=case.sealed), self._told(case, kind, act)
        category = self.category or case.category
        grade = fitting(grade, category, act.others.get(household_stream(case.household or "")))
        yield e.Accepted(
            kind=kind,
            grade=grade,
            category=category,
            village=village,
            town=town,
            written_notice=self.written_notice,
            starts=(*self._notice(case, kind, unit, act), *statutory(kind, unit, act)),
            stops=told,
            moves=(*hurried(case, kind, grade, act), *along(case, unit, told)),
        )

    def _told(self, case: Case, kind: Kind, act: Act) -> tuple[Stopped, ...]:
        owed = running(case.clocks, ClockKind.NOTICE)
        if self.written_notice:
            return stop(owed, act)
        return () if kind in NOTICED else stop(owed, act, ClockState.LEFT)

    def _notice(self, case: Case, kind: Kind, unit: str, act: Act) -> tuple[Started, ...]:
        owed_already = any(clock.kind is ClockKind.NOTICE for clock in case.clocks)
        if owed_already or self.written_notice:
            return ()
        return notice(kind, unit, case.subjects, case.reported_at, act)


def statutory(kind: Kind, unit: str, act: Act) -> tuple[Started, ...]:
    if kind is not Kind.PETITION:
        return ()
    return (start(ClockKind.STATUTORY, unit, act.rules.policy.statutory(), act),)


@command
class Decline(CaseCommand):
    """Say that it is not for us, why, and where to go instead. The reporter may challenge that once."""

    verb = "decline"
    when = frozenset({Status.REPORTED})

    reason: DeclineReason
    where_to: Words | None = None

    def rule(self, case: Case, act: Act, /) -> Iterator[Any]:
        if act.by.id in case.declines:
            raise NotPermitted("a second person must decline it again", "再次不予受理须由另一人作出")
        yield e.Declined(reason=self.reason, where_to=self.where_to, stops=stop(running(case.clocks, *TRIAGE), act))
        yield told("not accepted")


def told(text: str) -> Entry[e.NoticeIssued]:
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

    def rule(self, case: Case, act: Act, /) -> Iterator[Any]:
        to = act.org.unit(self.to)
        if to is None or to.closed:
            raise Invalid("to is not a known unit", "to 不是已登记的单位")
        if to.tier is not None:
            kept_secret(case, act, self.to)
        unanswered = stop(running(case.clocks, ClockKind.STATUTORY), act, ClockState.LEFT)
        stops = (*stop(running(case.clocks, *TRIAGE), act), *unanswered)
        yield e.Diverted(to=self.to, basis=self.basis, stops=stops)
        yield told("transferred to the competent body")


@command
class RecordOutcome(CaseCommand):
    """What the body it was diverted to made of it."""

    verb = "record-outcome"
    when = frozenset({Status.DIVERTED})

    outcome: Words
    visible_to_reporter: bool

    def rule(self, _case: Case, _act: Act, /) -> Iterator[Any]:
        yield e.ExternalOutcomeRecorded(outcome=self.outcome, visible_to_reporter=self.visible_to_reporter)
        reason = "diverted_outcome_notified" if self.visible_to_reporter else "diverted_outcome_recorded"
        yield Entry(by=SYSTEM.id, event=e.Closed(reason=reason))
