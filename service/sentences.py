"""What a stored event says, in one plain sentence: as a clerk would tell it to an auditor, in Chinese or in English."""

from collections.abc import Mapping
from string import Formatter
from typing import Any

from service.names import Naming, bare
from service.spoken import Spoken, clocks

SENTENCES: Mapping[str, tuple[str, str]] = {
    "case.reported": ("登记{kind}（{grade}）：{title}", "Reported as {kind}, {grade}: {title}"),
    "case.identity_sealed": ("本件已保密", "The case was sealed"),
    "case.accepted": ("受理为{kind}（{grade}）", "Accepted as {kind}, {grade}"),
    "case.declined": ("不予受理：{reason}", "Declined: {reason}"),
    "case.decline_challenged": ("反映人对不予受理提出异议", "The reporter challenged the refusal"),
    "case.challenge_upheld": ("裁定异议成立，重新登记分办", "The challenge was upheld and intake begins again"),
    "case.challenge_rejected": ("裁定异议不成立，维持不予受理", "The challenge was rejected and the refusal stands"),
    "case.diverted": ("转送{to}", "Diverted to {to}"),
    "case.notice_issued": ("通过{via}告知反映人：{text}", "The reporter was told by {via}: {text}"),
    "case.external_outcome_recorded": (
        "记录转送结果：{outcome}，{visible_to_reporter}",
        "The outcome elsewhere was recorded: {outcome}; {visible_to_reporter}",
    ),
    "case.assigned": ("派单给{unit}（{tier}）", "Assigned to {unit} ({tier})"),
    "case.assignment_acknowledged": ("承办单位已签收", "The unit signed for it"),
    "case.work_started": ("开始办理", "Work started"),
    "case.citizen_contacted": ("联系群众：{outcome}", "Contact: {outcome}"),
    "case.contact_failed": ("联系群众未果", "The citizen could not be reached"),
    "case.assignment_disputed": ("退单：{ground}", "The assignment was disputed: {ground}"),
    "case.dispute_upheld": (
        "裁定退单成立，所用时间计入{charged_to}",
        "The dispute was upheld and the time charged to {charged_to}",
    ),
    "case.dispute_rejected": ("裁定退单不成立，原单位继续办理", "The dispute was rejected and the unit keeps the case"),
    "case.transferred": ("同级转办至{unit}", "Transferred to {unit} within the tier"),
    "case.escalated": ("上报至{unit}（{tier}）：{trigger}", "Escalated to {unit} ({tier}) {trigger}"),
    "case.remanded": ("发回{unit}（{tier}）", "Remanded to {unit} ({tier})"),
    "case.joint_handling_convened": (
        "联办：{lead}主办，协办{tasks}",
        "Joint handling was convened: {lead} leads, with {tasks}",
    ),
    "case.joint_task_completed": ("{unit}完成联办任务{task}", "{unit} completed its joint task {task}"),
    "case.joint_task_missed": ("{unit}联办任务{task}逾期", "{unit} missed its joint task {task}"),
    "case.information_requested": ("请群众补充{items}", "The citizen was asked for {items}"),
    "case.information_provided": ("群众已补充材料", "The citizen provided what was asked for"),
    "case.information_wait_expired": ("补充材料期满，群众未答复", "The citizen did not answer in time"),
    "case.extension_requested": ("申请延期{days}天", "{days}-day extension requested"),
    "case.extension_granted": ("同意延期{days}天", "{days}-day extension granted"),
    "case.extension_refused": ("不同意延期", "The extension was refused"),
    "case.suspension_requested": ("申请挂账：{reason}", "The pending list was proposed: {reason}"),
    "case.suspended": ("挂账：{reason}", "Put on the pending list: {reason}"),
    "case.suspension_reviewed": ("挂账事项已检视", "The case on the pending list was looked at again"),
    "case.reactivated": ("挂账结束，由{unit}（{tier}）恢复办理", "Off the pending list, back to {unit} ({tier})"),
    "case.resolved": ("办结：{outcome}", "Resolved: {outcome}"),
    "case.resolution_rejected": ("回访核查认定办结不实", "The follow-up centre rejected the resolution"),
    "case.feedback_recorded": ("回访{reporter}：{solved}", "{reporter} gave feedback: {solved}"),
    "case.feedback_attempted": ("第{tries}次回访未果", "Call-back no. {tries} reached nobody"),
    "case.reopened": ("第{count}次重新办理：{reason}", "Reopened (no. {count}): {reason}"),
    "case.closed": ("结案：{reason}", "Closed: {reason}"),
    "case.review_requested": ("信访人申请复查", "A review was requested"),
    "case.review_decided": ("复查决定：{decision}", "The review was decided: {decision}"),
    "case.final_review_requested": ("信访人申请复核", "A final review was requested"),
    "case.hearing_started": ("听证开始", "A hearing began"),
    "case.hearing_ended": ("听证结束", "The hearing ended"),
    "case.final_review_decided": ("复核决定：{decision}", "The final review was decided: {decision}"),
    "case.finalised": (
        "三级终结，同一事实和理由不再受理",
        "Finalised: the same facts and reasons are not accepted any more",
    ),
    "case.withdrawal_requested": ("反映人申请撤回", "The reporter asked to withdraw it"),
    "case.withdrawn": ("核实后撤回", "Withdrawn, as the reporter confirmed"),
    "case.withdrawal_not_confirmed": ("撤回不成立，继续办理", "The withdrawal was not confirmed; the case goes on"),
    "case.merged": ("并入{into}", "Merged into {into}"),
    "case.unmerged": ("撤销并案，单独办理", "Unmerged, to stand on its own again"),
    "case.report_joined": ("{case}并入本件", "{case} was merged into this case"),
    "case.report_left": ("{case}撤销并案，离开本件", "{case} left this case to stand on its own again"),
    "case.urged": ("催办", "The unit was urged"),
    "case.supervised": ("督办：{reason}", "Supervised: {reason}"),
    "case.claimed": ("领取至{until}", "Claimed until {until}"),
    "case.released": ("取消领取", "The claim was released"),
    "case.reclassified": ("改为{kind}（{grade}）", "Reclassified as {kind}, {grade}"),
    "case.subject_added": ("登记{official}为被反映人", "{official} was named as a subject of the matter"),
    "case.conflict_declared": ("登记{official}回避", "A conflict of interest of {official} was declared"),
    "case.household_linked": ("关联民情户{household}", "Linked to household {household}"),
    "case.evidence_attached": ("附上{kind}", "Attached: {kind}"),
    "case.noted": ("记事：{text}", "Noted: {text}"),
    "case.entry_corrected": ("更正{field}：由{old}改为{new}", "The {field} was corrected from {old} to {new}"),
    "case.deadline_confirmed": ("年度日历已公布，期限确认", "The year's calendar is out and the deadline confirmed"),
    "household.registered": ("登记入册", "Written into the register"),
    "household.member_joined": ("增加成员{member}（{relation}）", "Member {member} joined as {relation}"),
    "household.member_left": ("减少成员{member}", "Member {member} left"),
    "household.facts_recorded": (
        "登记家庭情况：{facts[members]}人，人均年纯收入{facts[income_per_head]}元，负债{facts[debt_total]}元",
        "Facts recorded: {facts[members]} persons, {facts[income_per_head]} yuan a head, {facts[debt_total]} yuan of debts",
    ),
    "household.split_off": ("{members}分户为{household}", "{members} became household {household}"),
    "household.merged_into": ("并入{household}", "Joined household {household}"),
    "household.moved": ("迁至{village}", "Moved to {village}"),
    "household.relation_declared": ("登记亲属关系：{official}", "Declared to be relatives of {official}"),
    "household.relation_checked": ("核查{official}亲属户：{fair}", "Checked as relatives of {official}: {fair}"),
    "household.lost_home_counts": ("因灾失房认定至：{counts_until}", "A lost home counts until {counts_until}"),
    "household.assessed": ("按{ruleset}评定为{result}", "Assessed under {ruleset} as {result}"),
    "household.classified": ("由{was}转为{now}：{basis}", "From {was} to {now}: {basis}"),
    "household.override_proposed": ("提请特别认定为{now}", "Proposed as {now}, against the table"),
    "household.class_overridden": ("村民会议特别认定为{now}", "The village meeting found {now}"),
    "household.override_ended": ("特别认定到期", "The override ended"),
    "household.class_contested": ("对类别提出异议", "The class was contested"),
    "household.contest_decided": ("异议处理：{upheld}", "The contest was decided: {upheld}"),
    "household.notice_posted": ("公示拟转为{now}", "Notice posted that it is to become {now}"),
    "household.notice_ended": ("公示结束：{withdrawn}", "The notice ended: {withdrawn}"),
    "household.pairing_started": ("由{helper}结对帮扶", "{helper} is its helper"),
    "household.pairing_ended": ("{helper}结束帮扶", "{helper} stopped helping"),
    "household.pairing_handed_over": ("帮扶由{helper}移交{next_helper}", "Help passed from {helper} to {next_helper}"),
    "helper.took_on": ("开始帮扶{household}", "Helps {household}"),
    "helper.let_go": ("不再帮扶{household}", "Helps {household} no more"),
    "register.ruleset_compared": (
        "以{new}试算民情数据库：{households}户中{moved}户类别有变",
        "The register under {new} instead of {old}: another class for {moved} of {households} households",
    ),
    "household.visit_recorded": ("{visitor}走访", "Visited by {visitor}"),
    "household.benefit_applied": ("申请{benefit}", "Applied for {benefit}"),
    "household.benefit_granted": ("批准{benefit}", "Granted: {benefit}"),
    "household.benefit_refused": ("不批准{benefit}", "Refused: {benefit}"),
    "household.benefit_ended": ("终止{benefit}", "Ended: {benefit}"),
    "household.benefit_overdue": ("{benefit}审批超过法定期限{due_at}", "Nobody decided on {benefit} by {due_at}"),
    "household.benefit_posted": (
        "公示{benefit}申请至{ends}",
        "The village is told of the application for {benefit} until {ends}",
    ),
    "household.benefit_notice_ended": ("{benefit}申请公示结束", "The notice of {benefit} ended"),
    "org.unit_opened": ("设立{kind}{name}（{unit}）", "{unit} {name} opened as {kind}"),
    "org.unit_changed": ("{unit}变更为{kind}{name}", "{unit} is now {kind}, {name}"),
    "org.unit_closed": ("{unit}自{on}起撤销", "{unit} closed on {on}"),
    "org.official_registered": ("登记人员{name}（{official}）", "{official} {name} was registered"),
    "org.official_renamed": ("{official}更名为{name}", "{official} is now called {name}"),
    "org.post_taken": (
        "{official}任{post[unit]}{post[role]}，任期自{post[since]}至{post[until]}",
        "{official} is {post[role]} of {post[unit]} from {post[since]} until {post[until]}",
    ),
    "org.post_left": (
        "{official}自{post[until]}起不再任{post[unit]}{post[role]}",
        "{official} ceases to be {post[role]} of {post[unit]} on {post[until]}",
    ),
    "org.post_extended": (
        "{official}续任{post[unit]}{post[role]}至{post[until]}",
        "{official} goes on as {post[role]} of {post[unit]} until {post[until]}",
    ),
    "target.flagged": ("列为{kind}", "Flagged as {kind}"),
    "target.unflagged": ("不再列为{kind}", "No longer flagged as {kind}"),
    "target.visited": ("{visitor}走访（{duty}）", "Visited by {visitor} ({duty})"),
    "target.visit_approved": (
        "补登走访获批准：{reason}",
        "The hour of a visit written down later was approved: {reason}",
    ),
    "assessment.quarter_closed": ("{quarter}走访任务已核定", "What was to be visited in {quarter} was counted"),
    "assessment.appealed": (
        "对第{event}号事件的计分（{figure}）提出申诉",
        "Appealed against the mark of event {event} ({figure})",
    ),
    "assessment.appeal_voted": ("评议申诉{appeal}：{upheld}", "On appeal {appeal} a member found it {upheld}"),
    "assessment.appeal_decided": ("申诉{appeal}：{upheld}", "Appeal {appeal} was {upheld}"),
    "assessment.veto_adjudicated": ("一票否决：{kind}", "Vetoed: {kind}"),
    "assessment.case_excluded": ("{case}不计入考核：{ground}", "{case} does not count: {ground}"),
    "person.erased": ("个人信息已删除", "The person was erased"),
    "policy.published": (
        "发布规则{policy[id]}第{policy_version}版，生效时间：{effective_from}",
        "Version {policy_version} of policy {policy[id]} was published, in force from {effective_from}",
    ),
    "calendar.published": ("发布{region}地区{year}年工作日历", "The {year} working calendar of {region} was published"),
}

