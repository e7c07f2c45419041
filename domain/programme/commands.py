"""The life of a programme: proposed, cases and households joined, approved by another, completed."""

from collections.abc import Iterator
from typing import Annotated, ClassVar

from annotated_types import MaxLen, MinLen

from domain.case import NO_SUCH_CASE
from domain.case import sees as sees_case
from domain.decider import Act, command
from domain.household import NO_SUCH_HOUSEHOLD
from domain.household import sees as sees_household
from domain.ids import Id
from domain.org import Tier
from domain.programme.state import (
    NO_SUCH_PROGRAMME,
    Approved,
    CaseJoined,
    Completed,
    HouseholdJoined,
    Programme,
    ProgrammeEvent,
    ProgrammeStatus,
    Proposed,
    Remedy,
    may,
    may_approve,
    sees,
)
from domain.refusals import ConflictOfInterest, Invalid, NotFound, NotPermitted, WrongStatus
from domain.streams import case_stream, household_stream

Text = Annotated[str, MinLen(2), MaxLen(4000)]


@command
class ProposeProgramme:
    """Propose one remedy for many cases, in one or several villages. Another has to approve it."""

    remedy: Remedy
    title: Annotated[str, MinLen(2), MaxLen(200)]
    villages: Annotated[tuple[Id, ...], MinLen(1), MaxLen(100)]
    plan: Annotated[str, MaxLen(4000)] = ""
    id: Id | None = None

    def decide(self, programme: Programme, act: Act, /) -> Iterator[Proposed]:
        if not may(self.villages, act):
            raise NotPermitted(
                "this needs a post in the town of all these villages, or in the district", "您的岗位无权提出"
            )
        units = [act.org.unit(village) for village in self.villages]
        if any(unit is None or unit.tier is not Tier.VILLAGE or unit.closed for unit in units):
            raise Invalid("villages are villages or communities", "villages 须为村或社区")
        if programme.version:
            raise WrongStatus("there is a programme with this id", "该编号已存在")
        villages = tuple(dict.fromkeys(self.villages))
        yield Proposed(remedy=self.remedy, title=self.title, plan=self.plan, villages=villages)


class ProgrammeCommand:
    """Something one may ask of a programme that is not completed: `verb` names it."""

    verb: ClassVar[str]

    def also(self, _programme: Programme, /) -> tuple[str, ...]:
        """Other streams it reads; what they add up to is in `act.others`, by the same names."""
        return ()

    def decide(self, programme: Programme, act: Act, /) -> Iterator[ProgrammeEvent]:
        if not sees(programme, act):
            raise NotFound(*NO_SUCH_PROGRAMME, subject=programme.id)
        if not self.permitted(programme, act):
            raise NotPermitted(
                "this needs another post, or a programme of your own area", "您的岗位无权对该项目进行此操作"
            )
        if programme.status is ProgrammeStatus.COMPLETED:
            raise WrongStatus("the programme is completed", "该项目已完成")
        yield from self.rule(programme, act)

    def permitted(self, programme: Programme, act: Act) -> bool:
        return may(programme.villages, act)

    def rule(self, programme: Programme, act: Act, /) -> Iterator[ProgrammeEvent]:
        """What happens, once it may."""
        raise NotImplementedError


@command
class JoinCase(ProgrammeCommand):
    """Say that the programme settles this case, too. A case about a person, or a sealed one, joins none."""

    verb = "join-case"

    case: Id

    def also(self, _programme: Programme, /) -> tuple[str, ...]:
        return (case_stream(self.case),)

    def rule(self, programme: Programme, act: Act, /) -> Iterator[CaseJoined]:
        case = act.others[case_stream(self.case)]
        if not sees_case(case, act):
            raise NotFound(*NO_SUCH_CASE, subject=self.case)
        if case.sealed or case.subjects:
            raise ConflictOfInterest("a case about a person joins no programme", "涉及被反映人的事项不并入项目")
        if self.case in programme.cases:
            raise WrongStatus("it has joined already", "该事项已并入")
        yield CaseJoined(case=self.case)


@command
class JoinHousehold(ProgrammeCommand):
    """Say that the programme is for this household, too."""

    verb = "join-household"

    household: Id

    def also(self, _programme: Programme, /) -> tuple[str, ...]:
        return (household_stream(self.household),)

    def rule(self, programme: Programme, act: Act, /) -> Iterator[HouseholdJoined]:
        if not sees_household(act.others[household_stream(self.household)], act):
            raise NotFound(*NO_SUCH_HOUSEHOLD, subject=self.household)
        if self.household in programme.households:
            raise WrongStatus("it has joined already", "该户已纳入")
        yield HouseholdJoined(household=self.household)


@command
class ApproveProgramme(ProgrammeCommand):
    """Approve it: the head of its town, or a district leader; never who proposed it."""

    verb = "approve"

    def permitted(self, programme: Programme, act: Act) -> bool:
        return may_approve(programme, act)

    def rule(self, programme: Programme, _act: Act, /) -> Iterator[Approved]:
        if programme.status is not ProgrammeStatus.PROPOSED:
            raise WrongStatus("it is approved already", "该项目已批准")
        yield Approved()


@command
class CompleteProgramme(ProgrammeCommand):
    """Say what came of it. Its cases are settled each by itself, so that each citizen is asked."""

    verb = "complete"

    outcome: Text

    def rule(self, programme: Programme, _act: Act, /) -> Iterator[Completed]:
        if programme.status is not ProgrammeStatus.APPROVED:
            raise WrongStatus("nobody has approved it", "该项目尚未批准")
        yield Completed(outcome=self.outcome)


COMMANDS: tuple[type[ProgrammeCommand], ...] = (JoinCase, JoinHousehold, ApproveProgramme, CompleteProgramme)
