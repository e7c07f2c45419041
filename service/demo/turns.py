"""The turns a case can take: given back, sent back, made to wait, joined with others, withdrawn, reviewed, kept secret."""

from __future__ import annotations

from datetime import timedelta

from domain.case.clocks import ClockKind
from domain.case.feedback import RejectResolution
from domain.case.handling import Assign, Contact, Dispute, Rule, Start
from domain.case.intake import Accept, ChallengeDecline, DecideChallenge, Decline, Divert, RecordOutcome
from domain.case.joining import Merge
from domain.case.joint import CompleteTask, Convene, Task
from domain.case.oversight import TakeNote
from domain.case.review import DecideFinalReview, DecideReview, RequestFinalReview, RequestReview
from domain.case.suspension import RequestSuspension, Suspend
from domain.case.terms import (
    Basis,
    Channel,
    Confidentiality,
    ContactOutcome,
    DeclineReason,
    Ground,
    Outcome,
    SuspensionReason,
    Verdict,
)
from domain.case.tiers import Escalate, Remand
from domain.case.timing import DecideExtension, ProvideInformation, RequestExtension, RequestInformation
from domain.case.withdrawal import ConfirmWithdrawal, Withdraw
from domain.org import Role
from service.demo.district import DISCIPLINE, FINAL_REVIEW, MASS_WORK, REVIEW, holder
from service.demo.matters import petitioner
from service.demo.scene import A_MOMENT, NEXT_DAY, SOON, WITHIN_THE_DAY, Part, Scene
from service.record.ids import new_id


def the_wrong_unit(scene: Scene) -> Part:
    """The dispute is upheld: the stay is void, charged to who dispatched it, and the right department has it."""
    yield from scene.reported(Channel.HOTLINE)
    yield from scene.triaged(scene.place.town, scene.dispatcher)
    no = Dispute(ground="属于部门职责", evidence=("职责清单", "现场照片"), suggested_unit=scene.matter.department)
    yield from scene.says(scene.town_head, no, (2.0, 5.0))
    yes = Rule(upheld=True, unit=scene.matter.department, reason="职责清单载明由部门办理")
    yield from scene.says(scene.who(Role.ADJUDICATOR, MASS_WORK), yes, (10.0, 14.0))
    yield from scene.worked_on()
    yield from scene.resolved((8.0, 60.0))
    yield from scene.judged()


def sent_back(scene: Scene) -> Part:
    """Sent up too early; the district returns it with instructions."""
    yield from scene.reported()
    yield from scene.triaged(scene.office)
    yield from scene.worked_on()
    up = Escalate(ground=Ground.BEYOND_POWERS, tried=("电话了解情况",))
    yield from scene.says(scene.town_head, up, SOON)
    back = Remand(
        unit=scene.place.town, instructions="属镇办职责，请到现场核实，五个工作日内办结并回复群众。", premature=True
    )
    yield from scene.says(scene.who(Role.ADJUDICATOR, MASS_WORK), back, WITHIN_THE_DAY)
    yield from scene.says(scene.holder, Start(), NEXT_DAY)
    yield from scene.contacted()
    yield from scene.resolved((8.0, 20.0))
    yield from scene.judged()


def a_missing_paper(scene: Scene) -> Part:
    """The clock stands still until the citizen has brought it."""
    yield from scene.reported(Channel.WALK_IN)
    yield from scene.triaged(scene.office)
    yield from scene.worked_on()
    ask = RequestInformation(items=("身份证复印件", "权属证明"), delivered="电话告知并送达清单")
    yield from scene.says(scene.holder, ask, SOON)
    yield from scene.says(scene.holder, ProvideInformation(note="材料齐全"), (20.0, 60.0))
    yield from scene.resolved((4.0, 20.0))
    yield from scene.judged()


def a_paper_never_brought(scene: Scene) -> Part:
    yield from scene.reported(Channel.WALK_IN)
    yield from scene.triaged(scene.office)
    yield from scene.worked_on()
    ask = RequestInformation(items=("住院费用清单",), delivered="电话告知")
    yield from scene.says(scene.holder, ask, SOON)
    yield from scene.runs_out_of(ClockKind.INFORMATION_WAIT)
    yield from scene.resolved((2.0, 12.0), Outcome.EXPLAINED)
    yield from scene.judged()


