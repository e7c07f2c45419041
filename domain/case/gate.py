"""The one gate to a case. It asks in this order: taint, visibility, right, status."""

from collections.abc import Iterator
from typing import ClassVar, Final

from domain.case import events as e
from domain.case.state import Case
from domain.case.terms import Grade, Kind, Status
from domain.decider import Act
from domain.org import Duty, Post, Role
from domain.refusals import AlreadyFinalised, ConflictOfInterest, Invalid, NotFound, NotPermitted, WrongStatus
from domain.rules.authority import ANYONE, AUTHORITY, READ, SEALED_RELATIONS, Relation

NO_SUCH_CASE: Final = ("there is no such case", "没有这个事项")


class CaseCommand:
    """Something one may ask of a case: `verb` names it, `when` lists the statuses in which it makes sense."""

    verb: ClassVar[str]
    when: ClassVar[frozenset[Status]]

    @classmethod
    def usual_right(cls, _case: Case, _act: Act, /) -> str:
        """Its row of the authority table, whatever the fields say."""
        return cls.verb

    def right(self, case: Case, act: Act, /) -> str:
        """The row that decides who may do this."""
        return self.usual_right(case, act)

    def named(self) -> tuple[str | None, ...]:
        """The units it names; none of them may be tainted."""
        return ()

    def also(self, _case: Case, /) -> tuple[str, ...]:
        """Other streams it reads or writes; their states are in `act.others`, by the same names."""
        return ()

    @classmethod
    def sensible(cls, _case: Case, _act: Act, /) -> None:
        """Refuse what makes no sense now, whatever the fields say; `next_actions` leaves out what is refused here."""

    def decide(self, case: Case, act: Act, /) -> Iterator[e.Happening]:
        visible(case, act)
        untainted(case, act, *self.named())
        permitted(case, act, self.right(case, act))
        timely(case, self.verb, self.when)
        self.sensible(case, act)
        yield from self.rule(case, act)

    def rule(self, case: Case, act: Act, /) -> Iterator[e.Happening]:
        """What happens, once it may."""
        raise NotImplementedError


def visible(case: Case, act: Act) -> None:
    if not sees(case, act):
        raise NotFound(*NO_SUCH_CASE, subject=case.id)


def sees(case: Case, act: Act) -> bool:
    """Whether the case exists for this actor at all."""
    if case.status is Status.UNKNOWN or act.org.tainted(act.by, case.subjects, act.at):
        return False
    return may(case, act, READ)


def untainted(case: Case, act: Act, *units: str | None) -> None:
    for unit in units:
        if unit is not None and case.subjects and act.org.unit_tainted(unit, case.subjects, act.at):
            raise ConflictOfInterest(
                "the unit named belongs to somebody this case is about", "所指单位与本事项被反映人有利害关系"
            )


def permitted(case: Case, act: Act, right: str) -> None:
    if not may(case, act, right):
        raise NotPermitted("this needs another post, or a case of your own unit", "您的岗位无权对本事项进行此操作")


def grading(case: Case, grade: Grade | None, verb: str) -> str:
    """The right that setting this grade takes: to lower it is for the dispatcher."""
    gravest_first = list(Grade)
    lower = grade is not None and gravest_first.index(grade) > gravest_first.index(case.grade)
    return "reclassify:lower" if lower else verb


def sealed_from_the_start(case: Case, kind: Kind) -> None:
    """Raises Invalid for an accusation that was reported as another kind: others have read it, so it cannot be sealed."""
    if kind is Kind.ACCUSATION and not case.sealed:
        raise Invalid("report an accusation as such, so that it is sealed from the start", "检举控告须按检举控告登记")


def timely(case: Case, verb: str, when: frozenset[Status]) -> None:
    going_on_here(case)
    if case.status is Status.FINALISED and case.status not in when:
        raise AlreadyFinalised("nothing more can be done about it", "该事项已终结")
    if case.status not in when:
        raise WrongStatus(
            f"the case is {case.status}; {verb} needs {' or '.join(sorted(when))}",
            "事项当前状态下不能进行此操作",
        )


def going_on_here(case: Case) -> None:
    if case.imported:
        raise WrongStatus("the history of an imported case does not go on here", "导入的历史事项不在本系统继续办理")


def may(case: Case, act: Act, right: str) -> bool:
    """Whether the authority table grants the actor this right on this case."""
    his_own = Relation.REPORTED in AUTHORITY[right].get(ANYONE, ()) and brought(case, act)
    return his_own or post_for(case, act, right) is not None


def post_for(case: Case, act: Act, right: str) -> Post | None:
    """The post by which the actor has this right; None if he has it as a citizen, or not at all."""
    grants = AUTHORITY[right]
    for post in act.by.posts:
        if case.sealed and not knows_sealed(act, post):
            continue
        if any(related(case, act, post, relation) for relation in grants.get(post.role, ())):
            return post
    return None


def knows_sealed(act: Act, post: Post) -> bool:
    return post.role is Role.AUDITOR or trusted(post.unit, act)


def trusted(unit: str, act: Act) -> bool:
    """Whether the unit is one of those that know of sealed cases."""
    return any(act.org.has_duty(unit, Duty(relation)) for relation in SEALED_RELATIONS)


def brought(case: Case, act: Act) -> bool:
    """The reporter himself, or who collected it from him; a sealed report is no longer its collector's."""
    if act.by.id in [one.id for one in case.reporters]:
        return True
    return not case.sealed and case.report is not None and case.report.collector == act.by.id


def had(case: Case, unit: str, act: Act) -> bool:
    """Whether the unit, or its house, has the case or once had it."""
    return any(act.org.same_house(held.unit, unit) for stay in case.stays for held in stay.units)


def related(case: Case, act: Act, post: Post, relation: Relation) -> bool:
    org = act.org
    match relation:
        case Relation.ANYWHERE:
            return True
        case Relation.HOLDS:
            return case.unit is not None and org.same_house(case.unit, post.unit)
        case Relation.ABOVE:
            return (
                case.unit is not None
                and post.unit in org.ancestors(case.unit)
                and not org.same_house(case.unit, post.unit)
            )
        case Relation.HELD:
            return had(case, post.unit, act)
        case Relation.AREA:
            return case.village is not None and org.lies_in(case.village, post.unit)
        case Relation.UNPLACED:
            return case.village is None and not case.stays
        case Relation.TASKED:
            return any(org.same_house(unit, post.unit) for unit in case.tasked)
        case Relation.DIVERTED:
            return case.diverted_to is not None and org.successor(case.diverted_to) == post.unit
        case Relation.REPORTED:
            return brought(case, act)
        case _:
            return org.has_duty(post.unit, Duty(relation))
