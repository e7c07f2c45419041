"""What one stay adds to the sums: counts under the time in which it began, and under those in which its clocks fell
due.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from domain.case.terms import Exit
from domain.zone import day_at, just_before
from projections.following.schema import to_microseconds
from projections.times.tally import Count

EVERYWHERE = ""
IN_TOWN, AT_UNIT, CHARGED = "in:", "at:", "to:"
"""Prefixes of places. A void stay is counted under the unit to which it is charged."""

DURATIONS = frozenset({"hold", "net", "net_kept", "answered", "unanswered"})
"""Names of counts whose number is a duration: of what is over, or of what was lost from sight before (paused, or left
undone).
"""

SINCE = frozenset({"open", "running", "owing"})
"""Names of counts whose number is the hour in which something began that still goes on."""

AGAIN, AGAIN_IN_TIER = "again", "again_in_tier"
"""Names of counts whose number is the day of an earlier stay of the case."""

ESCALATED = (Exit.ESCALATED_MANUAL, Exit.ESCALATED_DEADLINE)
HOUR_US, SECOND_US = 3_600_000_000, 1_000_000

Row = Mapping[str, Any]
Before = tuple[datetime | None, datetime | None]
"""When a case had last come to a place before, and when into the same tier of it."""


def places(row: Row) -> tuple[str, str, str]:
    return EVERYWHERE, IN_TOWN + (row["town"] or ""), AT_UNIT + row["unit"]


def sort_of(place: str) -> str:
    return place[: len(IN_TOWN)]


def earlier(rows: Sequence[Row]) -> Iterator[Mapping[str, Before]]:
    """For each stay of a case, when the case had come to its places before."""
    seen: dict[tuple[str, str], datetime] = {}
    for row in rows:
        if row["void"]:
            yield {}
            continue
        tier, here = row["tier"], places(row)
        yield {place: (seen.get((place, "")), seen.get((place, tier))) for place in here}
        for place in here:
            seen[place, ""] = seen[place, tier] = row["entered_at"]


def came_again(before: Iterable[datetime | None]) -> Iterator[Count]:
    for name, at in zip((AGAIN, AGAIN_IN_TIER), before, strict=True):
        if at is not None:
            yield on_day(name, at)


def on_day(name: str, at: datetime) -> Count:
    return name, day_at(at).toordinal(), 1


def entered(row: Row) -> list[Count]:
    """What a stay adds to the time in which it began."""
    start, counts = to_microseconds(row["entered_at"]), [("entries", 0, 1)]
    exit_, over = row["exit"], row["left_at"] is not None
    for name, n in (
        ("escalated", exit_ in ESCALATED),
        ("remanded", exit_ == Exit.REMANDED),
        ("disputed_rejected", row["rejected_disputes"]),
        ("reopened", row["reopened"]),
    ):
        if n:
            counts.append((name, 0, int(n)))
    if over:
        counts += [("total_s", 0, row["took_s"]), ("hold", row["took_s"], 1)]
        counts += [("net_total_s", 0, row["net_s"]), ("net", row["net_s"], 1)]
    else:
        counts += [("open", start // HOUR_US, 1), ("open_since_s", 0, start // SECOND_US)]
        if row["paused_since"] is not None:
            counts += [("net_total_s", 0, row["net_s"]), ("net_kept", row["net_s"], 1)]
        else:
            since = start // SECOND_US + row["paused_s"]
            counts += [("running", since // 3600, 1), ("running_since_s", 0, since)]
    if row["entry_no"] == 1 and row["response_due_at"] is not None:
        if row["response_s"] is None:
            counts.append(("owing", start // HOUR_US, 1))
        else:
            answered = row["first_response_at"] is not None
            counts.append(("answered" if answered else "unanswered", row["response_s"], 1))
    return counts


def fell_due(row: Row) -> Iterator[tuple[datetime, list[str]]]:
    """Of each of its clocks the last instant in time, under which it is filed, and what it counts for."""
    for column, told in CLOCKS.items():
        if (due := row[column]) is not None:
            yield just_before(due), told(row)


def _of_response(row: Row) -> list[str]:
    stopped = row["response_stopped_at"]
    late = stopped is None or stopped >= row["response_due_at"]
    return ["response_due", "response_late"] if late else ["response_due"]


def _of_hold(row: Row) -> list[str]:
    stopped = row["hold_stopped_at"]
    if stopped is None or stopped >= row["hold_due_at"]:
        return ["hold_due", "hold_late"]
    effective = not row["reopened"] and not row["premature"]
    return ["hold_due", "effective"] if effective else ["hold_due"]


CLOCKS: Mapping[str, Callable[[Row], list[str]]] = {"response_due_at": _of_response, "hold_due_at": _of_hold}


def void(row: Row) -> list[Count]:
    return [("void", 0, 1), ("void_s", 0, row["took_s"] or 0)]


def half_hour(at: datetime) -> int:
    """The number of a half hour: even for an instant on the hour, odd for one after it.

    So a period that begins or ends on the hour counts exactly what is due in it.
    """
    hour, rest = divmod(to_microseconds(at), HOUR_US)
    return 2 * hour + bool(rest)