REMARKS: Mapping[str, tuple[str, str]] = {
    "stay": ("由{0[unit]}（{0[tier]}）办理", "now with {0[unit]} ({0[tier]})"),
    "leader_takes_it": ("领导包案", "a leader takes it himself"),
    "rules": ("依据规则：{0}", "rules: {0}"),
    "needs": ("诉求：{0}", "needs: {0}"),
    "due_at": ("办理期限：{0}", "due at {0}"),
    "countersigned": ("户主已签字", "the household signed for it"),
    "met": ("见到{0}", "met {0}"),
    "notes": ("记录：{0}", "notes: {0}"),
    "told": ("谈话内容已加密保存", "what was said is kept sealed"),
    "minutes": ("会议记录：{0}", "minutes: {0}"),
    "grounds": ("申诉理由：{0}", "grounds: {0}"),
    "ground": ("理由：{0}", "ground: {0}"),
    "reason": ("理由：{0}", "reason: {0}"),
    "basis": ("依据：{0}", "basis: {0}"),
    "finding": ("核查意见：{0}", "finding: {0}"),
    "instructions": ("交办要求：{0}", "instructions: {0}"),
    "premature": ("属不当上报", "it should never have been sent up"),
    "tried": ("已采取措施：{0}", "tried: {0}"),
    "evidence": ("证据：{0}", "evidence: {0}"),
    "suggested_unit": ("建议改派{0}", "suggested instead: {0}"),
    "where_to": ("建议途径：{0}", "where to go instead: {0}"),
    "delivered": ("送达方式：{0}", "delivered: {0}"),
    "override_reason": ("破例理由：{0}", "overriding reason: {0}"),
    "by_unit": ("派单单位：{0}", "dispatched by {0}"),
    "accountable": ("责任人：{0}", "{0} answers for it"),
    "village": ("所在村：{0}", "village {0}"),
    "category": ("类别：{0}", "category {0}"),
    "channel": ("渠道：{0}", "channel: {0}"),
    "source": ("来源：{0}", "source: {0}"),
    "confidentiality": ("密级：{0}", "confidentiality: {0}"),
    "proxy": ("代办", "brought on somebody's behalf"),
    "occurred_at": ("发生时间：{0}", "it occurred at {0}"),
    "units": ("回避单位：{0}", "kept from {0}"),
    "written_notice": ("已书面告知", "told in writing"),
    "first": ("为本级首次响应", "the first response of this stay"),
    "satisfaction": ("评价：{0}", "{0}"),
    "comment": ("意见：{0}", "comment: {0}"),
    "note": ("备注：{0}", "note: {0}"),
    "petitioner_told": ("已告知反映人", "the petitioner was told"),
    "plan": ("方案：{0}", "plan: {0}"),
    "review_by": ("最迟{0}再次检视", "to be looked at again by {0}"),
    "ends_at": ("最长至{0}", "until {0} at the latest"),
    "proof": ("证明材料：{0}", "proof: {0}"),
    "reply": ("答复：{0}", "reply: {0}"),
    "signed_by": ("签批人：{0}", "signed by {0}"),
    "ref": ("编号：{0}", "reference {0}"),
    "to": ("列入{0}待办", "now also in the queue of {0}"),
    "parent": ("隶属{0}", "under {0}"),
    "duties": ("职责：{0}", "duties: {0}"),
    "successor": ("并入{0}", "taken over by {0}"),
}
"""What else is told of an event that says so, in this order."""

UNSAID = (("channel", "other"), ("source", "other"), ("confidentiality", "open"))
"""What goes without saying."""


def sentence(type: str, data: Mapping[str, Any], chinese: bool, named: Naming = bare) -> str:
    """What an event of that type says, from its stored fields. A type nobody knows here says only its name."""
    if type not in SENTENCES:
        return type
    fields, language = Spoken(data, chinese, named), not chinese
    main = SENTENCES[type][language]
    told = {name for _, name, _, _ in Formatter().parse(main)}
    remarks = (
        remark[language].format(fields[name])
        for name, remark in REMARKS.items()
        if name not in told and data.get(name) and (name, data[name]) not in UNSAID
    )
    deadlines = ("，" if chinese else ", ").join(clocks(data, chinese, named))
    parts = (main.format_map(fields), *remarks, *filter(None, [deadlines]))
    return "；".join(parts) + "。" if chinese else "; ".join(parts) + "."
