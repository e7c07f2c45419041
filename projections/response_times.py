"""How long each level takes to respond, and how long it holds a case: the figures of domain.md section 4."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from sqlalchemy import Connection

from domain.case.terms import Kind
from domain.decider import Act
from domain.org import Org, Tier
from projections.stays import NONE, Asked, By, Period, Stays
from projections.survival import typical_of
from projections.tally import Tally
from projections.then import Then

__all__ = ["By", "Group", "Holds", "Misdispatch", "Period", "Responses", "groups"]


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

    `unit` leaves those of the unit and what lies below it. What was void is its dispatcher's, in his unit and his tier.
    """
    stays = Stays(db, act, Asked(by=by, period=period, tier=tier, kind=kind, unit=unit), then)
    found = stays.tallies()
    going_on = stays.going_on(found)
    named = [one for one in Tier if one in found] if by is By.TIER else sorted(filter(None, found))
    names: list[str | None] = [*named, *([None] if None in found else [])]
    return [_figures(stays, name, _label(name, by, act.org), found[name], going_on.get(name, {})) for name in names]


def _label(group: str | None, by: By, org: Org) -> str:
    if group is None:
        return NO_TOWN if by is By.TOWN else NO_TIER
    unit = org.unit(group.partition(":")[0]) if by in (By.UNIT, By.TOWN, By.TOWN_WEEK) else None
    return unit.name if unit else group


NO_TOWN, NO_TIER = "不属于任何乡镇 (no town)", "不属于任何层级 (no tier)"

Running = Mapping[str, Sequence[tuple[int, int]]]


def _figures(stays: Stays, group: str | None, label: str, tally: Tally, running: Running) -> Group:
    hold = _holds(stays, group, tally, running)
    return Group(
        group=group or NONE,
        label=label,
        cases=stays.cases(group, tally),
        entries=hold.n,
        open=tally.total("open"),
        first_response=_responses(stays, group, tally, running),
        hold=hold,
        overdue_share=_share(hold.breached, hold.due),
        on_time_effective_share=_share(tally.total("effective"), hold.due),
        escalated=tally.total("escalated"),
        remanded=tally.total("remanded"),
        disputed_rejected=tally.total("disputed_rejected"),
        reopened=tally.total("reopened"),
        misdispatch=Misdispatch(n=tally.total("void"), total_s=tally.total("void_s")),
    )


def _responses(stays: Stays, group: str | None, tally: Tally, running: Running) -> Responses:
    answered, unanswered = tally["answered"], tally["unanswered"]
    look = partial(stays.exact, group, "answered")
    p50, p90 = typical_of(answered, unanswered, running.get("answered", ()), look, 0.5, 0.9)
    return Responses(
        n=answered.total() + unanswered.total() + tally.total("owing"),
        p50_s=p50,
        p90_s=p90,
        due=tally.total("response_due"),
        breached=tally.total("response_late"),
    )


def _holds(stays: Stays, group: str | None, tally: Tally, running: Running) -> Holds:
    now = int(stays.at.timestamp())
    still, without_pause = tally.total("open"), tally.total("running")
    p50, p90 = typical_of(tally["hold"], {}, running.get("hold", ()), partial(stays.exact, group, "hold"), 0.5, 0.9)
    look = partial(stays.exact, group, "net")
    [net_p50] = typical_of(tally["net"], tally["net_kept"], running.get("net", ()), look, 0.5)
    return Holds(
        n=tally.total("entries"),
        total_s=tally.total("total_s") + still * now - tally.total("open_since_s"),
        net_total_s=tally.total("net_total_s") + without_pause * now - tally.total("running_since_s"),
        p50_s=p50,
        p90_s=p90,
        net_p50_s=net_p50,
        due=tally.total("hold_due"),
        breached=tally.total("hold_late"),
    )


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
