"""What may be done with a household: what it is called, what will happen, and what is asked once more before it does."""

VERBS = {
    "leave-member": ("减少成员", "Somebody leaves"),
    "start-pairing": ("安排帮扶人", "Give it a helper"),
    "hand-over": ("交接帮扶", "Hand over to another"),
    "end-pairing": ("结束帮扶", "End the help"),
    "apply-benefit": ("申请救助", "Apply for a benefit"),
    "grant-benefit": ("批准救助", "Grant a benefit"),
    "refuse-benefit": ("不批准救助", "Refuse a benefit"),
    "end-benefit": ("终止救助", "End a benefit"),
    "contest": ("对类别提出异议", "Contest its class"),
    "override-class": ("提请特别认定", "Propose another class"),
    "sign-override": ("签字认定", "Sign for another class"),
    "post-notice": ("公示", "Post a notice"),
    "audit-visit": ("核实走访", "Verify a visit"),
    "split": ("分户", "Some live apart"),
    "merge": ("并入他户", "Join another household"),
    "move": ("迁往他村", "Move to another village"),
    "declare-relation": ("登记干部亲属关系", "Declare a relative in office"),
    "check-relation": ("核查亲属关系", "Check a relation"),
}

EFFECTS = {
    "override-class": (
        "村民会议认为类别应当不同时填写。这是第一个签字，另一人签字后才生效。",
        "Where the village meeting found another class. It is the first of two signatures; nothing changes before the second.",
    ),
    "sign-override": (
        "您签字后类别立即改变，一般一年后到期。提请的人不能自己签字。",
        "With your signature the class changes at once, for a year as a rule. Who proposed it does not sign.",
    ),
    "post-notice": (
        "在村公示栏公示，不写姓名。退出现类别须有间隔90天以上的两次一致评定和一次签字走访；期满无异议，类别即改变。",
        "It hangs in the village and names nobody. To leave a class takes two like assessments 90 days apart and a visit signed"
        + " for; uncontested, the class changes when it ends.",
    ),
    "audit-visit": (
        "电话问该户是否有人来过。不属实的走访不再计入。",
        "Ask the household by telephone whether somebody came. A visit that nobody paid counts no more.",
    ),
    "split": (
        "选中的成员另立新户，类别与本户相同，登记新户情况后再定。",
        "Those chosen are a household of their own from now on, of this one's class until its own facts are known.",
    ),
    "merge": (
        "本户全部成员和救助并入同村另一户，类别就高；本户的帮扶和公示结束。",
        "All its members and benefits join another household of the village, which gets the needier class; its own help ends.",
    ),
    "move": ("本户及其记录转到另一个村。", "It lives in another village from now on, with all that is known of it."),
    "declare-relation": (
        "该干部从此不能帮扶本户；正在帮扶的随即结束。类别由区里核查。",
        "He cannot be its helper from now on; if he is, that ends. The district checks its class.",
    ),
    "check-relation": (
        "替区里核查：有干部亲属的户，类别是否属实。",
        "For the district: is the class right, although an official is a relative?",
    ),
}

SURE = {
    "merge": (
        "并户后不能恢复，本户从此只可查阅。确定并入吗？",
        "It cannot be undone; this household can only be read from then on. Join the other?",
    ),
    "split": ("分户后只能用并户合回。确定分户吗？", "Only joining them again undoes it. Let them live apart?"),
    "declare-relation": ("登记后不能取消。确定登记吗？", "It cannot be undone. Declare it?"),
    "sign-override": ("签字后类别立即改变。确定签字吗？", "The class changes at once. Sign for it?"),
}

FIELDS = {
    "benefit": ("救助", "Benefit"),
    "ends": ("公示到哪天", "Until when"),
    "fair": ("核查结论", "What was found"),
    "finding": ("核查情况（加密保存）", "How it was found (kept sealed)"),
    "happened": ("走访是否属实", "Did somebody come"),
    "helper": ("帮扶人", "Helper"),
    "into": ("并入哪户", "Which household"),
    "member": ("谁", "Who"),
    "members": ("哪些成员", "Who lives apart"),
    "minutes": ("会议纪要编号", "Minutes of the meeting"),
    "official": ("干部", "Official"),
    "reason": ("理由（加密保存）", "Reason (kept sealed)"),
    "related": ("是该户亲属（亲属不得结对）", "He is a relative; then he may not"),
    "relation": ("什么亲属关系（加密保存）", "How they are related (kept sealed)"),
    "to": ("认定为", "Its class becomes"),
    "village": ("迁往哪村", "Which village"),
    "visit": ("哪次走访", "Which visit"),
}

OWN = {
    ("contest", "reason"): ("谁认为不对，为什么（加密保存）", "Who says it is wrong, and why (kept sealed)"),
    ("leave-member", "reason"): (
        "原因，如去世、出嫁、迁出（加密保存）",
        "Why: died, married away, moved (kept sealed)",
    ),
    ("end-pairing", "reason"): ("原因", "Why"),
    ("end-benefit", "reason"): ("理由", "Reason"),
    ("refuse-benefit", "reason"): ("理由", "Reason"),
    ("post-notice", "benefit"): ("公示什么", "Of what"),
    ("split", "into"): ("新户编号，不要填身份证号", "The number of the new one; no identity number"),
}
"""Fields that have another name in the form of one verb."""
