"""How long what is not over yet has been going on, for each group and measure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from sqlalchemy import Connection

from domain.case.figures import seconds
from projections.cases.then import Then
from projections.times.selection import Selection
from projections.times.singly import rows_of, still_open
from projections.times.stay_counts import Row
from projections.times.tally import Tally
from projections.times.typical_times import Going, Key

FEW = 500
"""Up to this many open stays are read one by one; of more, the sums tell the hour or the day in which they began."""
STILL = {"hold": "open", "net": "running", "answered": "owing"}
"""The name under which a tally counts the hours in which such stays began."""
HOUR_S = 3600


def unfinished(db: Connection, selection: Selection, tallies: Mapping[str | None, Tally], then: Then | None) -> Going:
    """Seconds, with how many: exact up to FEW open stays, otherwise to the hour or the day."""
    if sum(tally.total("open") for tally in tallies.values()) > FEW:
        return _by_hour(selection, tallies)
    found: dict[Key, list[tuple[int, int]]] = defaultdict(list)
    for row in _open(db, selection, then):
        if selection.period.holds(row["entered_at"]):
            group, lasted = selection.group(row, row["entered_at"]), seconds(row["entered_at"], selection.at)
            found[group, "hold"].append((lasted, 1))
            if row["paused_since"] is None:
                found[group, "net"].append((lasted - row["paused_s"], 1))
            if row["entry_no"] == 1 and row["response_due_at"] is not None and row["response_s"] is None:
                found[group, "answered"].append((lasted, 1))
    return found


def _by_hour(selection: Selection, tallies: Mapping[str | None, Tally]) -> Going:
    now = int(selection.at.timestamp())
    return {
        (group, measure): [(max(0, now - hour * HOUR_S - HOUR_S // 2), n) for hour, n in tally[since].items() if n]
        for group, tally in tallies.items()
        for measure, since in STILL.items()
    }


def _open(db: Connection, selection: Selection, then: Then | None) -> list[Row]:
    """The open stays, as they are; of cases that moved since, as they were then."""
    moved = then.moved if then else ()
    ids = {one.now.id for one in moved}
    found = [row for row in still_open(db, selection) if row["case_id"] not in ids]
    for each in moved:
        rows = rows_of(each.then, each.guard)
        found += [row for row in rows if not row["void"] and row["left_at"] is None and selection.counts(row)]
    return found
