"""How long each level takes to respond, and how long it holds a case: medians, tails and late shares by group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from domain.case.terms import Kind
from domain.decider import Act
from domain.org import Org, Tier
from projections.cases.then import Then
from projections.times.coarser import BUCKETED
from projections.times.selection import BY_TOWN, NONE, By, Period, Question, Selection
from projections.times.stay_counts import AGAIN, AGAIN_IN_TIER
from projections.times.stays import Stays
from projections.times.tally import Tally
from projections.times.typical_times import MEASURES, typical_times
from projections.times.unfinished import unfinished


@dataclass(frozen=True, kw_only=True)
class Responses:
    """How soon somebody answered, over first entries of a tier; those that owe it still are counted as such.

    `due` and `breached` are of every such clock that fell due in the period.
    """

    n: int
    p50_s: int | None
    p90_s: int | None
    due: int
    breached: int


@dataclass(frozen=True, kw_only=True)
class Holds:
    """How long cases were kept, those that still are up to now. Net leaves out waits for the citizen."""

    n: int
    total_s: int
    net_total_s: int
    p50_s: int | None
    p90_s: int | None
    net_p50_s: int | None
    due: int
    breached: int


@dataclass(frozen=True, kw_only=True)
class Misdispatch:
    """Stays that were void, and their time: charged to the unit that sent the case where it did not belong."""

    n: int
    total_s: int


@dataclass(frozen=True, kw_only=True)
class Group:
    """What entered in the period, and the clocks that fell due in it. A share of nothing is none."""

    group: str
    label: str
    cases: int
    entries: int
    open: int
    first_response: Responses
    hold: Holds
    overdue_share: float | None
    on_time_effective_share: float | None
    escalated: int
    remanded: int
    disputed_rejected: int
    reopened: int
    misdispatch: Misdispatch


def groups(
    db: Connection,
    act: Act,
    by: By,
    period: Period,
    *,
    tier: Tier | None = None,
    kind: Kind | None = None,
    unit: str | None = None,
    then: Then | None = None,
) -> list[Group]:
    """The figures of each group that has any, in order; as they are, or as they were then.

    `unit` leaves the stays of the unit and of all below it. A void stay counts for its dispatcher, in his unit and
    tier.
    """
    selection = Selection(act, Question(by=by, period=period, tier=tier, kind=kind, unit=unit), then)
    stays = Stays(db, selection, then)
    found = stays.tallies()
    times = typical_times(db, selection, stays, found, unfinished(db, selection, found, then))
    named = [one for one in Tier if one in found] if by is By.TIER else sorted(filter(None, found))
    names: list[str | None] = [*named, *([None] if None in found else [])]
    return [_figures(selection, name, found[name], {one: times[name, one] for one in MEASURES}) for name in names]


def _label(group: str | None, by: By, org: Org) -> str:
    if group is None:
        return NO_TOWN if by is By.TOWN else NO_TIER
    unit = org.unit(group.partition(":")[0]) if by in (By.UNIT, *BY_TOWN) else None
    return unit.name if unit else group


NO_TOWN, NO_TIER = "不属于任何乡镇 (no town)", "不属于任何层级 (no tier)"

OWED = ("answered", BUCKETED["answered"], "unanswered", BUCKETED["unanswered"], "owing")
"""The names under which a tally counts first responses that were owed."""
Times = Mapping[str, Sequence[int | None]]


def _figures(selection: Selection, group: str | None, tally: Tally, times: Times) -> Group:
    hold = _holds(selection, tally, times)
    return Group(
        group=group or NONE,
        label=_label(group, selection.by, selection.org),
        cases=_cases(selection, group, tally),
        entries=hold.n,
        open=tally.total("open"),
        first_response=_responses(tally, times),
        hold=hold,
        overdue_share=_share(hold.breached, hold.due),
        on_time_effective_share=_share(tally.total("effective"), hold.due),
        escalated=tally.total("escalated"),
        remanded=tally.total("remanded"),
        disputed_rejected=tally.total("disputed_rejected"),
        reopened=tally.total("reopened"),
        misdispatch=Misdispatch(n=tally.total("void"), total_s=tally.total("void_s")),
    )


def _cases(selection: Selection, group: str | None, tally: Tally) -> int:
    """How many cases; those that came again since the group or the period began count once."""
    start = selection.first_day(group).toordinal()
    again = tally[AGAIN_IN_TIER if selection.by_tier else AGAIN]
    return tally.total("entries") - sum(n for day, n in again.items() if day >= start)


def _responses(tally: Tally, times: Times) -> Responses:
    p50, p90 = times["answered"]
    return Responses(
        n=sum(map(tally.total, OWED)),
        p50_s=p50,
        p90_s=p90,
        due=tally.total("response_due"),
        breached=tally.total("response_late"),
    )


def _holds(selection: Selection, tally: Tally, times: Times) -> Holds:
    now = int(selection.at.timestamp())
    still, without_pause = tally.total("open"), tally.total("running")
    return Holds(
        n=tally.total("entries"),
        total_s=tally.total("total_s") + still * now - tally.total("open_since_s"),
        net_total_s=tally.total("net_total_s") + without_pause * now - tally.total("running_since_s"),
        p50_s=times["hold"][0],
        p90_s=times["hold"][1],
        net_p50_s=times["net"][0],
        due=tally.total("hold_due"),
        breached=tally.total("hold_late"),
    )


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
