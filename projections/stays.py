"""What an answer about response times is made of: the sums that are kept, and stays one by one where no sum tells.

One by one are looked at: what began in the months or days that a period does not hold whole; what fell due in the hour
in which it ends; what has been open, where there is little of it; and the bucket in which a median lies.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select, true

from domain.case.figures import seconds
from domain.case.terms import Kind
from domain.decider import Act
from domain.org import Tier, UnitKind
from domain.org.state import SHANGHAI
from projections.bulk import chunks
from projections.durations import first_of
from projections.held import held, spells
from projections.held import row as row_of
from projections.problem_bank import counted_under
from projections.schema import EPOCH, MICROSECOND
from projections.spans import Cover, cover
from projections.summed import (
    AT_UNIT,
    CHARGED,
    DAY,
    EVERYWHERE,
    IN_TOWN,
    MONTH,
    YEAR,
    Row,
    came_again,
    day_of,
    earlier,
    entered,
    fell_due,
    half_hour,
    held_sum,
    places,
    void,
)
from projections.survival import Spell
from projections.tally import Mark, Tally
from projections.then import Then
from projections.visibility import counts_for

c, s = held.c, held_sum.c
HOUR = timedelta(hours=1)
FEW_OPEN = 500
"""As many open stays are looked at one by one; of more it is enough to know the hour in which they began."""
DUE = frozenset({"response_due", "response_late", "hold_due", "hold_late", "effective"})
TIMED = {"hold": c.took_s, "net": c.net_s, "answered": c.response_s}
EVER = (float("-inf"), float("inf"))
NEVER = (None, None)
Going = Mapping[str | None, Mapping[str, Sequence[tuple[int, int]]]]
"""Of each group: after how long, by each measure, so many are still going on."""


class By(StrEnum):
    """What the figures are told apart by. Weeks and months are those of entering, or of falling due.

    By two things at once the group is both, as in `T01:2025-W10`.
    """

    TIER = "tier"
    TOWN = "town"
    UNIT = "unit"
    KIND = "kind"
    GRADE = "grade"
    WEEK = "week"
    MONTH = "month"
    TIER_WEEK = "tier_week"
    TOWN_WEEK = "town_week"


WEEKLY = (By.WEEK, By.TIER_WEEK, By.TOWN_WEEK)
BY_TOWN = (By.TOWN, By.TOWN_WEEK)
NONE = "none"
"""The group of what has no town, or no tier."""


@dataclass(frozen=True, kw_only=True)
class Period:
    """From an instant up to, but not including, another; by default from ever, and until now."""

    start: datetime | None = None
    end: datetime | None = None

    def holds(self, at: datetime | None) -> bool:
        return at is not None and (self.start is None or at >= self.start) and (self.end is None or at < self.end)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Which stays are asked for, and what they are told apart by. `unit`: it, and what lies below it."""

    by: By
    period: Period
    tier: Tier | None = None
    kind: Kind | None = None
    unit: str | None = None


