"""Which figure of a policy gave a clock its time: `hold_wd.T`, `petition.notice_nd`; none where an order set it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from domain.case import Case
from domain.case.clocks import ClockKind
from domain.case.terms import Exit
from domain.refusals import NotFound
from domain.rules.deadlines import Span
from domain.rules.policies import Policies
from service.telling.trail import Traced

WORKING_DAYS = {
    ClockKind.INTAKE: ("intake_wd",),
    ClockKind.FIRST_RESPONSE: ("first_response_wd",),
    ClockKind.DISPUTE_WINDOW: ("petition.dispute_window_wd", "dispute_window_wd"),
    ClockKind.RULING: ("ruling_wd",),
    ClockKind.INFORMATION_WAIT: ("information_wait_wd",),
    ClockKind.CALL_BACK: ("urgent_call_back_wd", "call_back_wd"),
}
NATURAL_DAYS = {
    ClockKind.INTAKE: ("petition.notice_nd",),
    ClockKind.NOTICE: ("petition.notice_nd",),
    ClockKind.HOLD: ("petition.handle_nd",),
    ClockKind.STATUTORY: ("petition.handle_nd",),
    ClockKind.INFORMATION_WAIT: ("petition.information_wait_nd",),
    ClockKind.FEEDBACK_WINDOW: ("feedback_window_nd",),
    ClockKind.REVIEW_REQUEST: ("petition.review_request_nd",),
    ClockKind.REVIEW_DECISION: ("petition.review_nd",),
    ClockKind.FINAL_REQUEST: ("petition.final_request_nd",),
    ClockKind.FINAL_DECISION: ("petition.final_nd",),
}


def rule_of(traced: Traced, policies: Policies) -> str:
    """The figure of the policy that gave a clock its time: the first that fits and has that value."""
    id, _, version = traced.began.policy.rpartition(".")
    try:
        policy = policies.get(id, int(version)).policy
    except (NotFound, ValueError):
        return ""
    kind, span = traced.began.kind, traced.began.span
    return next((name for name in _names(kind, span, traced.case) if _figure(policy, name) == span.amount), "")


def _names(kind: ClockKind, span: Span, case: Case) -> Iterator[str]:
    tier = case.tier[0].upper() if case.tier else ""
    came_by = case.stays[-2].exit if len(case.stays) > 1 else None
    match span.unit:
        case "minutes":
            yield f"urgent_minutes.{kind}"
        case "hours":
            if kind is not ClockKind.HOLD:
                yield f"urgent_hours.{kind}"
            elif came_by is Exit.REMANDED:
                yield "urgent_hours.remand"
            else:
                yield from (f"urgent_hours.reopen.{tier}",) if came_by is Exit.RESOLVED else ()
                yield f"urgent_hours.hold.{tier}"
        case "natural_days":
            yield from NATURAL_DAYS.get(kind, ())
        case "working_days" if kind is ClockKind.HOLD:
            if came_by is Exit.REMANDED:
                yield "remand_default_wd"
            elif came_by is Exit.RESOLVED:
                yield f"reopen_wd.{tier}"
            if case.kind == "benefit":
                yield "benefit_wd"
            yield f"hold_wd.{tier}"
        case _:
            yield from WORKING_DAYS.get(kind, ())


def _figure(policy: Any, name: str) -> int | None:
    for part in name.split("."):
        policy = getattr(policy, part, None)
    return policy if isinstance(policy, int) else None
