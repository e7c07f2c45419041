"""The roads most cases take: solved where they arise, handed up by somebody, or risen because nobody acted in time."""

from __future__ import annotations

from domain.case.clocks import ClockKind
from domain.case.handling import Assign, Contact, Dispute, Rule, Start, Transfer
from domain.case.intake import Accept
from domain.case.outcome import Resolve
from domain.case.oversight import Supervise, Urge
from domain.case.terms import Channel, ContactOutcome, Grade, Ground, Outcome, Proof
from domain.case.tiers import Escalate
from domain.org import Role
from service.demo.district import MASS_WORK
from service.demo.scene import A_MOMENT, NEXT_DAY, SOON, WITHIN_THE_DAY, Part, Scene


def solved_by_the_village(scene: Scene) -> Part:
    yield from scene.reported()
    yield from scene.triaged(scene.place.village)
    yield from scene.worked_on()
    yield from scene.resolved((1.0, 13.0))
    yield from scene.judged()


def solved_by_the_town(scene: Scene) -> Part:
    yield from scene.reported()
    yield from scene.triaged(scene.office)
    yield from scene.worked_on()
    yield from scene.resolved((4.0, 42.0))
    yield from scene.judged()


def the_village_asks_the_town(scene: Scene) -> Part:
    yield from scene.reported()
    yield from scene.triaged(scene.place.village)
    yield from scene.worked_on()
    tried = ("村集体已先行处置", "召开院坝会商议")
    yield from scene.says(scene.holder, Escalate(ground=Ground.BEYOND_MEANS, tried=tried), WITHIN_THE_DAY)
    yield from scene.worked_on()
    yield from scene.resolved((6.0, 40.0))
    yield from scene.judged()


def the_village_runs_out_of_time(scene: Scene) -> Part:
    yield from scene.reported()
    yield from scene.triaged(scene.place.village)
    yield from scene.worked_on()
    yield from scene.runs_out_of()
    yield from scene.worked_on()
    yield from scene.resolved((4.0, 38.0))
    yield from scene.judged()


def the_town_asks_the_district(scene: Scene) -> Part:
    yield from scene.reported()
    yield from scene.triaged(scene.office)
    yield from scene.worked_on()
    asked = Escalate(
        unit=scene.matter.department, ground=Ground.BEYOND_POWERS, tried=("镇办已现场核查", "已协调相关站所")
    )
    yield from scene.says(scene.town_head, asked, (6.0, 30.0))
    yield from scene.worked_on()
    yield from scene.resolved((12.0, 80.0))
    yield from scene.judged()


def the_town_runs_out_of_time(scene: Scene) -> Part:
    """From the mass-work department it goes on to the department that can solve it."""
    yield from scene.reported()
    yield from scene.triaged(scene.office)
    yield from scene.worked_on()
    yield from scene.runs_out_of()
    yield from to_the_department(scene)
    yield from scene.worked_on()
    yield from scene.resolved((10.0, 70.0))
    yield from scene.judged()


def to_the_department(scene: Scene) -> Part:
    adjudicator = scene.who(Role.ADJUDICATOR, MASS_WORK)
    passed = Transfer(unit=scene.matter.department, reason="转职能部门办理")
    yield from scene.says(adjudicator, passed, SOON)


def nobody_acted(scene: Scene) -> Part:
    """The town says it is not its own, is told that it is, and still does nothing until the district has it."""
    yield from scene.reported(Channel.HOTLINE)
    yield from scene.triaged(scene.place.town, scene.dispatcher)
    no = Dispute(ground="认为属于部门职责", evidence=("职责清单",), suggested_unit=scene.matter.department)
    yield from scene.says(scene.town_head, no, WITHIN_THE_DAY)
    adjudicator = scene.who(Role.ADJUDICATOR, MASS_WORK)
    yield from scene.says(adjudicator, Rule(upheld=False, reason="属地责任明确，由镇办负责"), WITHIN_THE_DAY)
    yield from scene.says(adjudicator, Urge(note="请尽快联系群众"), NEXT_DAY)
    yield from scene.runs_out_of()
    yield from to_the_department(scene)
    yield from scene.worked_on()
    yield from scene.resolved((8.0, 60.0))
    yield from scene.confirmed()


