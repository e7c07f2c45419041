"""The status of a report in words for the citizen who brought it, without anything of its content."""

from domain.case.terms import Status

WORDS: dict[Status, tuple[str, str]] = {
    Status.REPORTED: ("received", "已登记"),
    Status.ACCEPTED: ("accepted", "已受理"),
    Status.ASSIGNED: ("with the unit that solves it", "已派单"),
    Status.IN_PROGRESS: ("being worked on", "办理中"),
    Status.AWAITING_INFORMATION: ("waiting for your information", "等待您补充材料"),
    Status.DISPUTED: ("being worked on; which unit is being settled", "办理中（承办单位核定中）"),
    Status.SUSPENDED: ("on the pending list, with a plan", "挂账待办"),
    Status.RESOLVED: ("settled; tell us whether it is", "已办结，请您评价"),
    Status.UNDER_REVIEW: ("under review", "复查复核中"),
    Status.CLOSED: ("closed", "已结案"),
    Status.DECLINED: ("not accepted", "不予受理"),
    Status.DIVERTED: ("transferred to the competent body", "已转送有权处理机关"),
    Status.WITHDRAWN: ("withdrawn", "已撤回"),
    Status.MERGED: ("joined with an earlier report of the same matter", "已并案办理"),
    Status.FINALISED: ("closed for good", "已终结"),
}
