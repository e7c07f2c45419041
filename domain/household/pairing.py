"""One to one: each key-support household has exactly one helper, and when he leaves another takes over in one step."""

from collections.abc import Iterable, Iterator
from typing import Annotated

from annotated_types import MaxLen

from domain.decider import Act, Entry, command
from domain.household import events as e
from domain.household.gate import PAIR, HouseholdCommand
from domain.household.helper import Helper, LetGo, TookOn
from domain.household.sealing import sealed_words
from domain.household.state import Household
from domain.household.terms import HouseholdClass
from domain.ids import Id
from domain.org import Post, Role
from domain.refusals import ConflictOfInterest, Invalid, LimitReached, WrongStatus
from domain.rules.helping import Quotas
from domain.streams import helper_stream

SECTION_HEADS = frozenset({Role.TOWN_HEAD})
DEPUTIES = frozenset({Role.TOWN_CLERK, Role.DISPATCHER, Role.ADJUDICATOR})


def quota(posts: Iterable[Post], quotas: Quotas) -> int:
    """How many households somebody with these posts may help; the highest rank counts."""
    roles = {post.role for post in posts}
    if Role.DISTRICT_LEADER in roles:
        return quotas.district_leader
    if roles & SECTION_HEADS:
        return quotas.section_head
    return quotas.deputy if roles & DEPUTIES else quotas.ordinary


@command
class StartPairing(HouseholdCommand):
    """Give a key-support household its helper: an official in office, no relative of theirs, with room for one more."""

    verb = "start-pairing"
    right = PAIR

    helper: Id
    related: bool = False
    """Whether he is a relative; then he may not."""

    def also(self, _household: Household, /) -> tuple[str, ...]:
        return (helper_stream(self.helper),)

    @classmethod
    def sensible(cls, household: Household, _act: Act, /) -> None:
        if household.klass is not HouseholdClass.PRIORITY:
            raise WrongStatus("only key-support households have a helper", "只有连心户安排帮扶人")
        if household.helper is not None:
            raise WrongStatus("it has a helper; hand over instead", "该户已有帮扶人，请办理交接")

    def rule(self, household: Household, act: Act, /) -> Iterator[e.Happening]:
        fit(self.helper, self.related or self.helper in household.relatives, act)
        yield e.PairingStarted(helper=self.helper)
        yield taken_on(self.helper, household)


@command
class HandOver(HouseholdCommand):
    """Let another official take over from the helper, with no day between."""

    verb = "hand-over"
    right = PAIR

    helper: Id
    related: bool = False

    def also(self, household: Household, /) -> tuple[str, ...]:
        return (helper_stream(self.helper), *helpers_of(household))

    @classmethod
    def sensible(cls, household: Household, _act: Act, /) -> None:
        helped(household)

    def rule(self, household: Household, act: Act, /) -> Iterator[e.Happening]:
        assert household.helper is not None
        if household.helper == self.helper:
            raise WrongStatus("he is its helper already", "该人员已是帮扶人")
        fit(self.helper, self.related or self.helper in household.relatives, act)
        yield e.PairingHandedOver(helper=household.helper, next_helper=self.helper)
        yield let_go(household)
        yield taken_on(self.helper, household)


@command
class EndPairing(HouseholdCommand):
    """End the help. A key-support household then stands on the board until it has a helper again."""

    verb = "end-pairing"
    right = PAIR

    reason: Annotated[str, MaxLen(500)] = ""

    def also(self, household: Household, /) -> tuple[str, ...]:
        return helpers_of(household)

    @classmethod
    def sensible(cls, household: Household, _act: Act, /) -> None:
        helped(household)

    def rule(self, household: Household, act: Act, /) -> Iterator[e.Happening]:
        assert household.helper is not None
        yield e.PairingEnded(helper=household.helper, told=sealed_words(household, act, reason=self.reason))
        yield let_go(household)


def helped(household: Household) -> None:
    """Refuse, of a household that nobody helps."""
    if household.helper is None:
        raise WrongStatus("it has no helper", "该户没有帮扶人")


def fit(helper: str, related: bool, act: Act) -> None:
    """Refuse who cannot help: not in office, a relative, or with as many households as one may have."""
    posts = act.org.posts_of(helper, act.at)
    if not posts:
        raise Invalid("helper is not an official in office", "帮扶人须为在职人员")
    if related:
        raise ConflictOfInterest("a relative cannot be the helper", "亲属不得结对帮扶")
    known: Helper = act.others[helper_stream(helper)]
    quotas = act.rules.policy.helping.quotas
    if (len(known.households) + 1) * 100 > quota(posts, quotas) * quotas.soft_cap_pct:
        raise LimitReached("he helps as many households as one may", "该人员帮扶户数已达上限")


def helpers_of(household: Household) -> tuple[str, ...]:
    """The streams of those who help it: of one, or nobody."""
    return (helper_stream(household.helper),) if household.helper else ()


def taken_on(helper: str, household: Household) -> Entry[TookOn]:
    return Entry(stream=helper_stream(helper), event=TookOn(household=household.id))


def let_go(household: Household) -> Entry[LetGo]:
    assert household.helper is not None
    return Entry(stream=helper_stream(household.helper), event=LetGo(household=household.id))