def more_time(scene: Scene) -> Part:
    """Asked for before the time is over, granted one level up."""
    yield from scene.reported()
    yield from scene.triaged(scene.office)
    yield from scene.worked_on()
    ask = RequestExtension(days=5, reason="材料采购需要时间", petitioner_told=True)
    yield from scene.says(scene.holder, ask, (16.0, 26.0))
    granted = DecideExtension(granted=True, reason="情况属实")
    yield from scene.says(scene.who(Role.ADJUDICATOR, MASS_WORK), granted, SOON)
    yield from scene.resolved((30.0, 50.0))
    yield from scene.judged()


def not_this_year(scene: Scene) -> Part:
    """On the pending list: to be solved with next year's money."""
    yield from scene.reported()
    yield from scene.triaged(scene.office)
    yield from scene.worked_on()
    yield from scene.says(scene.holder, RequestSuspension(reason=SuspensionReason.BUDGET_CYCLE), WITHIN_THE_DAY)
    up = Escalate(unit=scene.matter.department, ground=Ground.BEYOND_MEANS, tried=("已列入镇级项目库",))
    yield from scene.says(scene.town_head, up, SOON)
    yield from scene.worked_on()
    leader = scene.who(Role.DISTRICT_LEADER, scene.matter.department)
    yield from scene.says(
        leader,
        Suspend(
            reason=SuspensionReason.BUDGET_CYCLE,
            plan="纳入下一年度预算，资金到位后三个月内完工。",
            review_by=scene.at.date() + timedelta(days=60),
        ),
        (16.0, 40.0),
    )


def together(scene: Scene) -> Part:
    """The town head calls a department and another of his offices to the spot."""
    yield from scene.reported()
    yield from scene.triaged(scene.place.town)
    yield from scene.worked_on()
    department = scene.matter.department
    called = Convene(lead=scene.place.town, tasks=(Task(unit=department, task="提供技术方案"),))
    yield from scene.says(scene.town_head, called, WITHIN_THE_DAY)
    done = CompleteTask(task="提供技术方案")
    yield from scene.says(scene.who(Role.DEPARTMENT_OFFICER, department), done, (8.0, 20.0))
    yield from scene.resolved((4.0, 12.0))
    yield from scene.judged()


def not_for_us(scene: Scene) -> Part:
    """Declined, with where to go instead; the citizen may object."""
    yield from scene.reported(Channel.WEB)
    no = Decline(reason=DeclineReason.COURT_OR_ARBITRATION_OR_RECONSIDERATION, where_to="请向人民法院提起诉讼")
    yield from scene.says(scene.dispatcher, no)
    if scene.chance.random() < 0.5:
        yield from scene.says(scene.citizen, ChallengeDecline(reason="不涉及诉讼，只请求调解"), NEXT_DAY)
        upheld = DecideChallenge(upheld=True, reason="可以先行调解")
        yield from scene.says(scene.who(Role.ADJUDICATOR, MASS_WORK), upheld, NEXT_DAY)
        yield from scene.triaged(scene.office, scene.dispatcher)
        yield from scene.worked_on()
        yield from scene.resolved((8.0, 30.0), Outcome.EXPLAINED)
        yield from scene.judged()


def taken_back(scene: Scene) -> Part:
    """Withdrawn, which the follow-up centre finds to be meant."""
    yield from scene.reported(Channel.WEB)
    yield from scene.triaged(scene.place.village)
    yield from scene.worked_on()
    yield from scene.says(scene.citizen, Withdraw(reason="双方已自行协商解决"))
    yield from scene.says(scene.follow_up, ConfirmWithdrawal(confirmed=True), WITHIN_THE_DAY)


def reported_twice(scene: Scene) -> Part:
    """A neighbour brings the same matter the day after; both are asked in the end."""
    yield from scene.reported(Channel.VILLAGE_DESK)
    yield from scene.triaged(scene.office)
    yield from scene.worked_on()
    neighbour = new_id(scene.at)
    again = scene.report(Channel.WALK_IN, petitioner=petitioner(scene.number + 5000, scene.place))
    yield from scene.says(scene.clerk, again, NEXT_DAY, about=neighbour)
    joined = Merge(into=scene.id, basis=Basis.SAME_MATTER_OTHER_PERSON)
    yield from scene.says(scene.clerk, joined, A_MOMENT, about=neighbour)
    yield from scene.resolved((4.0, 16.0))
    yield from scene.confirmed()
    yield from scene.confirmed()


