"""The one gate to a household: who may see it, then who has the right."""

from collections.abc import Iterator, Mapping
from typing import ClassVar, Final

from domain.decider import Act
from domain.household import events as e
from domain.household.state import Household
from domain.org import LOCAL, Role
from domain.refusals import NotFound, NotPermitted, Refused, WrongStatus

NO_SUCH_HOUSEHOLD: Final = ("there is no such household", "没有这户")

READ, WRITE, PAIR, SIGN, DECIDE = "read", "write", "pair", "sign", "decide"
GRANT, CHECK, VISIT, AUDIT = "grant", "check", "visit", "audit"

NEAR: Mapping[str, frozenset[Role]] = {
    READ: LOCAL,
    WRITE: LOCAL,
    VISIT: LOCAL,
    PAIR: frozenset({Role.TOWN_HEAD}),
    SIGN: frozenset({Role.VILLAGE_HEAD, Role.TOWN_HEAD}),
    DECIDE: frozenset({Role.TOWN_HEAD}),
    GRANT: frozenset({Role.TOWN_CLERK, Role.TOWN_OFFICER, Role.TOWN_HEAD}),
    CHECK: frozenset(),
    AUDIT: frozenset({Role.TOWN_CLERK, Role.TOWN_HEAD}),
}
"""Who may in his own village, or in his own town and its villages."""

EVERYWHERE: Mapping[str, frozenset[Role]] = {
    READ: frozenset({Role.ADMIN, Role.AUDITOR, Role.ORGANISATION_OFFICER, Role.PRIVACY_OFFICER}),
    WRITE: frozenset({Role.ADMIN}),
    VISIT: frozenset({Role.ADMIN}),
    PAIR: frozenset({Role.ADMIN, Role.ORGANISATION_OFFICER}),
    SIGN: frozenset({Role.ADMIN}),
    DECIDE: frozenset({Role.ADMIN}),
    GRANT: frozenset({Role.ADMIN}),
    CHECK: frozenset({Role.ADMIN, Role.ORGANISATION_OFFICER}),
    AUDIT: frozenset({Role.ADMIN}),
}
"""Who may in the whole district: helpers are given by the organisation department."""

HELPER = frozenset({READ, VISIT})
"""What a helper may with the household he helps, wherever his post is, as long as he has one."""


class HouseholdCommand:
    """Something one may ask of a household: `verb` names it, `right` is what it takes."""

    verb: ClassVar[str]
    right: ClassVar[str] = WRITE
    of_the_past: ClassVar[bool] = False
    """Whether it may be asked of a household that was merged into another, too."""

    @classmethod
    def offered(cls, household: Household, act: Act, /) -> bool:
        """Whether he may ask it, and it makes sense now."""
        try:
            cls.timely(household, act)
        except Refused:
            return False
        return may(household, act, cls.right)

    @classmethod
    def timely(cls, household: Household, act: Act, /) -> None:
        if household.merged_into is not None and not cls.of_the_past:
            raise WrongStatus("it has been merged into another household", "该户已并入他户")
        cls.sensible(household, act)

    @classmethod
    def sensible(cls, _household: Household, _act: Act, /) -> None:
        """Refuse what makes no sense now, whatever the body says: then it is not offered either."""

    def also(self, _household: Household, /) -> tuple[str, ...]:
        """Other streams it reads or writes; what they add up to is in `act.others`, by the same names."""
        return ()

    def decide(self, household: Household, act: Act, /) -> Iterator[e.Happening]:
        if not sees(household, act):
            raise NotFound(*NO_SUCH_HOUSEHOLD, subject=household.id)
        if not may(household, act, self.right):
            raise NotPermitted(
                "this needs another post, or a household of your own area", "您的岗位无权对该户进行此操作"
            )
        self.timely(household, act)
        yield from self.rule(household, act)

    def rule(self, household: Household, act: Act, /) -> Iterator[e.Happening]:
        """What happens, once it may."""
        raise NotImplementedError


def sees(household: Household, act: Act) -> bool:
    """Whether the household exists for this actor at all."""
    return household.version > 0 and may(household, act, READ)


def may(household: Household, act: Act, right: str) -> bool:
    """Whether one of the actor's posts gives him this right, or that he is its helper."""
    if right in HELPER and act.by.posts and household.helper == act.by.id:
        return True
    return may_in(household.village, act, right)


def may_in(village: str, act: Act, right: str) -> bool:
    """Whether one of the actor's posts gives him this right in a village; the household need not be there yet."""
    return any(
        post.role in EVERYWHERE[right] or (post.role in NEAR[right] and village in act.org.area(post.unit))
        for post in act.by.posts
    )


def everywhere(act: Act, right: str) -> bool:
    """Whether he has the right whatever the village."""
    return any(post.role in EVERYWHERE[right] for post in act.by.posts)
