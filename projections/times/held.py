"""One row for every stay in a tier: when it was entered and left, what was due and when it was done."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Boolean, Column, Connection, Index, Integer, Table

from domain.case import Case
from domain.case.clocks import Clock, ClockKind
from domain.case.figures import seconds, total
from domain.case.stays import Stay
from domain.case.terms import Exit, Grade, Kind
from domain.zone import just_before
from projections.cases.guard import guard_of
from projections.following.bulk import upsert
from projections.following.projection import Batch
from projections.following.schema import Instant, metadata, only, text
from projections.times.lengths import held_length
from projections.times.summed import Sums, held_sum

held = Table(
    "held",
    metadata,
    Column("case_id", text(64), primary_key=True),
    Column("stay", Integer, primary_key=True),
    Column("guard", text(1000), nullable=False),
    Column("tier", text(16), nullable=False),
    Column("unit", text(64), nullable=False),
    Column("town", text(64)),
    Column("kind", text(16), nullable=False),
    Column("grade", text(4), nullable=False),
    Column("entry_no", Integer, nullable=False),
    Column("entered_at", Instant, nullable=False),
    Column("left_at", Instant),
    Column("exit", text(24)),
    Column("void", Boolean, nullable=False),
    Column("charged_to", text(64)),
    Column("paused_s", BigInteger, nullable=False),
    Column("paused_since", Instant),
    Column("took_s", BigInteger),
    Column("net_s", BigInteger),
    Column("response_s", BigInteger),
    Column("first_response_at", Instant),
    Column("response_due_at", Instant),
    Column("response_stopped_at", Instant),
    Column("hold_due_at", Instant),
    Column("hold_stopped_at", Instant),
    Column("reopened", Boolean, nullable=False),
    Column("premature", Boolean, nullable=False),
    Column("rejected_disputes", Integer, nullable=False),
    Column("pressed", Boolean, nullable=False),
    Index("held_by_entry", "entered_at"),
    Index("held_by_leaving", "left_at", **only("left_at IS NOT NULL")),
    Index("held_by_hold_due", "hold_due_at"),
    Index("held_by_response_due", "response_due_at"),
    Index("held_by_unit", "unit", "entered_at"),
    Index("held_by_town", "town", "entered_at"),
    Index("held_void", "entered_at", **only("void", "void = 1")),
    Index("held_open", "entered_at", **only("left_at IS NULL")),
    Index("held_open_at_unit", "unit", "entered_at", **only("left_at IS NULL")),
    Index("held_open_in_town", "town", "entered_at", **only("left_at IS NULL")),
)
"""All durations are seconds. `took_s`: once the stay is over. `net_s`: once it cannot grow any more, without pauses.
`response_s`: until the first response, or until the stay ended without one.
"""


class ResponseTimes:
    name = "response_times"
    version = 14
    tables: Sequence[Table] = (held, held_sum, held_length)

    def fold(self, db: Connection, batch: Batch) -> None:
        written: list[dict[str, Any]] = []
        sums = Sums()
        for change in batch.changes(Case):
            if not change.after.stays:
                continue
            old, new = list(spells(change.before)), list(spells(change.after))
            if old == new:
                continue
            after = list(map(row, new))
            written += [one for spell, one in zip(new, after, strict=True) if spell not in old]
            sums.change(list(map(row, old)), after)
        upsert(db, held, written)
        sums.write(db)


class Spell(NamedTuple):
    """A stay with everything of its case that its row needs."""

    case_id: str
    number: int
    kind: Kind
    grade: Grade
    guard: str
    stay: Stay
    response: Clock | None
    hold: Clock | None
    reopened: bool


def spells(case: Case) -> Iterator[Spell]:
    guard = guard_of(case)
    responses = clocks_of_stays(case, ClockKind.FIRST_RESPONSE)
    holds = clocks_by_law(case) | clocks_of_stays(case, ClockKind.HOLD)
    for number, stay in enumerate(case.stays):
        response, hold = responses.get(number), holds.get(number)
        reopened = stay.exit is Exit.RESOLVED and number + 1 < len(case.stays)
        yield Spell(case.id, number, case.kind, case.grade, guard, stay, response, hold, reopened)


def row(spell: Spell) -> dict[str, Any]:
    stay, response, hold = spell.stay, spell.response, spell.hold
    entered, left, paused = stay.entered_at, stay.left_at, total(stay.pauses)
    answered, still = stay.first_response_at or left, stay.paused_since if left is None else left
    owed = stay.entry_no == 1 and response is not None and response.due_at is not None
    return {
        "case_id": spell.case_id,
        "stay": spell.number,
        "guard": spell.guard,
        "tier": stay.tier,
        "unit": stay.unit,
        "town": stay.town,
        "kind": spell.kind,
        "grade": spell.grade,
        "entry_no": stay.entry_no,
        "entered_at": stay.entered_at,
        "left_at": stay.left_at,
        "exit": stay.exit,
        "void": stay.void,
        "charged_to": stay.charged_to,
        "paused_s": paused,
        "paused_since": stay.paused_since,
        "took_s": seconds(entered, left) if left else None,
        "net_s": seconds(entered, still) - paused if still else None,
        "response_s": seconds(entered, answered) if owed and answered else None,
        "first_response_at": stay.first_response_at,
        "response_due_at": response and response.due_at,
        "response_stopped_at": response and response.stopped_at,
        "hold_due_at": hold and hold.due_at,
        "hold_stopped_at": hold and hold.stopped_at,
        "reopened": spell.reopened,
        "premature": stay.premature,
        "rejected_disputes": stay.rejected_disputes,
        "pressed": stay.pressed,
    }


def clocks_of_stays(case: Case, kind: ClockKind) -> dict[int, Clock]:
    """The clock of a kind that belongs to each stay, by the number of the stay: the last that started during it.

    Where stays begin at the same instant, their clocks are in the same order as they are.
    """
    found: dict[int, Clock] = {}
    for clock in case.clocks:
        if clock.kind is kind:
            begun = [index for index, stay in enumerate(case.stays) if stay.entered_at <= clock.started_at]
            if begun:
                same = [i for i in begun if case.stays[i].entered_at == clock.started_at and i not in found]
                found[same[0] if same else begun[-1]] = clock
    return found


def clocks_by_law(case: Case) -> dict[int, Clock]:
    """The statutory clock of a petition, in the place of a hold: with the stay in which it ended, or was to end."""
    found: dict[int, Clock] = {}
    for clock in case.clocks:
        if clock.kind is ClockKind.STATUTORY:
            last = clock.due_at and just_before(clock.due_at)
            ends = min(filter(None, (last, clock.stopped_at)), default=None)
            begun = [index for index, stay in enumerate(case.stays) if ends is None or stay.entered_at <= ends]
            if begun:
                found[begun[-1]] = clock
    return found
