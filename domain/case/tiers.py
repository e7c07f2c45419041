"""How a case moves between the tiers: escalate, remand."""

from collections.abc import Iterator
from typing import Annotated

from annotated_types import Ge, Le, MaxLen, MinLen

from domain.case import events as e
from domain.case.clocks import ClockKind
from domain.case.custody import above, handed_over, held_by, leave, stay_clocks, tier_of, town_now
from domain.case.gate import CaseCommand
from domain.case.pausing import resumed
from domain.case.state import Case
from domain.case.terms import WORKABLE, Exit, Grade, Ground, Kind, Words
from domain.decider import Act, command
from domain.ids import Id
from domain.org import Tier
from domain.refusals import Invalid, WrongStatus


@command
class Escalate(CaseCommand):
    """Hand the case to the tier above, saying why this tier cannot settle it and what it tried."""

    verb = "escalate"
    when = WORKABLE

    unit: Id | None = None
    ground: Ground
    tried: Annotated[tuple[Words, ...], MinLen(1), MaxLen(20)]

    def named(self) -> tuple[str | None, ...]:
        return (self.unit,)

    @classmethod
    def sensible(cls, case: Case, _act: Act, /) -> None:
        if case.stays[-1].tier.above is None:
            raise WrongStatus("nobody stands above the district", "区级之上没有上一级")

    def rule(self, case: Case, act: Act, /) -> Iterator[e.Escalated]:
        stay = case.stays[-1]
        unit = self.unit or above(case, act)
        if tier_of(unit, act) is not stay.tier.above:
            raise Invalid("the unit named does not stand one tier above", "所指单位不是上一级单位")
        if stay.tier is Tier.VILLAGE and act.org.town_of(unit) != town_now(case, act):
            raise Invalid("a village escalates to its own town", "村级事项只能上报本镇")
        yield escalated(unit, case, act, trigger="manual", ground=self.ground, tried=self.tried)


def escalated(
    unit: str, case: Case, act: Act, *, trigger: str, ground: Ground | None = None, tried: tuple[str, ...] = ()
) -> e.Escalated:
    return e.Escalated(
        **held_by(unit, case, act),
        trigger=trigger,
        ground=ground,
        tried=tried,
        stops=leave(case, act),
        starts=stay_clocks(unit, case, act, disputable=True),
        moves=(*resumed(case, act, ClockKind.STATUTORY), *handed_over(case, unit, ClockKind.STATUTORY)),
    )


@command
class Remand(CaseCommand):
    """Send the case back down with written instructions (交办). Premature: it should never have been sent up.

    After as many remands as the policy says, one, the next needs a district leader; a town passes on what was sent back
    to it. `working_days` defaults to the policy's; an urgent matter and a petition have their own time.
    """

    verb = "remand"
    when = WORKABLE

    unit: Id
    instructions: Annotated[str, MinLen(1), MaxLen(4000)]
    working_days: Annotated[int, Ge(1), Le(60)] | None = None
    premature: bool = False

    def named(self) -> tuple[str | None, ...]:
        return (self.unit,)

    @classmethod
    def usual_right(cls, case: Case, act: Act, /) -> str:
        earlier = sum(stay.exit is Exit.REMANDED for stay in case.stays[:-2])
        return "remand:again" if earlier >= act.rules.policy.limits.remands_before_leader else cls.verb

    @classmethod
    def sensible(cls, case: Case, _act: Act, /) -> None:
        if case.stays[-1].tier is Tier.VILLAGE:
            raise WrongStatus("nobody stands below a village", "村级之下没有下一级")

    def rule(self, case: Case, act: Act, /) -> Iterator[e.Remanded]:
        stay = case.stays[-1]
        tier = tier_of(self.unit, act)
        if tier not in below(stay.tier):
            raise Invalid("a remand goes down a tier", "发回只能发给下级单位")
        if stay.tier is Tier.TOWN and act.org.town_of(self.unit) != town_now(case, act):
            raise Invalid("a town sends back to its own villages", "镇级只能发回本镇的村")
        if self.working_days and (case.grade is Grade.URGENT or case.kind is Kind.PETITION):
            raise Invalid(
                "urgent hours and the time of the law are nobody's to state", "紧急事项和信访事项的期限不得另定"
            )
        hold = act.rules.policy.remand(case.grade, self.working_days)
        yield e.Remanded(
            **held_by(self.unit, case, act),
            instructions=self.instructions,
            premature=self.premature,
            stops=leave(case, act),
            starts=stay_clocks(self.unit, case, act, hold=hold),
            moves=handed_over(case, self.unit, ClockKind.STATUTORY),
        )


def below(tier: Tier) -> tuple[Tier, ...]:
    return tuple(Tier)[: list(Tier).index(tier)]
