"""How a case begins: somebody reports a problem, and the first clocks start."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Annotated

from annotated_types import MaxLen

from domain.case import events as e
from domain.case.clocks import ClockKind, Started, start
from domain.case.custody import on_duty, triaging
from domain.case.homes import fitting_grade, homes, of_its_town, registered
from domain.case.state import Case
from domain.case.terms import Channel, Confidentiality, Grade, Kind, Location, Petitioner, Source, Status, Title, Words
from domain.decider import SYSTEM, Act, Entry, command, sealed
from domain.ids import Id
from domain.org import Duty, Role, Tier
from domain.refusals import Invalid, WrongStatus

EARLIEST = datetime(2004, 1, 1, tzinfo=UTC)
"""No `occurred_at` lies before this: there is no working calendar for it."""

NOTICED = frozenset({Kind.PETITION, Kind.ACCUSATION})
"""Kinds whose reporter is owed a notice within 15 days (Petition Regulations, art. 22)."""


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

    def decide(self, case: Case, act: Act, /) -> Iterator[e.Happening]:
        """The household raises the grade only if an official of its town reports: others would learn its class from that."""
        if case.status is not Status.UNKNOWN:
            raise WrongStatus("this case has been reported already", "该事项已登记")
        self._consistent(act)
        town = placed(self.village, act) if self.village else None
        home = registered(self.household, act)
        grade = fitting_grade(self.grade, self.category, home) if of_its_town(home, act) else self.grade
        at = self.occurred_at or act.at
        confidentiality = self.confidentiality or (
            Confidentiality.SEALED if self.kind is Kind.ACCUSATION else Confidentiality.OPEN
        )
        receipt = act.vault.receipt(case.id)
        named = vars(self.petitioner) if self.petitioner else {}
        petitioner = sealed(act.vault, case.id, named, findable=confidentiality is Confidentiality.OPEN)
        citizen = self._citizen(confidentiality, receipt, act)
        reporter = petitioner.person if petitioner and act.by.posts else citizen
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
        """Who brings it, if no petitioner is named. Somebody unknown gets an id derived from the receipt.

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
        legible(self.title)
        if self.occurred_at is not None and self.occurred_at.tzinfo is None:
            raise Invalid("occurred_at needs an offset, such as +08:00", "occurred_at 须带时区，如 +08:00")
        if self.occurred_at is not None and not EARLIEST <= self.occurred_at <= act.at:
            raise Invalid("occurred_at lies in the future or before 2004", "occurred_at 不能晚于现在或早于 2004 年")
        if self.kind is Kind.ACCUSATION and self.confidentiality not in (None, Confidentiality.SEALED):
            raise Invalid("an accusation is always sealed", "检举控告必须保密")
        if self.confidentiality is Confidentiality.ANONYMOUS and self.petitioner is not None:
            raise Invalid("an anonymous report names no petitioner", "匿名事项不能填写当事人信息")
        if unknown := [one for one in self.subjects if act.org.official(one) is None]:
            raise Invalid(f"subjects names {len(unknown)} unknown officials", "subjects 中有不存在的人员")


def notice(kind: Kind, unit: str, subjects: Iterable[str], since: datetime | None, act: Act) -> tuple[Started, ...]:
    """The clock of the notice owed to the reporter of such a kind: by the unit that triages, for an accusation by mass work."""
    if kind not in NOTICED:
        return ()
    owing = (on_duty(act, subjects, Duty.MASS_WORK) if kind is Kind.ACCUSATION else None) or unit
    return (start(ClockKind.NOTICE, owing, act.rules.policy.notice(), act, since=since),)


def legible(title: str) -> None:
    """Raises Invalid for a blank title: in every list a case is opened by its title."""
    if not title.strip():
        raise Invalid("a title has words: by it a case is found in lists", "标题不能只有空白")


def placed(village: str, act: Act) -> str:
    """The town of a village. Raises Invalid for what is no village or community, or lies in no town."""
    unit, town = act.org.unit(village), act.org.town_of(village)
    if unit is None or unit.tier is not Tier.VILLAGE or town is None:
        raise Invalid("village is not a known village or community", "village 不是已登记的村或社区")
    return town