class Stays:
    """The stays asked for, as one reader may know of them, as they are or were then."""

    def __init__(self, db: Connection, act: Act, asked: Asked, then: Then | None) -> None:
        self.at = then.at if then else act.at
        self.asked = asked
        self._db, self._org, self._then = db, act.org, then
        self._known = counts_for(act)
        self._hidden: set[str] = set()
        until = min(filter(None, (asked.period.end, self.at + MICROSECOND)))
        self._period = Period(start=asked.period.start, end=until)
        known = act.org.unit(asked.unit) if asked.unit else None
        whole = asked.unit is None or (known is not None and known.kind is UnitKind.DISTRICT)
        self._inside = None if whole else {asked.unit, *act.org.below(asked.unit or "")}
        of_town = known is not None and known.kind is UnitKind.TOWN and asked.by is not By.UNIT
        self._towns = counted_under(act.org, asked.unit) if of_town else None
        self._by_unit = asked.by is By.UNIT or not (whole or of_town)
        self._moved = [
            ([{**row_of(one), "guard": each.guard} for one in spells(case)], sign)
            for each in (then.moved if then else ())
            for case, sign in ((each.now, -1), (each.then, 1))
            if self._known(each.guard)
        ]

    def tallies(self) -> Mapping[str | None, Tally]:
        found: dict[str | None, Tally] = defaultdict(Tally)
        detail = self.asked.kind is not None or self.asked.by in (By.KIND, By.GRADE)
        lengths = [YEAR] if not detail and self.asked.by not in (*WEEKLY, By.MONTH) else []
        lengths += [MONTH] if self.asked.by not in WEEKLY else []
        lengths += [] if self._by_unit else [DAY]
        late = self.asked.period.end is None or self.asked.period.end > self.at
        start = self.asked.period.start or (None if lengths else EPOCH)
        came = cover(start, None if late and self._then is None and lengths else self._period.end, lengths)
        self._add_sums(found, came, lengths[0] if lengths else None, detail=detail)
        self._add_entered(found, came)
        self._add_due(found, whole=not lengths)
        for rows, sign in self._moved:
            for row, again in zip(rows, earlier(rows), strict=True):
                self._add(found, row, again, sign)
        return {group: tally for group, tally in found.items() if tally}

    def going_on(self, found: Mapping[str | None, Tally]) -> Going:
        measures = {"hold": "open", "net": "running", "answered": "owing"}
        if sum(tally.total("open") for tally in found.values()) > FEW_OPEN:
            now = int(self.at.timestamp())
            return {
                group: {
                    name: [(max(0, now - hour * 3600 - 1800), n) for hour, n in tally[since].items()]
                    for name, since in measures.items()
                }
                for group, tally in found.items()
            }
        open_: dict[str | None, dict[str, list[tuple[int, int]]]] = defaultdict(lambda: {one: [] for one in measures})
        still = select(held).where(c.left_at.is_(None), ~c.void, self._meets())
        for row in [*self._unmoved(still), *(row for row in self._put_right() if row["left_at"] is None)]:
            if self._counts(row) and self._period.holds(row["entered_at"]):
                mine, lasted = open_[self._group(row, row["entered_at"])], seconds(row["entered_at"], self.at)
                mine["hold"].append((lasted, 1))
                if row["paused_since"] is None:
                    mine["net"].append((lasted - row["paused_s"], 1))
                if row["entry_no"] == 1 and row["response_due_at"] is not None and row["response_s"] is None:
                    mine["answered"].append((lasted, 1))
        return open_

    def exact(self, group: str | None, measure: str, bucket: int) -> list[Spell]:
        """The durations of a group that lie in one bucket, and whether each was over."""
        column, first, last = TIMED[measure], first_of(bucket), first_of(bucket + 1)
        over = c.left_at.is_not(None) if measure != "answered" else c.first_response_at.is_not(None)
        columns = (column, over, *((c.case_id,) if self._moved else ()))
        these = select(*columns).where(column >= first, column < last, ~c.void, self._meets(group, grouped=True))
        if self._hidden:
            these = these.where(c.guard.not_in(self._hidden))
        ids = self._then.ids if self._then else ()
        found = [(row[0], bool(row[1])) for row in self._db.execute(these) if not ids or row[2] not in ids]
        for row in self._put_right():
            value = row[column.name]
            mine = self._counts(row) and self._period.holds(row["entered_at"])
            if mine and self._group(row, row["entered_at"]) == group and value is not None and first <= value < last:
                ended = row["left_at"] if measure != "answered" else row["first_response_at"]
                found.append((value, ended is not None))
        return found

    def cases(self, group: str | None, tally: Tally) -> int:
        """How many came, those who came again since the group or the period began only once."""
        start = self._period.start.astimezone(SHANGHAI).date() if self._period.start else date.min
        if self.asked.by in (*WEEKLY, By.MONTH):
            start = max(start, self._first_day(group))
        by_tier = self.asked.by in (By.TIER, By.TIER_WEEK) or self.asked.tier is not None
        again = tally["again_in_tier" if by_tier else "again"]
        return tally.total("entries") - sum(n for day, n in again.items() if day >= start.toordinal())

    def _first_day(self, group: str | None) -> date:
        return date.fromisoformat(f"{group}-01" if self.asked.by is By.MONTH else f"{(group or '').split(':')[-1]}-1")

    # from the sums

    def _add_sums(self, found: dict[str | None, Tally], came: Cover, length: int | None, *, detail: bool) -> None:
        if length is None:
            return
        end = day_of(self._period.end - MICROSECOND)[:length] if self._period.end else ""
        begin = day_of(self._period.start)[:length] if self._period.start else ""
        first, last = self._whole_hours()
        fell = and_(s.span >= begin, s.span <= end, func.length(s.span) == length)
        query = select(s.span, s.place, s.tier, s.kind, s.grade, s.guard, s.tally)
        of_kind = s.kind == (self.asked.kind or "") if self.asked.kind or not detail else s.kind != ""
        charged = and_(s.place >= CHARGED, s.place < CHARGED[:-1] + ";")
        for row in self._db.execute(query.where(or_(came.condition(), fell), of_kind, or_(self._places(), charged))):
            if not self._known(row.guard):
                self._hidden.add(row.guard)
                continue
            began = came.holds(row.span)
            due = len(row.span) == length and begin <= row.span <= end
            told, group = self._told_by(row)
            if told:

                def within(name: str, *, began: bool = began, due: bool = due) -> tuple[float, float] | None:
                    if name in DUE:
                        return (first, last) if due else None
                    return EVER if began else None

                found[group].read(row.tally, within)

    def _places(self) -> ColumnElement[bool]:
        tier = s.tier == self.asked.tier if self.asked.tier else true()
        if self._towns is not None:
            return and_(s.place.in_([IN_TOWN + town for town in self._towns]), tier)
        if self._inside is not None:
            return and_(s.place.in_([f"{AT_UNIT}{unit}" for unit in sorted(filter(None, self._inside))]), tier)
        if self.asked.by in (By.UNIT, *BY_TOWN):
            kept = AT_UNIT if self.asked.by is By.UNIT else IN_TOWN
            return and_(s.place >= kept, s.place < kept[:-1] + ";", tier)
        return and_(s.place == EVERYWHERE, tier)

    def _told_by(self, row: Any) -> tuple[bool, str | None]:
        """Whether a sum is asked for, and the group it belongs to."""
        told = {"unit": None, "town": None, "tier": row.tier, "kind": row.kind, "grade": row.grade}
        if row.place.startswith(CHARGED):
            told |= self._charged(row.place[len(CHARGED) :])
            if not self._is_asked(told):
                return False, None
        elif row.place.startswith(AT_UNIT):
            unit = row.place[len(AT_UNIT) :]
            told |= {"unit": unit, "town": self._org.town_of(unit)}
        elif row.place.startswith(IN_TOWN):
            told["town"] = row.place[len(IN_TOWN) :] or None
        if self.asked.by is By.MONTH:
            return True, row.span[:MONTH]
        day = date.fromisoformat(row.span) if self.asked.by in WEEKLY else None
        return True, _named(self.asked.by, told, day)

    # one by one

    def _add_entered(self, found: dict[str | None, Tally], came: Cover) -> None:
        for start, end in came.edges:
            rows = self._rows(and_(c.entered_at >= start, c.entered_at < end))
            before = self._earlier(rows)
            for row in rows:
                if self._counts(row):
                    self._add_came(found, row, before.get((row["case_id"], row["stay"]), {}), 1)

    def _add_due(self, found: dict[str | None, Tally], *, whole: bool) -> None:
        for start, end in self._due_edges(whole=whole):
            for column in (c.hold_due_at, c.response_due_at):
                for row in self._rows(and_(column >= start, column < end, ~c.void)):
                    if self._counts(row):
                        for due, marks in fell_due(row):
                            if f"{marks[0][0]}_at" == column.name:
                                found[self._group(row, due)].count(marks)

    def _whole_hours(self) -> tuple[float, float]:
        """From and up to which half hour the sums tell what fell due."""
        start, end = self._period.start, self._period.end
        assert end is not None
        first = half_hour(start) + half_hour(start) % 2 if start else EVER[0]
        return first, half_hour(end) // 2 * 2

    def _due_edges(self, *, whole: bool) -> list[tuple[datetime, datetime]]:
        """What of the period is no whole hour."""
        start, end = self._period.start or EPOCH, self._period.end
        assert end is not None
        first, last = EPOCH + HOUR * (-(-(start - EPOCH) // HOUR)), EPOCH + HOUR * ((end - EPOCH) // HOUR)
        if whole or first > last:
            return [(start, end)]
        return [(one, other) for one, other in ((start, first), (last, end)) if one < other]

    def _add(self, found: dict[str | None, Tally], row: Row, again: Any, sign: int) -> None:
        """A stay that moved since, wherever it counts."""
        if not self._counts(row):
            return
        if self._period.holds(row["entered_at"]):
            self._add_came(found, row, again, sign)
        for due, marks in () if row["void"] else fell_due(row):
            if self._period.holds(due):
                found[self._group(row, due)].count(marks, sign)

    def _add_came(self, found: dict[str | None, Tally], row: Row, again: Any, sign: int) -> None:
        marks: list[Mark] = (
            void(row) if row["void"] else [*entered(row), *came_again(again.get(self._place(row), NEVER))]
        )
        found[self._group(row, row["entered_at"])].count(marks, sign)

    def _place(self, row: Row) -> str:
        everywhere, town, unit = places(row)
        return unit if self._by_unit else town if self._towns or self.asked.by in BY_TOWN else everywhere

    def _earlier(self, rows: Sequence[Row]) -> dict[tuple[str, int], Any]:
        """What went before each of these stays in its case."""
        found = {(row["case_id"], 0): next(earlier([row])) for row in rows if row["stay"] == 0}
        for some in chunks({row["case_id"] for row in rows if row["stay"]}):
            lives: dict[str, list[Row]] = defaultdict(list)
            for row in self._db.execute(select(held).where(c.case_id.in_(some)).order_by(c.case_id, c.stay)).mappings():
                lives[row["case_id"]].append(dict(row))
            for life in lives.values():
                found |= {(row["case_id"], row["stay"]): one for row, one in zip(life, earlier(life), strict=True)}
        return found

    def _rows(self, which: ColumnElement[bool]) -> list[Row]:
        mine = or_(self._mine(), c.void)
        same = c.kind == self.asked.kind if self.asked.kind else true()
        return [dict(row) for row in self._db.execute(select(held).where(which, mine, same)).mappings()]

    def _unmoved(self, query: Any) -> Iterator[Row]:
        ids = self._then.ids if self._then else ()
        return (dict(row) for row in self._db.execute(query).mappings() if row["case_id"] not in ids)

    def _put_right(self) -> Iterator[Row]:
        return (row for rows, sign in self._moved if sign > 0 for row in rows if not row["void"])

    def _mine(self) -> ColumnElement[bool]:
        if self._towns is not None:
            return c.town.in_(self._towns)
        return true() if self._inside is None else c.unit.in_(sorted(filter(None, self._inside)))

    def _meets(self, group: str | None = None, *, grouped: bool = False) -> ColumnElement[bool]:
        """The stays asked for; of one group. Units are looked up by unit, everything else by tier."""
        asked, conditions = self.asked, [self._mine(), c.entered_at < self._period.end]
        conditions += [c.entered_at >= self._period.start] if self._period.start else []
        conditions += [c.kind == asked.kind] if asked.kind else []
        by_unit = self._by_unit or (grouped and asked.by in BY_TOWN)
        tier = c.tier.concat("") if by_unit else c.tier
        conditions += [tier == asked.tier] if asked.tier else [] if by_unit else [c.tier.in_(list(Tier))]
        if grouped:
            conditions += self._of_group(group)
        return and_(*conditions)

    def _of_group(self, group: str | None) -> Iterator[ColumnElement[bool]]:
        by = self.asked.by
        if by in (*WEEKLY, By.MONTH):
            first = self._first_day(group)
            begin = datetime(first.year, first.month, first.day, tzinfo=SHANGHAI)
            end = (begin + timedelta(days=31)).replace(day=1) if by is By.MONTH else begin + timedelta(days=7)
            yield and_(c.entered_at >= begin, c.entered_at < end)
        name = None if group is None or group.startswith(f"{NONE}:") else group.split(":")[0]
        if by in BY_TOWN:
            yield c.town == name if name else c.town.is_(None)
            if name:
                yield c.unit.in_(sorted({name, *self._org.below(name)}))
        elif by is By.TIER_WEEK:
            yield c.tier == name
        elif by not in (By.WEEK, By.MONTH):
            yield c[by] == name

    def _counts(self, row: Row) -> bool:
        """Whether a stay is asked for, and may be known of."""
        if not self._known(row["guard"]) or self.asked.kind not in (None, row["kind"]):
            return False
        return self._is_asked({**row, **self._charged(row["charged_to"] or row["unit"])} if row["void"] else row)

    def _is_asked(self, told: Row) -> bool:
        if self.asked.tier not in (None, told["tier"]):
            return False
        if self._towns is not None and told.get("charged") is None:
            return told["town"] in self._towns
        return self._inside is None or told["unit"] in self._inside

    def _charged(self, unit: str) -> dict[str, Any]:
        """The dispatcher's unit, whose fault a void stay was."""
        known = self._org.unit(unit)
        return {"charged": True, "unit": unit, "town": self._org.town_of(unit), "tier": known.tier if known else None}

    def _group(self, row: Row, at: datetime) -> str | None:
        """None for what has no town, or no tier."""
        told = {**row, **self._charged(row["charged_to"] or row["unit"])} if row["void"] else row
        return _named(self.asked.by, told, at.astimezone(SHANGHAI).date())


def _named(by: By, told: Row, day: date | None) -> str | None:
    match by:
        case By.WEEK:
            return f"{day:%G-W%V}"
        case By.MONTH:
            return f"{day:%Y-%m}"
        case By.TIER_WEEK | By.TOWN_WEEK:
            return f"{told[by.partition('_')[0]] or NONE}:{day:%G-W%V}"
        case _:
            group: str | None = told[by]
            return group
