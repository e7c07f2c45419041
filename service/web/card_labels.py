"""What the figures of a scorecard are called, in Chinese and in English."""

PARTS = {
    "solved": ("解决率", "Solved"),
    "satisfied": ("满意率", "Satisfied"),
    "on_time_effective": ("按时有效办结率", "In time, and it lasted"),
    "first_response": ("响应率", "First response in time"),
    "duty": ("五必去五必访", "Must go, must visit"),
    "task": ("联办任务", "Joint tasks"),
    "intake": ("登记分办", "Taken in in time"),
    "misdispatch": ("误派", "Sent where it did not belong"),
}

FIGURES = {
    **PARTS,
    "asked": ("应回访", "Asked"),
    "assigned": ("承办", "Handled"),
    "collected": ("收集", "Collected"),
    "false_closure": ("办结不实", "Resolved and was not"),
    "rejected_dispute": ("退单未成立", "Given back, not upheld"),
    "premature_escalation": ("不当上报", "Sent up too early"),
    "excluded": ("不计入", "Left out"),
    "duty_required": ("应走访", "Visits owed"),
    "duty_verified": ("已走访", "Visits paid"),
    "veto": ("一票否决", "Veto"),
    "sampled": ("抽样回访", "Drawn to be asked once more"),
    "sample_solved": ("抽样解决率", "Solved, of those drawn"),
}

MARKS = {
    "yes": ("是", "yes"),
    "no": ("否", "no"),
    "counted": ("计入", "counted"),
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
