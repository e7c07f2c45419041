"""What the values of a policy are called, in Chinese and in English, and how each is said with its unit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from domain.rules.helping import Row
from service.web.language import Language
from service.web.rules import row_in_words

GROUPS = {
    "": ("期限", "Time limits"),
    "urgent_hours": ("紧急事项，小时", "Urgent cases, in hours"),
    "urgent_minutes": ("紧急事项，分钟", "Urgent cases, in minutes"),
    "petition": ("信访事项", "Petitions"),
    "limits": ("次数与上限", "How often, how much"),
    "assessment": ("考核", "Assessment"),
    "helping": ("分类与帮扶", "Classes and helping"),
    "must_visits": ("五必去五必访", "Must go, must visit"),
}

NAMES = {
    "tz": ("时区", "Time zone"),
    "region": ("工作日历", "Working calendar"),
    "hours": ("工作时间", "Working hours"),
    "hold": ("办理", "Hold"),
    "intake": ("登记分办", "Taking in"),
    "first_response": ("首次响应", "First response"),
    "dispute_window": ("退单", "Giving back"),
    "ruling": ("裁定", "Ruling"),
    "information_wait": ("等群众补充", "Waiting for the citizen"),
    "reopen": ("重新办理", "Held again after reopening"),
    "remand_default": ("发回办理", "After being sent back"),
    "remand": ("发回办理", "After being sent back"),
    "call_back": ("回访", "Calling back"),
    "urgent_call_back": ("紧急事项回访", "Calling back, urgent"),
    "feedback_window": ("群众评价", "The citizen may judge"),
    "benefit": ("救助申请办理", "An application for a benefit"),
    "due_soon": ("即将到期", "Counts as due soon"),
    "notice": ("书面告知", "Told in writing"),
    "handle": ("办理", "Answered"),
    "extend": ("延期至多", "Extended by at most"),
    "review_request": ("申请复查", "May ask for a review"),
    "review": ("复查", "Review"),
    "final_request": ("申请复核", "May ask for the final review"),
    "final": ("复核", "Final review"),
    "decline_challenges": ("不予受理异议", "Challenges to a refusal"),
    "disputes_per_assignment": ("每次派单可退单", "Disputes of an assignment"),
    "extension": ("延期占原期限", "An extension, of the first limit"),
    "extensions_per_entry": ("每级可延期", "Extensions in a tier"),
    "feedback_tries": ("回访尝试", "Tries to call back"),
    "information_requests_per_custody": ("可要求补充", "Requests for information"),
    "late_entry": ("补录", "Entries made late"),
    "merge_reopening": ("结案后可并案", "Merging into a closed case"),
    "proofs": ("办结至少需证明", "Proofs a resolution needs"),
    "remands_before_leader": ("发回几次后须区领导", "Remands before it takes a leader"),
    "reopening_window": ("可重新办理", "May be reopened within"),
    "reopenings_before_escalation": ("重办几次后上升", "Reopenings before it rises"),
    "reopenings_before_leader": ("重办几次后领导包案", "Reopenings before a leader takes it"),
    "repeat_report": ("重复反映", "Counts as repeated within"),
    "suspension_review": ("挂账检视", "The pending list is reviewed within"),
    "suspension_total": ("挂账累计", "On the pending list in all"),
    "transfers_per_entry": ("每级可转办", "Transfers in a tier"),
    "weights": ("权重", "Weight"),
    "solved": ("解决率", "solved"),
    "satisfied": ("满意率", "satisfied"),
    "on_time_effective": ("按时有效办结", "in time, and it lasted"),
    "duty": ("五必去五必访", "must go, must visit"),
    "deductions": ("扣分", "Taken off"),
    "false_closure": ("每件办结不实", "each false closure"),
    "false_closures_at_most": ("办结不实至多", "for false closures at most"),
    "rejected_disputes_free": ("退单未成立免扣", "disputes in vain that are free"),
    "rejected_dispute": ("每件退单未成立", "each dispute in vain"),
    "premature_escalation": ("每件不当上报", "each premature escalation"),
    "basically_satisfied": ("基本满意计", "“Basically satisfied” counts for"),
    "shrinkage": ("并入同类评价数", "Answers of the peers joined to it"),
    "confidence": ("区间把握", "How sure the intervals are"),
    "fewest_answers": ("最少评价数", "Fewest answers"),
    "excluded_review": ("不计入超过此数须复查", "Left out, beyond which it is reviewed"),
    "vetoed_at_most": ("一票否决至多得分", "Score after a veto, at most"),
    "appeal": ("申诉", "Appeal within"),
    "appeal_decision": ("申诉裁决", "Appeal decided within"),
    "panel_agreeing": ("评议组须一致人数", "Members of a panel who must agree"),
    "duty_grace": ("季末后可补录走访", "Visits may be entered after the quarter for"),
    "sample_size": ("每季抽样数", "Drawn in a quarter"),
    "sample_open": ("抽样回访", "Those drawn are asked within"),
    "detectors": ("线索", "Signs"),
    "fewest_stays": ("最少件数", "fewest cases"),
    "closing_without_solving": ("办结后重办", "closed and opened again"),
    "returning_cases": ("退单未成立", "given back in vain"),
    "parking": ("挂账等待", "parked"),
    "parked_for": ("等待占时", "parked for"),
    "cherry_picking": ("拣易避难", "cherry picking"),
    "pressing": ("撤回好评异常", "pressing"),
    "line_yuan": ("贫困线（年人均纯收入）", "Poverty line (income a head)"),
    "lost_home": ("灾毁住房单独计", "A home lost counts for"),
    "aftercare": ("退出后巩固", "Aftercare"),
    "override": ("村级议定有效", "An override lasts"),
    "assessments_apart": ("两次评估间隔", "Two assessments apart"),
    "notice_out": ("退出公示", "Notice before leaving"),
    "notice_in": ("进入公示（规则未采用）", "Notice on entering, which no rule reads"),
    "notice_benefit": ("享受待遇公示", "Notice of a benefit"),
    "late_visit": ("走访补登", "Visits entered late"),
    "audited": ("走访抽查核实", "Visits that are verified"),
    "unpaired": ("未结对逾期", "Without a helper, overdue after"),
    "quotas": ("帮扶户数", "Households to help"),
    "district_leader": ("区级领导", "district leader"),
    "section_head": ("科级", "section head"),
    "deputy": ("副职", "deputy"),
    "ordinary": ("一般干部", "ordinary"),
    "soft_cap": ("超额上限", "at most, of the quota"),
    "visits": ("走访周期", "Visited every"),
    "priority": ("连心户", "key support"),
    "attention": ("关心户", "of concern"),
    "secure": ("放心户", "secure"),
    "flagged": ("标识满", "Flagged for"),
    "head_within": ("受灾后镇办一把手到场", "Town head after a disaster"),
    "leader_within": ("受灾后区级领导到场", "District leader after a disaster"),
    "busy_reports": ("信访集中村至少件数", "Reports of a village with many petitions"),
    "busy": ("信访集中村占前", "Villages with many petitions, the first"),
    "V": ("村级", "village"),
    "T": ("镇级", "town"),
    "D": ("区级", "district"),
    "table": ("分类标准", "Classification"),
}

UNITS = {
    "_wd": ("个工作日", " working days"),
    "_nd": ("天", " days"),
    "_hours": ("小时", " hours"),
    "_months": ("个月", " months"),
    "_pct": ("%", "%"),
    "_percent": ("%", "%"),
    "_tenths": ("分", " points"),
    "_yuan": ("元", " yuan"),
}


def groups(policy: Mapping[str, Any], say: Language) -> list[tuple[str, dict[str, tuple[str, str]]]]:
    """Each group of a policy's values: what it is called, and per value its name and how it is said."""
    found = []
    for group, title in GROUPS.items():
        values = {name: value for name, value in policy.items() if not isinstance(value, dict) or name.endswith("_wd")}
        values = values if not group else policy.get(group, {})
        rows = {path: (label, text) for path, label, text in _values(values, say, group, ()) if path != "id"}
        found.append((say(*title), rows))
    return found


