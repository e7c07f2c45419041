"""Who must be visited: flags with their history, and the visits paid."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Column, ColumnElement, Connection, Index, Integer, Table, or_, select, true

from domain.decider import Act, Recorded
from domain.duties import PLACES, CameAs, Flagged, Target, TargetKind, Unflagged, VisitApproved, Visited
from domain.duties.target import READING, in_office
from domain.household import Household
from domain.household.events import VisitAudited, VisitRecorded
from domain.org import LOCAL, Org, Role, Tier
from domain.rules.must_visits import MustVisits
from domain.zone import day_at, just_before
from projections.following.bulk import upsert
from projections.following.projection import Batch, Step
from projections.following.schema import Instant, metadata, text

duty_flag = Table(
    "duty_flag",
    metadata,
    Column("target", text(64), primary_key=True),
    Column("kind", text(32), primary_key=True),
    Column("position", BigInteger, primary_key=True),
    Column("village", text(64), nullable=False),
    Column("since", Instant, nullable=False),
    Column("until", Instant),
    Column("first_day", Integer, nullable=False),
    Column("last_day", Integer),
    Column("head_due", Instant),
    Column("leader_due", Instant),
    Index("duty_flag_by_kind", "kind", "target", "village", "since", "until", "first_day", "last_day"),
    Index("duty_flag_by_village", "village", "kind"),
)
"""The times with a flag, a row each. Days are numbered from 1 January of the year 1, and no day of a target lies in two
rows of one kind, so that they can be added up.
"""

duty_visit = Table(
    "duty_visit",
    metadata,
    Column("target", text(64), primary_key=True),
    Column("position", BigInteger, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("visitor", text(64), nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Column("approved_at", Instant),
    Column("countersigned", Integer, nullable=False),
    Column("asked_at", Instant),
    Column("confirmed", Integer),
    Column("local", Integer, nullable=False),
    Column("by_head", Integer, nullable=False),
    Column("by_leader", Integer, nullable=False),
    Index(
        "duty_visit_by_time",
        *("target", "recorded_at", "countersigned", "asked_at", "confirmed", "local", "approved_at", "seen_at"),
    ),
)
"""A visit counts for the instant at which it was recorded; for `seen_at` only once a superior has approved. `version`
is that of the target; for a visit to a household, that of the household, negative. Whoever lives there may have been
asked at `asked_at` whether it took place: the answer counts more than a signature.
"""

f, v = duty_flag.c, duty_visit.c


class Coverage:
    name = "coverage"
    version = 4
    tables: Sequence[Table] = (duty_flag, duty_visit)

    def fold(self, db: Connection, batch: Batch) -> None:
        upsert(db, duty_visit, [visit for step in batch.steps for visit in _visits(step)])
        flags: dict[tuple[str, str], dict[str, Any]] = {}
        """The last row of each target and kind that this batch has touched; written when the next one begins."""
        for step in batch.steps:
            match step.recorded.event:
                case Flagged() as flagged:
                    before = flags.get((step.after.id, flagged.kind)) or _last(db, step, flagged.kind)
                    if before is not None:
                        upsert(db, duty_flag, [before])
                    flags[step.after.id, flagged.kind] = _flag(step, flagged, before)
                case Unflagged() as unflagged:
                    row = flags.get((step.after.id, unflagged.kind)) or _last(db, step, unflagged.kind)
                    assert row is not None
                    ended = {"until": step.recorded.at, "last_day": _last_day(row["since"], step.recorded.at)}
                    flags[step.after.id, unflagged.kind] = {**row, **ended}
                case VisitApproved() as approved:
                    _known_better(db, step, approved.visit, approved_at=step.recorded.at)
                case VisitAudited() as audited:
                    more = {"asked_at": step.recorded.at, "confirmed": int(audited.happened)}
                    _known_better(db, step, -audited.visit, **more)
                case _:
                    pass
        upsert(db, duty_flag, list(flags.values()))


def _known_better(db: Connection, step: Step, version: int, **more: Any) -> None:
    """What was learned about a visit after it was recorded."""
    theirs = select(duty_visit).where(v.target == step.after.id, v.version == version)
    visit = db.execute(theirs).mappings().one()
    upsert(db, duty_visit, [{**visit, **more}])


def _last(db: Connection, step: Step, kind: TargetKind) -> dict[str, Any] | None:
    """The last time it was flagged like that before."""
    if step.before.version == 0:
        return None
    query = select(duty_flag).where(f.target == step.after.id, f.kind == kind).order_by(f.position.desc()).limit(1)
    found = db.execute(query).mappings().one_or_none()
    return None if found is None else dict(found)


def _flag(step: Step, flagged: Flagged, before: dict[str, Any] | None) -> dict[str, Any]:
    at, within = step.recorded.at, MustVisits()
    disaster = flagged.kind is TargetKind.DISASTER_AFFECTED
    return {
        "target": step.after.id,
        "kind": flagged.kind,
        "position": step.position,
        "village": flagged.village,
        "since": at,
        "until": None,
        "first_day": max(day_number(at), before["last_day"] + 1 if before else 0),
        "last_day": None,
        "head_due": (flagged.head_due or at + timedelta(hours=within.head_within_hours)) if disaster else None,
        "leader_due": (flagged.leader_due or at + timedelta(hours=within.leader_within_hours)) if disaster else None,
    }


def day_number(at: datetime) -> int:
    return day_at(at).toordinal()


def _last_day(since: datetime, until: datetime) -> int:
    """The last day that has some of this time in it; the first one always has."""
    return max(day_number(since), day_number(just_before(until)))


def _visits(step: Step) -> Iterator[dict[str, Any]]:
    recorded: Recorded[Any] = step.recorded
    match recorded.event:
        case Visited() as visit if isinstance(step.after, Target):
            yield {
                **_visit(step, visit, visit.seen_at),
                "local": int(stood(visit, CameAs.LOCAL)),
                "by_head": int(stood(visit, CameAs.TOWN_HEAD)),
                "by_leader": int(stood(visit, CameAs.DISTRICT_LEADER)),
            }
        case VisitRecorded() as visit if isinstance(step.after, Household):
            seen = visit.captured_at or recorded.at
            yield {**_visit(step, visit, seen), "version": -recorded.version}
        case _:
            pass


def _visit(step: Step, visit: Visited | VisitRecorded, seen: datetime) -> dict[str, Any]:
    return {
        "target": step.after.id,
        "position": step.position,
        "version": step.recorded.version,
        "visitor": visit.visitor,
        "seen_at": seen,
        "recorded_at": step.recorded.at,
        **dict.fromkeys(("approved_at", "asked_at", "confirmed")),
        "countersigned": int(visit.countersigned),
        **dict.fromkeys(("local", "by_head", "by_leader"), 0),
    }


def stood(visit: Visited, how: CameAs) -> bool:
    """In which capacity the visitor came. Older lines tell only the posts he had."""
    if visit.came_as:
        return how in visit.came_as
    if how is CameAs.LOCAL:
        return set(visit.roles) <= {Role.CADRE, Role.VILLAGE_HEAD}
    return Role(how) in visit.roles


def known_to(act: Act) -> ColumnElement[bool]:
    """The flags this actor may know of: `knows` of the gate as SQL."""
    places = f.kind.in_(sorted(PLACES))
    near = theirs(act)
    return or_(places, near) if in_office(act) else near


def theirs(act: Act) -> ColumnElement[bool]:
    """Flags in villages whose people are this actor's business."""
    if any(post.role in READING for post in act.by.posts):
        return true()
    places = {place for post in act.by.posts if post.role in LOCAL for place in act.org.area(post.unit)}
    return f.village.in_(sorted(places))


def within(org: Org, unit: str | None) -> ColumnElement[bool]:
    """In the unit's villages; anywhere, if none is named."""
    return true() if unit is None else f.village.in_(villages(org, unit))


def villages(org: Org, unit: str | None = None) -> list[str]:
    """Villages and communities of a unit, or of the district; closed ones, too."""
    inside = org.units if unit is None else org.within(unit)
    return sorted(one for one in inside if one in org.units and org.units[one].tier is Tier.VILLAGE)
