"""What is known of a household: registration, members, facts. Facts that show need change its class at once."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated

from annotated_types import Ge, Le, MaxLen, MinLen

from domain.decider import Act, command, sealed
from domain.household import events as e
from domain.household.captured import captured
from domain.household.classes import agreeing_since, assessed, finding, needier
from domain.household.gate import WRITE, HouseholdCommand, may_in, sees
from domain.household.sealing import place, sealed_words
from domain.household.state import Household
from domain.household.terms import Facts, Hardship, Home, Protected
from domain.ids import Id
from domain.org import Tier
from domain.refusals import Invalid, NotPermitted, WrongStatus
from domain.zone import months_later

Money = Annotated[float, Ge(0), Le(1_000_000_000)]


@command
class RegisterHousehold:
    """Write a household into the register, in its village. Its name and address are sealed from the first event on."""

    village: Id
    id: Id | None = None
    head: Annotated[str, MaxLen(100)] | None = None
    address: Annotated[str, MaxLen(300)] | None = None
    phone: Annotated[str, MaxLen(40)] | None = None

    def knows(self, household: Household, act: Act, /) -> bool:
        return sees(household, act)

    def decide(self, household: Household, act: Act, /) -> Iterator[e.Happening]:
        if not may_in(self.village, act, WRITE):
            raise NotPermitted("this needs a post in the village or its town", "登记须由本村或所属镇人员办理")
        in_village(self.village, act)
        not_taken(household, act)
        personal = {"head": self.head, "address": self.address, "phone": self.phone}
        identity = sealed(act.vault, place(household), personal, findable=True)
        yield e.Registered(village=self.village, town=act.org.town_of(self.village), identity=identity)


@command
class JoinMember(HouseholdCommand):
    """Somebody belongs to the household from now on: born, married, come back."""

    verb = "join-member"

    member: Id
    relation: Annotated[str, MinLen(1), MaxLen(40)]
    name: Annotated[str, MinLen(1), MaxLen(100)]
    id_number: Annotated[str, MaxLen(40)] | None = None

    def rule(self, household: Household, act: Act, /) -> Iterator[e.Happening]:
        if self.member in household.members:
            raise WrongStatus("this member is there already", "该成员已在册")
        personal = {"name": self.name} | ({"id_number": self.id_number} if self.id_number else {})
        identity = act.vault.seal(f"{place(household)}:{self.member}", personal, findable=True)
        yield e.MemberJoined(member=self.member, relation=self.relation, identity=identity)


@command
class LeaveMember(HouseholdCommand):
    """Somebody does not belong to the household any more: died, married away, moved."""

    verb = "leave-member"

    member: Id
    reason: Annotated[str, MinLen(1), MaxLen(200)]

    def rule(self, household: Household, act: Act, /) -> Iterator[e.Happening]:
        if self.member not in household.members:
            raise Invalid("there is no such member", "没有这个成员")
        yield e.MemberLeft(member=self.member, told=sealed_words(household, act, reason=self.reason))


@command
class RecordFacts(HouseholdCommand):
    """Write down how a household lives: income, debts, hardships, home. Its class is assessed at once.

    Money in yuan, income yearly, net and per head; severity 0 to 3. Into need it goes at once, out of need it takes two
    assessments, a visit and a notice.
    """

    verb = "record-facts"

    members: Annotated[int, Ge(1), Le(100)]
    income_per_head: Money
    debt_total: Money = 0
    hardships: Annotated[tuple[Hardship, ...], MaxLen(30)] = ()
    housing: Home = Home.A
    protected: Protected | None = None
    """As it was, where nothing is said."""
    captured_at: datetime | None = None
    """When it was noted, where there was no signal. What was noted before what is known already is kept beside it."""

    def rule(self, household: Household, act: Act, /) -> Iterator[e.Happening]:
        at = captured(self.captured_at, act)
        facts = Facts(
            members=self.members,
            income_per_head=self.income_per_head,
            debt_total=self.debt_total,
            hardships=self.hardships,
            housing=self.housing,
            protected=self.protected or (household.facts.protected if household.facts else Protected.NONE),
        )
        if household.facts_as_of is not None and at < household.facts_as_of:
            yield from _come_late(household, facts, at, act)
        else:
            yield from recorded(household, facts, act, self.captured_at)


def recorded(household: Household, facts: Facts, act: Act, captured_at: datetime | None) -> Iterator[e.Happening]:
    """The facts, and what follows from them."""
    lost = (household.lost_since or act.at) if facts.housing is Home.LOST else None
    yield e.FactsRecorded(facts=facts, lost_since=lost, captured_at=captured_at)
    yield from counted(household, lost, act)
    yield from assessed(household, facts, household.version + 1, lost, act)


def _come_late(household: Household, facts: Facts, at: datetime, act: Act) -> Iterator[e.Happening]:
    """Facts of an earlier day do not take the place of later ones; but into need they lead, as if they had come in time.

    Where they tell of need on a day since which assessments were thought to agree that there is less, those do not.
    """
    yield e.EarlierFactsRecorded(facts=facts, captured_at=at)
    lost = at if facts.housing is Home.LOST else None
    found, since = finding(household, facts, lost, act), agreeing_since(household)
    still = since is not None and since <= at and found.gives.need >= household.klass.need
    if still or needier(household, found, act):
        yield from assessed(household, facts, household.version + 1, lost, act)


def counted(household: Household, lost: datetime | None, act: Act) -> Iterator[e.LostHomeCounts]:
    """Until when a home lost at that instant counts, where that is not known yet."""
    until = months_later(lost, act.rules.policy.helping.lost_home_months) if lost else None
    standing = until if until is not None and until > act.at else None
    if lost is not None and standing != household.lost_until:
        yield e.LostHomeCounts(counts_until=standing)


def not_taken(household: Household, act: Act) -> None:
    """Refuse an id that another household has, or a unit: a visit there would be one to a place."""
    if household.version or act.org.unit(household.id) is not None:
        raise WrongStatus("there is a household or a unit with this id", "该编号已被使用")


def in_village(village: str, act: Act) -> None:
    """Refuse a place where no household can live."""
    unit = act.org.unit(village)
    if unit is None or unit.tier is not Tier.VILLAGE or unit.closed_on is not None:
        raise Invalid("village is not a village or community", "village 不是村或社区")