def _values(value: Any, say: Language, path: str, names: tuple[str, ...]) -> Iterator[tuple[str, str, str]]:
    for name, one in value.items():
        here, suffix = f"{path}.{name}" if path else name, _suffix(name)
        called = say(*NAMES.get(name, NAMES.get(name.removesuffix(suffix), (name, name))))
        label = say("", " ").join((*names, called)) if not say.chinese else "·".join((*names, called))
        if name == "table":
            for n, row in enumerate(Row(**row) for row in one):
                yield f"{here}.{n}", row.rule, f"{row_in_words(row, say)} → {say(*NAMES[row.gives])}"
        elif isinstance(one, dict) and set(one) == {"V", "T", "D"}:
            text = " · ".join(f"{say(*NAMES[tier])} {one[tier]}" for tier in "VTD")
            yield here, label, text + say(*UNITS.get(suffix, ("", "")))
        elif isinstance(one, dict):
            yield from _values(one, say, here, (*names, called))
        else:
            yield here, label, _value(one, suffix, say, here)


def _value(value: Any, suffix: str, say: Language, path: str) -> str:
    if isinstance(value, list):
        return say("、", ", ").join("–".join(one) for one in value)
    if suffix == "_tenths":
        value = value / 10
    counted = suffix or ("_months" if ".visits." in path else "")
    unit = say(*UNITS[counted]) if counted else ""
    if value == 1 and not say.chinese:
        unit = unit.removesuffix("s")
    return f"{value:g}{unit}" if isinstance(value, (int, float)) else f"{value}{unit}"


def _suffix(name: str) -> str:
    return next((suffix for suffix in UNITS if name.endswith(suffix)), "")
