"""What the figures of a scorecard are called, in Chinese and in English."""

from service.telling.words import WORDS

ENGLISH = {
    "solved": "Solved",
    "satisfied": "Satisfied",
    "on_time_effective": "In time, and it lasted",
    "first_response": "First response in time",
    "task": "Joint tasks",
    "intake": "Taken in in time",
    "misdispatch": "Sent where it did not belong",
    "asked": "Asked",
    "assigned": "Handled",
    "collected": "Collected",
    "false_closure": "Resolved and was not",
    "rejected_dispute": "Given back, not upheld",
    "premature_escalation": "Sent up too early",
    "excluded": "Left out",
    "duty_required": "Visits owed",
    "duty_verified": "Visits paid",
    "veto": "Veto",
    "sampled": "Drawn to be asked once more",
    "sample_solved": "Solved, of those drawn",
}
"""English headings; in Chinese a heading reads as in a sentence."""

FIGURES = {
    "duty": ("五必去五必访", "Must go, must visit"),
    **{figure: (WORDS["figure"][figure][0], english) for figure, english in ENGLISH.items()},
}

MARKS = {
    "yes": ("是", "yes"),
    "no": ("否", "no"),
    "counted": ("计入", "counted"),
    "again": ("再次", "again"),
    "satisfied": ("满意", "satisfied"),
    "basically_satisfied": ("基本满意", "basically satisfied"),
    "dissatisfied": ("不满意", "dissatisfied"),
    "withdrawn": ("群众撤回", "withdrawn by the citizen"),
    "merged": ("并案", "joined with another"),
    "diverted": ("转送其他机关", "diverted to another body"),
    "not_supported": ("不予支持，已书面答复", "refused with a written opinion"),
    "unreachable": ("联系不上群众", "the citizen cannot be reached"),
    "force_majeure": ("不可抗力", "force majeure"),
    "leak": ("泄露反映人信息", "a leak of who reported"),
    "retaliation": ("打击报复", "retaliation"),
    "drawn": ("抽中", "drawn"),
}

FINDINGS = {
    "false_closures": ("办结不实", "Resolved and was not"),
    "rejected_disputes": ("退单未成立超出免扣部分", "Given back, not upheld, beyond what is free"),
    "premature_escalations": ("不当上报", "Sent up too early"),
}

NOTES = {
    "not_enough_answers": ("评价不足，不计分", "not enough answers"),
    "no_data": ("无数据", "no data"),
}

SIGNS = {
    "closing_without_solving": ("办结后多次重办", "Closed, and opened again"),
    "returning_cases": ("退单未成立较多", "Given back in vain"),
    "parking": ("挂账、等待过多", "Parked"),
    "cherry_picking": ("拣易避难", "New ones first, old ones left"),
    "pressing": ("撤回、好评异常", "Pressed to withdraw or to praise"),
}
"""What the detectors look for."""
