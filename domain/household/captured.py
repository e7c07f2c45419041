"""`captured_at`: when a note was written offline, at a door, beside the instant at which it was recorded."""

from datetime import datetime, timedelta

from domain.decider import Act
from domain.refusals import Invalid, TooLate


def captured(captured_at: datetime | None, act: Act) -> datetime:
    """When it was written down. Raises Invalid for what is still to come, TooLate for more days ago than the policy allows."""
    at = captured_at or act.at
    if at.utcoffset() is None or at > act.at:
        raise Invalid("captured_at is an instant that has passed", "captured_at 须为已过去的时刻")
    within = act.rules.policy.helping.late_visit_nd
    if act.at - at > timedelta(days=within):
        raise TooLate(f"a note from the door is recorded within {within} days", f"入户记录须在{within}日内登记")
    return at
