"""Households split, merge and move: what is known goes along, and nobody loses his help."""

from collections.abc import Iterator
from typing import Annotated

from annotated_types import MaxLen, MinLen

from domain.decider import Act, Entry, command
from domain.household import events as e
from domain.household.facts import in_village, not_taken
from domain.household.gate import NO_SUCH_HOUSEHOLD, WRITE, HouseholdCommand, may, may_in, sees
from domain.household.pairing import helpers_of, let_go
from domain.household.parts import Grant
from domain.household.sealing import place
from domain.household.state import Household
from domain.household.terms import Benefit, BenefitState, ClassBasis, HouseholdClass
from domain.ids import Id
from domain.refusals import ConflictOfInterest, Invalid, NotFound, NotPermitted, WrongStatus
from domain.streams import household_stream


@command
class SplitHousehold(HouseholdCommand):
    """Some members live as a household of their own from now on, as needy as this one until its own facts are known."""

    verb = "split"

    into: Id
    """The id that the new household gets."""
    members: Annotated[tuple[Id, ...], MinLen(1), MaxLen(50)]

    def also(self, _household: Household, /) -> tuple[str, ...]:
        return (household_stream(self.into),)

    def rule(self, household: Household, act: Act, /) -> Iterator[e.Happening]:
        new: Household = act.others[household_stream(self.into)]
        not_taken(new, act)
        if not set(self.members) <= household.members.keys():
            raise Invalid("there is no such member", "没有这个成员")
        yield e.SplitOff(household=self.into, members=self.members)
        yield _there(self.into, e.Registered(village=household.village, town=household.town, identity=None))
        yield from _brought(household, self.members, new)
        yield from _as_needy(household, new, ClassBasis.SPLIT)


@command
class MergeHousehold(HouseholdCommand):
    """All of it joins another household, which is from now on as needy as the needier of the two. Its help ends here.

    Benefits go along, granted or applied for, and no time starts anew. A household has each of them once: what is granted
    settles an application for the same, and of two applications the one that is due first stands.
    """

    verb = "merge"

    into: Id

    def also(self, household: Household, /) -> tuple[str, ...]:
        return (household_stream(self.into), *helpers_of(household))

    def rule(self, household: Household, act: Act, /) -> Iterator[e.Happening]:
        other: Household = act.others[household_stream(self.into)]
        if other.id == household.id:
            raise Invalid("a household is not merged into itself", "不能并入自身")
        if not sees(other, act):
            raise NotFound(*NO_SUCH_HOUSEHOLD, subject=other.id)
        if not may(other, act, WRITE):
            raise NotPermitted("this needs a post in both villages or their town", "须由两村或所属镇人员办理")
        if other.merged_into:
            raise WrongStatus("the other household has been merged itself", "目标户已并入他户")
        if household.contested:
            raise WrongStatus("its class is contested: that is decided first", "类别异议待处理，暂不能并户")
        if household.members.keys() & other.members.keys():
            raise Invalid("both have a member of the same id", "两户有编号相同的成员")
        if other.helper in household.relatives:
            raise ConflictOfInterest(
                "its helper is a relative: let another take over first", "该户帮扶人系亲属，请先交接"
            )
        if household.helper is not None:
            yield e.PairingEnded(helper=household.helper)
        if household.notice is not None:
            yield e.NoticeEnded(withdrawn=True)
        for benefit in household.posted:
            yield e.BenefitNoticeEnded(benefit=benefit)
        benefits = tuple(benefit for benefit, grant in household.benefits.items() if grant.stands)
        yield e.MergedInto(household=other.id, benefits=benefits)
        if household.helper is not None:
            yield let_go(household)
        yield from _brought(household, tuple(household.members), other)
        yield from _benefits_brought(household, benefits, other)
        yield from _as_needy(household, other, ClassBasis.MERGE)


@command
class MoveHousehold(HouseholdCommand):
    """It lives in another village from now on. It takes a post that may write in both."""

    verb = "move"

    village: Id

    def rule(self, household: Household, act: Act, /) -> Iterator[e.Happening]:
        if not may_in(self.village, act, WRITE):
            raise NotPermitted("this needs a post in both villages or their town", "须由两村或所属镇人员办理")
        in_village(self.village, act)
        if self.village == household.village:
            raise WrongStatus("it lives there", "该户已在此村")
        yield e.Moved(village=self.village, town=act.org.town_of(self.village))


def _brought(household: Household, members: tuple[str, ...], other: Household) -> Iterator[Entry[e.HouseholdEvent]]:
    """Their names stay sealed where they were sealed; whose relatives they are is declared there, too."""
    for one in (household.members[id] for id in members):
        sealed_at = one.sealed_at or f"{place(household)}:{one.id}"
        joined = e.MemberJoined(member=one.id, relation=one.relation, identity=one.identity, sealed_at=sealed_at)
        yield _there(other.id, joined)
    for official in household.relatives:
        if official not in other.relatives:
            yield _there(other.id, e.RelationDeclared(official=official, told=None))


def _benefits_brought(
    household: Household, benefits: tuple[Benefit, ...], other: Household
) -> Iterator[Entry[e.HouseholdEvent]]:
    for benefit in benefits:
        grant = household.benefits[benefit]
        if not _goes_before(grant, other.benefits.get(benefit)):
            continue
        if grant.state is BenefitState.GRANTED and benefit in other.posted:
            yield _there(other.id, e.BenefitNoticeEnded(benefit=benefit))
        brought = e.BenefitBrought(
            benefit=benefit,
            state=grant.state,
            since=grant.since,
            due_at=grant.due_at,
            applied_by=grant.by,
            overdue=grant.overdue,
        )
        yield _there(other.id, brought)


def _goes_before(grant: Grant, there: Grant | None) -> bool:
    """What is granted has no due instant any more, and goes before what has one."""
    if there is None or not there.stands:
        return True
    if there.due_at is None:
        return False
    return grant.due_at is None or grant.due_at < there.due_at


def _as_needy(household: Household, other: Household, basis: ClassBasis) -> Iterator[Entry[e.HouseholdEvent]]:
    """A notice, an override, an assessment was about the other alone: it takes nobody out of the need that is brought along."""
    if household.klass is HouseholdClass.SECURE or household.klass.need < other.klass.need:
        return
    if other.notice is not None:
        yield _there(other.id, e.NoticeEnded(withdrawn=True))
    same = household.klass is other.klass
    held_up = other.found.result.need < other.klass.need
    if other.override is not None and (held_up or not same):
        yield _there(other.id, e.OverrideEnded())
    cared = (household.aftercare_until, other.aftercare_until if same else None)
    left = (household.left_priority_at, other.left_priority_at)
    changed = e.Classified(
        was=other.klass,
        now=household.klass,
        rules=tuple(dict.fromkeys((*other.rules, *household.rules))) if same else household.rules,
        basis=basis,
        aftercare_until=max(filter(None, cared), default=None),
        left_priority_at=max(filter(None, left), default=None),
    )
    yield _there(other.id, changed)


def _there(household: str, event: e.HouseholdEvent) -> Entry[e.HouseholdEvent]:
    return Entry(stream=household_stream(household), event=event)