def overdue_at_the_district(scene: Scene) -> Part:
    """Nobody stands above: the district's own deadline passes, and it is called to account."""
    yield from scene.reported()
    yield from scene.triaged(scene.office)
    yield from scene.worked_on()
    yield from scene.runs_out_of()
    yield from to_the_department(scene)
    yield from scene.worked_on()
    yield from scene.runs_out_of()
    leader = scene.who(Role.DISTRICT_LEADER, scene.matter.department)
    yield from scene.says(leader, Supervise(note="请承办单位说明超期原因"), WITHIN_THE_DAY)


def answered_at_once(scene: Scene) -> Part:
    """A question, answered at the desk."""
    yield from scene.reported()
    yield from scene.triaged(scene.place.town)
    yield from scene.contacted(A_MOMENT)
    yield from scene.resolved(A_MOMENT, Outcome.EXPLAINED)
    yield from scene.judged()


def an_allowance(scene: Scene) -> Part:
    """A benefit has thirty working days: a visit, a meeting of the village, a public notice."""
    yield from scene.reported(Channel.HOUSEHOLD_VISIT, proxy=True)
    yield from scene.triaged(scene.office)
    yield from scene.worked_on()
    yield from scene.resolved((60.0, 200.0))
    yield from scene.judged()


def an_emergency(scene: Scene) -> Part:
    """Grade I runs day and night, in hours."""
    scene.around_the_clock = True
    yield from scene.reported(Channel.HOTLINE, grade=Grade.URGENT)
    yield from scene.says(scene.dispatcher, Accept(), (0.05, 0.15))
    yield from scene.says(scene.dispatcher, Assign(unit=scene.place.town), (0.05, 0.1))
    yield from scene.says(scene.holder, Start(), (0.1, 0.4))
    yield from scene.contacted((0.2, 1.0))
    yield from scene.resolved((3.0, 18.0))
    scene.around_the_clock = False
    yield from scene.judged()


def an_emergency_too_much_for_the_town(scene: Scene) -> Part:
    scene.around_the_clock = True
    yield from scene.reported(Channel.HOTLINE, grade=Grade.URGENT)
    yield from scene.says(scene.dispatcher, Accept(), (0.05, 0.15))
    yield from scene.says(scene.dispatcher, Assign(unit=scene.place.town), (0.05, 0.1))
    yield from scene.contacted((0.5, 1.5))
    yield from scene.runs_out_of()
    yield from scene.says(scene.holder, Start(), (0.2, 0.6))
    yield from scene.contacted((0.2, 1.0))
    yield from scene.resolved((4.0, 40.0))
    scene.around_the_clock = False
    yield from scene.judged()


def just_reported(scene: Scene) -> Part:
    """Nobody has looked at it yet."""
    yield from scene.reported(Channel.HOTLINE)


def nobody_accepts(scene: Scene) -> Part:
    """After its day the mass-work department has it in its queue; still nothing happens."""
    yield from scene.reported(Channel.WEB)
    yield from scene.runs_out_of(ClockKind.INTAKE)


def nobody_calls(scene: Scene) -> Part:
    """Assigned, and then the citizen hears nothing for days."""
    yield from scene.reported()
    yield from scene.triaged(scene.office)
    yield from scene.says(scene.who(Role.ADJUDICATOR, MASS_WORK), Urge(), NEXT_DAY)
    yield from scene.says(scene.holder, Contact(outcome=ContactOutcome.NO_ANSWER), (9.0, 12.0))
    yield from scene.says(scene.holder, Start(), (4.0, 8.0))
    yield from scene.contacted()
    solved = Resolve(outcome=Outcome.PARTLY, proof=(Proof(kind="现场照片"),), reply=scene.matter.reply)
    yield from scene.says(scene.holder, solved, (2.0, 16.0))
    yield from scene.judged()