def a_petition(scene: Scene) -> Part:
    """On the clock of the law: answered in writing, reviewed, and reviewed for the last time."""
    yield from scene.reported(Channel.LETTER)
    yield from scene.says(scene.dispatcher, Accept(written_notice=True), (8.0, 30.0))
    yield from scene.says(scene.dispatcher, Assign(unit=scene.place.town), A_MOMENT)
    yield from scene.worked_on()
    yield from scene.resolved((60.0, 130.0), Outcome.PARTLY)
    yield from scene.says(scene.citizen, RequestReview(reason="对答复意见不服"), (24.0, 60.0))
    reviewer, last = scene.who(Role.ADJUDICATOR, REVIEW), scene.who(Role.ADJUDICATOR, FINAL_REVIEW)
    upheld = DecideReview(decision=Verdict.UPHELD, reason="原答复事实清楚、依据充分")
    yield from scene.says(reviewer, upheld, (60.0, 110.0))
    yield from scene.says(scene.citizen, RequestFinalReview(reason="仍不服"), (16.0, 60.0))
    yield from scene.says(last, DecideFinalReview(decision=Verdict.UPHELD), (40.0, 110.0))


def an_accusation(scene: Scene) -> Part:
    """Sealed from the first moment; only the discipline body learns of it."""
    accused = holder(Role.TOWN_HEAD, scene.place.town)
    yield from scene.reported(
        Channel.LETTER, title="反映干部作风问题", description="内容保密", category=None, subjects=(accused,)
    )
    officer = scene.who(Role.DEPARTMENT_OFFICER, MASS_WORK)
    yield from scene.says(officer, Divert(to=DISCIPLINE, basis="按干部管理权限转送"), (20.0, 40.0))
    outcome = RecordOutcome(outcome="已按程序核实处理", visible_to_reporter=True)
    yield from scene.says(scene.who(Role.DISCIPLINE, DISCIPLINE), outcome, (120.0, 240.0))


def about_the_village_head(scene: Scene) -> Part:
    """A complaint never reaches the one complained about: the town handles it."""
    complained_about = holder(Role.VILLAGE_HEAD, scene.place.village)
    yield from scene.reported(
        Channel.HOTLINE,
        subjects=(complained_about,),
        title=f"反映{scene.place.short}办事拖延",
        description="多次到村办理证明，均以各种理由推脱。",
        confidentiality=Confidentiality.IDENTITY_HIDDEN,
    )
    yield from scene.triaged(scene.office)
    yield from scene.worked_on()
    yield from scene.resolved((8.0, 36.0))
    yield from scene.judged()


def without_a_name(scene: Scene) -> Part:
    yield from scene.reported(Channel.WEB, petitioner=None, confidentiality=Confidentiality.ANONYMOUS)
    yield from scene.triaged(scene.place.village)
    yield from scene.says(scene.holder, Start())
    yield from scene.says(scene.holder, Contact(outcome=ContactOutcome.SITE_CHECKED), SOON)
    yield from scene.resolved((2.0, 12.0))


def not_solved_twice(scene: Scene) -> Part:
    """The second time it goes to the tier above by itself."""
    yield from scene.reported()
    yield from scene.triaged(scene.office)
    yield from scene.worked_on()
    yield from scene.resolved((4.0, 20.0))
    yield from scene.refuted("只修了一部分")
    yield from scene.worked_on()
    yield from scene.resolved((4.0, 12.0))
    yield from scene.refuted("没过几天又坏了")
    yield from scene.worked_on()
    yield from scene.resolved((10.0, 60.0))
    yield from scene.confirmed()


def a_false_proof(scene: Scene) -> Part:
    """The photo is of another place; the unit gets the case back."""
    yield from scene.reported()
    yield from scene.triaged(scene.place.village)
    yield from scene.worked_on()
    yield from scene.resolved((2.0, 10.0))
    yield from scene.says(scene.follow_up, RejectResolution(finding="现场照片与事项地点不符"), WITHIN_THE_DAY)
    yield from scene.worked_on()
    yield from scene.says(scene.holder, TakeNote(text="已重新到现场处置并拍照"), SOON)
    yield from scene.resolved((2.0, 6.0))
    yield from scene.confirmed()
