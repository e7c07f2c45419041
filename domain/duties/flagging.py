"""Flagging a place or a person for visits, and taking the flag away."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated

from annotated_types import MaxLen

from domain.decider import Act, command
from domain.duties.target import DISTRICT, NO_SUCH_TARGET, Flagged, Target, Unflagged, knows, may
from domain.duties.terms import PLACES, TargetKind
from domain.ids import Id
from domain.org import Role, Tier
from domain.refusals import Invalid, NotFound, NotPermitted, WrongStatus
from domain.streams import household_stream

FLAGGING = frozenset({Role.TOWN_CLERK, Role.TOWN_HEAD})


@command
class FlagTarget:
    """Say that a place or a person must be visited, or no longer. A place is a village or community; a person lives in one.

    Who is known to live elsewhere is flagged in his new village by somebody who may in both.
    """

    target: Id
    kind: TargetKind
    village: Annotated[str, MaxLen(64)] | None = None
    """Where a person lives. Of a household in the register, and to take a flag away, it need not be said."""
    flagged: bool = True

    def knows(self, target: Target, act: Act, /) -> bool:
        return knows(target, act)

    def also(self, _target: Target, /) -> tuple[str, ...]:
        return () if self.village or self.kind in PLACES else (household_stream(self.target),)

    def decide(self, target: Target, act: Act, /) -> Iterator[Flagged | Unflagged]:
        if not self.flagged and not knows(target, act):
            raise NotFound(*NO_SUCH_TARGET)
        named = self.village if self.flagged else None
        village = self.target if self.kind in PLACES else named or target.village or self._registered(act)
        unit = act.org.unit(village)
        if unit is None or unit.tier is not Tier.VILLAGE or (self.flagged and unit.closed):
            raise Invalid("name the village or community", "须指明所在村或社区")
        if not all(may(one, act, FLAGGING, DISTRICT) for one in (village, target.village or village)):
            raise NotPermitted("this needs a post in the town or the district", "须由镇或区有关岗位办理")
        if self.kind not in PLACES and act.org.unit(self.target) is not None:
            raise Invalid("a unit is not a person", "单位不是走访的人员对象")
        if self.kind is TargetKind.PETITION_INTENSIVE:
            raise Invalid("petition_intensive follows from counts", "信访集中地由统计得出，不能指定")
        if self.flagged == (self.kind in target.flags):
            raise WrongStatus("it is flagged like that already", "该对象已是此状态")
        yield self._flagged(village, act) if self.flagged else Unflagged(kind=self.kind)

    def _registered(self, act: Act) -> str:
        """Where the register has the household of this name, if it is known to who flags there."""
        home = act.others.get(household_stream(self.target))
        return home.village if home is not None and home.version and may(home.village, act, FLAGGING, DISTRICT) else ""

    def _flagged(self, village: str, act: Act) -> Flagged:
        town = act.org.town_of(village)
        if self.kind is not TargetKind.DISASTER_AFFECTED:
            return Flagged(kind=self.kind, village=village, town=town)
        within = act.rules.policy.must_visits
        return Flagged(
            kind=self.kind,
            village=village,
            town=town,
            head_due=act.at + timedelta(hours=within.head_within_hours),
            leader_due=act.at + timedelta(hours=within.leader_within_hours),
        )
