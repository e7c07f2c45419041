"""The figures of response times by looking at every stay: slow, and without any sums that could be wrong."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, select

from domain.case.figures import seconds
from domain.case.terms import Exit, Kind
from domain.decider import Act
from domain.org import Org, Tier
from domain.zone import DISTRICT, just_before
from projections.cases.guard import counts_for
from projections.times.held import held
from projections.times.response_times import NO_TIER, NO_TOWN, Group, Holds, Misdispatch, Responses
from projections.times.selection import NONE, By, Period

Spell = tuple[int, bool]
"""How long it has lasted, and whether it is over."""


def typical(spells: Iterable[Spell], *shares: float) -> list[int | None]:
    """After how long it was over for each share of all, by Kaplan and Meier; None where so many are not over yet."""
    ordered, left = sorted(spells, key=lambda one: (one[0], not one[1])), 1.0
    curve = [(lasted, left := left * (1 - over / (len(ordered) - at))) for at, (lasted, over) in enumerate(ordered)]
    return [next((lasted for lasted, left in curve if left <= 1 - share + 1e-12), None) for share in shares]


ESCALATED = (Exit.ESCALATED_MANUAL, Exit.ESCALATED_DEADLINE)


@dataclass
class Stays:
    """The rows of one group, by what they count for."""

    entered: list[Any] = field(default_factory=list)
    responses_due: list[Any] = field(default_factory=list)
    holds_due: list[Any] = field(default_factory=list)
    void: list[Any] = field(default_factory=list)


def groups(
    db: Connection,
    act: Act,
    by: By,
    period: Period,
    *,
    tier: Tier | None = None,
    kind: Kind | None = None,
    unit: str | None = None,
) -> list[Group]:
    """The figures of each group that has any, in order.

    `unit` leaves those of the unit and what lies below it. What was void is its dispatcher's, in his unit and his tier.
    """
    counted, org, at = counts_for(act), act.org, act.at
    inside = None if unit is None else {unit, *org.below(unit)}
    found: dict[str | None, Stays] = defaultdict(Stays)
    for row in db.execute(select(held)):
        holder = _charged_to(row, org) if row.void else Holder(row.unit, row.town, row.tier)
        if not counted(row.guard) or tier not in (None, holder.tier) or kind not in (None, row.kind):
            continue
        if inside is not None and holder.unit not in inside:
            continue
        if row.void:
            if _holds_at(period, row.entered_at, at):
                found[_group(row, holder, by, row.entered_at)].void.append(row)
            continue
        if _holds_at(period, row.entered_at, at):
            found[_group(row, holder, by, row.entered_at)].entered.append(row)
        for due, those in ((row.response_due_at, "responses_due"), (row.hold_due_at, "holds_due")):
            if due is not None and due <= at and period.holds(last := just_before(due)):
                getattr(found[_group(row, holder, by, last)], those).append(row)
    named = [one for one in Tier if one in found] if by is By.TIER else sorted(filter(None, found))
    names: list[str | None] = [*named, *([None] if None in found else [])]
    return [_figures(name or NONE, _label(name, by, org), found[name], at) for name in names]


def _holds_at(period: Period, at: datetime, now: datetime) -> bool:
    return at <= now and period.holds(at)


class Holder(NamedTuple):
    """Whose figures a stay is in."""

    unit: str
    town: str | None
    tier: Tier | None


def _charged_to(row: Any, org: Org) -> Holder:
    """The dispatcher's unit, whose fault a void stay was."""
    unit = row.charged_to or row.unit
    known = org.unit(unit)
    return Holder(unit, org.town_of(unit), known.tier if known else None)


def _group(row: Any, holder: Holder, by: By, at: datetime) -> str | None:
    """None for what has no town, or no tier."""
    day = at.astimezone(DISTRICT).date()
    match by:
        case By.WEEK:
            return f"{day:%G-W%V}"
        case By.MONTH:
            return f"{day:%Y-%m}"
        case By.TIER_WEEK | By.TOWN_WEEK:
            return f"{(holder.tier if by is By.TIER_WEEK else holder.town) or NONE}:{day:%G-W%V}"
        case By.KIND | By.GRADE:
            name: str = getattr(row, by)
            return name
        case _:
            place: str | None = getattr(holder, by)
            return place


def _label(group: str | None, by: By, org: Org) -> str:
    if group is None:
        return NO_TOWN if by is By.TOWN else NO_TIER
    unit = org.unit(group.partition(":")[0]) if by in (By.UNIT, By.TOWN, By.TOWN_WEEK) else None
    return unit.name if unit else group


def _figures(name: str, label: str, stays: Stays, now: datetime) -> Group:
    entered, hold = stays.entered, _holds(stays, now)
    effective = sum(_in_time(row) and not row.reopened and not row.premature for row in stays.holds_due)
    return Group(
        group=name,
        label=label,
        cases=len({row.case_id for row in entered}),
        entries=len(entered),
        open=sum(row.left_at is None for row in entered),
        first_response=_responses(stays, now),
        hold=hold,
        overdue_share=_share(hold.breached, hold.due),
        on_time_effective_share=_share(effective, hold.due),
        escalated=sum(row.exit in ESCALATED for row in entered),
        remanded=sum(row.exit == Exit.REMANDED for row in entered),
        disputed_rejected=sum(row.rejected_disputes for row in entered),
        reopened=sum(row.reopened for row in entered),
        misdispatch=Misdispatch(n=len(stays.void), total_s=sum(_elapsed(row, now) for row in stays.void)),
    )


def _responses(stays: Stays, now: datetime) -> Responses:
    owed = [row for row in stays.entered if row.entry_no == 1 and row.response_due_at is not None]
    spells = [
        (seconds(row.entered_at, row.first_response_at or row.left_at or now), row.first_response_at is not None)
        for row in owed
    ]
    p50, p90 = typical(spells, 0.5, 0.9)
    breached = sum(
        row.response_stopped_at is None or row.response_stopped_at >= row.response_due_at for row in stays.responses_due
    )
    return Responses(n=len(owed), p50_s=p50, p90_s=p90, due=len(stays.responses_due), breached=breached)


def _holds(stays: Stays, now: datetime) -> Holds:
    spells = [(_elapsed(row, now), row.left_at is not None) for row in stays.entered]
    net = [(lasted - _paused(row, now), over) for row, (lasted, over) in zip(stays.entered, spells, strict=True)]
    p50, p90 = typical(spells, 0.5, 0.9)
    [net_p50] = typical(net, 0.5)
    return Holds(
        n=len(spells),
        total_s=sum(lasted for lasted, _ in spells),
        net_total_s=sum(lasted for lasted, _ in net),
        p50_s=p50,
        p90_s=p90,
        net_p50_s=net_p50,
        due=len(stays.holds_due),
        breached=sum(not _in_time(row) for row in stays.holds_due),
    )


def _in_time(row: Any) -> bool:
    return row.hold_stopped_at is not None and row.hold_stopped_at < row.hold_due_at


def _elapsed(row: Any, now: datetime) -> int:
    return seconds(row.entered_at, row.left_at or now)


def _paused(row: Any, now: datetime) -> int:
    going_on = seconds(row.paused_since, row.left_at or now) if row.paused_since else 0
    paused: int = row.paused_s + going_on
    return paused


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
