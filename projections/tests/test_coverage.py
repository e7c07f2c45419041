"""Coverage never improves by taking flags away: random histories of flags, on any day, against a count day by day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, delete

from domain.decider import Recorded
from domain.duties import CameAs, Flagged, Quarter, Target, TargetEvent, TargetKind, Unflagged, VisitDuty, Visited
from domain.household import Household
from domain.household.events import VisitRecorded
from domain.zone import DISTRICT
from projections.cases.case_file import case_file
from projections.duties.coverage import Covered, covered
from projections.duties.owed import CoverageQuestion
from projections.duties.targets import Coverage
from projections.following.projection import Batch, Step
from projections.following.schema import metadata
from projections.tests.logs import act

QUARTER = Quarter(year=2025, number=2)
FIRST, LAST = date(2025, 4, 1), date(2025, 6, 30)
BEGIN = datetime(2025, 3, 20, tzinfo=DISTRICT)
HOURS = 24 * 110
REMOTE = TargetKind.REMOTE

hours = st.integers(0, HOURS)
turns = st.lists(hours, min_size=1, max_size=8, unique=True).map(sorted)
"""When a flag is given, taken away, given again ..., in hours from shortly before the quarter until shortly after."""
histories = st.lists(st.tuples(turns, st.none() | hours), min_size=1, max_size=4)


def moment(hour: int) -> datetime:
    return BEGIN + timedelta(hours=hour)


def told(number: int, flags: Sequence[int], visit: int | None) -> list[tuple[datetime, str, TargetEvent]]:
    """What happens to one village: its flags turn on and off, and once somebody may come."""
    id = f"V{number}"
    events: list[tuple[datetime, str, TargetEvent]] = [
        (moment(hour), id, Unflagged(kind=REMOTE) if off % 2 else Flagged(kind=REMOTE, village="V0101", town="T01"))
        for off, hour in enumerate(flags)
    ]
    if visit is not None:
        seen = Visited(
            duty=VisitDuty.MUST_GO,
            visitor="head:T01",
            roles=(),
            countersigned=False,
            seen_at=moment(visit),
            came_as=(CameAs.OFFICIAL,),
        )
        events.append((moment(visit), id, seen))
    return events


DATABASE = create_engine("sqlite://")
TABLES = [*Coverage.tables, case_file]


def remote(histories: Sequence[tuple[Sequence[int], int | None]], at: datetime, more: Sequence[Step] = ()) -> Covered:
    """What a register answers for that instant that has read all of it, in the order of time."""
    metadata.create_all(DATABASE, tables=TABLES)
    targets: dict[str, Target] = {}
    steps: list[Step] = []
    happened = [one for number, (flags, visit) in enumerate(histories) for one in told(number, flags, visit)]
    for position, (then, id, event) in enumerate(sorted(happened, key=lambda one: one[0]), 1):
        before = targets.get(id, Target(id=id))
        recorded: Recorded[Any] = Recorded(
            stream=f"target:{id}", version=before.version + 1, at=then, recorded_at=then, by="head:T01", event=event
        )
        targets[id] = before.evolve(recorded)
        steps.append(Step(position, before, recorded, targets[id]))
    auditor = act("auditor", "12-31 09:00")
    asked = CoverageQuestion(
        act=auditor, org=auditor.org, unit=None, quarter=QUARTER, at=at, policy=auditor.rules.policy.must_visits
    )
    with DATABASE.begin() as db:
        for table in TABLES:
            db.execute(delete(table))
        for some in (steps[:3], steps[3:], more):
            Coverage().fold(db, Batch(some))
        places, _ = covered(db, asked, VisitDuty.MUST_GO)
    return next(one for one in places if one.kind is REMOTE)


def share(covered: Covered) -> float:
    return 1.0 if covered.coverage is None else covered.coverage


def by_hand(histories: Sequence[tuple[Sequence[int], int | None]], at: datetime) -> tuple[int, int]:
    """The definition, day by day: how many were flagged on fifteen days, and how many of them visited."""
    owed = visited = 0
    for flags, visit in histories:
        ends = [*map(moment, flags[1::2]), *[at] * (len(flags) % 2)]
        spans = [(moment(since), min(until, at)) for since, until in zip(flags[::2], ends, strict=True)]
        days = {day for span in spans for day in days_of(*span, at) if FIRST <= day <= LAST}
        if len(days) >= 15:
            owed += 1
            came = visit is not None and moment(visit) <= at and FIRST <= moment(visit).date() <= LAST
            visited += int(came)
    return owed, visited


def days_of(since: datetime, until: datetime, at: datetime) -> list[date]:
    """The days with some of this time in them, its first one always; none of what is still to come."""
    if since > at:
        return []
    last = max(since.date(), ((until if until < at else at + timedelta(seconds=1)) - timedelta(seconds=1)).date())
    return [since.date() + timedelta(days=day) for day in range((last - since.date()).days + 1)]


@settings(max_examples=60)
@given(histories=histories, when=hours)
def test_taking_flags_away_on_any_day_never_improves_coverage(
    histories: list[tuple[list[int], int | None]], when: int
) -> None:
    kept = [([hour for hour in flags if hour < when], visit) for flags, visit in histories]
    taken = [(flags + [when] * (len(flags) % 2), visit) for flags, visit in kept]
    before, after = remote(kept, moment(when)), remote(taken, moment(when))
    assert (after.required, after.verified) == (before.required, before.verified)
    later = remote(taken, moment(HOURS + 48))
    assert later.required >= before.required
    assert share(later) <= share(before) or later.verified > before.verified, "only a visit improves it"


@settings(max_examples=60)
@given(histories=histories, when=hours)
def test_coverage_is_what_one_counts_day_by_day(histories: list[tuple[list[int], int | None]], when: int) -> None:
    found = remote(histories, moment(when))
    assert (found.required, found.verified) == by_hand(histories, moment(when))


def test_a_visit_to_a_household_with_the_id_of_a_village_is_none_to_the_village() -> None:
    then, home = moment(24 * 40), Household(id="V0", version=1)
    visit = VisitRecorded(visitor="cadre:V0101", cases=(), countersigned=True, captured_at=None)
    recorded: Recorded[Any] = Recorded(
        stream="household:V0", version=2, at=then, recorded_at=then, by="cadre:V0101", event=visit
    )
    found = remote([([0], None)], moment(24 * 50), [Step(9, home, recorded, home.evolve(recorded))])
    assert (found.required, found.verified) == (1, 0)


def test_the_control_a_count_of_those_who_have_the_flag_now_would_improve() -> None:
    """The measure that was not chosen: who has the flag today. One village was visited, one was not."""

    def of_those_flagged(histories: Sequence[tuple[Sequence[int], int | None]]) -> float:
        flagged = [visit for flags, visit in histories if len(flags) % 2]
        return len([visit for visit in flagged if visit is not None]) / len(flagged)

    kept: list[tuple[list[int], int | None]] = [([0], 1000), ([0], None)]
    taken: list[tuple[list[int], int | None]] = [([0], 1000), ([0, 2000], None)]
    assert (of_those_flagged(kept), of_those_flagged(taken)) == (0.5, 1.0)
    assert remote(kept, moment(HOURS)).coverage == remote(taken, moment(HOURS)).coverage == 0.5
