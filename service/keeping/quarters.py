"""Closes quarters, when nothing may be entered late any more.

It is written down what every town owed in visits and paid, and drawn which citizens somebody else asks once more.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import Engine

from domain.assessment.closing import CloseQuarter, counted_in
from domain.assessment.events import DutyCounted
from domain.assessment.gate import JUDGED
from domain.assessment.sample import Draw
from domain.decider import SYSTEM
from domain.duties import Quarter, TargetKind
from domain.org import Org, UnitKind
from domain.rules import Rules
from domain.streams import ORG, assessment_stream, sample_stream
from domain.zone import day_at, just_before, midnight
from projections.cards.frames import frame, mandatory
from projections.cards.given import first_marked
from projections.duties.coverage import coverage, first_flagged, flagged_villages
from service.record.clerk import Clerk
from service.record.orders import Order

log = logging.getLogger("sanji.quarters")


class Quarters:
    """Works on the coverage of the views, so they must have been brought up to the log before each call.

    Units and their heads are those of the quarter's end: who was merged into another since still owed what he owed.
    """

    def __init__(self, engine: Engine, clerk: Clerk) -> None:
        self._engine = engine
        self._clerk = clerk
        self._ledger = clerk.ledger
        self._next: Quarter | None = None

    def due(self) -> datetime | None:
        """When the next quarter is to be closed; none before anything was flagged or judged."""
        if self._next is None:
            with self._engine.connect() as db:
                begun = [at for at in (first_flagged(db), first_marked(db)) if at is not None]
            self._next = Quarter.of(day_at(min(begun))) if begun else None
        return self._next.ends() + self._grace(self._next) if self._next else None

    def close(self) -> None:
        """Count the next quarter in every town, and draw whom to ask. It is tried again where that was not recorded."""
        quarter, at = self._next, self.due()
        if quarter is None or at is None:
            return
        org = self._ledger.as_of(ORG, at=just_before(quarter.ends()))
        orders = [*self._closings(quarter, at, org), *self._draws(quarter, at, org)]
        refused = [one for one in self._clerk.settle_all(orders) if isinstance(one, Exception)]
        if refused:
            log.error("a quarter could not be closed", extra={"quarter": str(quarter), "outcome": repr(refused[0])})
            return
        self._next = quarter.next

    def _closings(self, quarter: Quarter, at: datetime, org: Org) -> Iterator[Order]:
        """What each town owed; of a quarter in which nobody owed anything nothing is said."""
        owed = {duty.kind for duty in self._counted(None, quarter, at, org)}
        if not owed:
            return
        with self._engine.connect() as db:
            owing = {org.town_of(village) for village in flagged_villages(db)}
        streams = {town: assessment_stream(town, quarter.year) for town in _units(org, UnitKind.TOWN)}
        states = self._ledger.states(streams.values())
        for town, stream in streams.items():
            if str(quarter) not in states[stream].closed:
                may_owe = town in owing or TargetKind.PETITION_INTENSIVE in owed
                duties = self._counted(town, quarter, at, org) if may_owe else ()
                head = org.head_of(town, just_before(quarter.ends()))
                closing = CloseQuarter(quarter=quarter, duties=duties, accountable=head, closes_at=at)
                yield Order(stream=stream, command=closing, by=SYSTEM)

    def _draws(self, quarter: Quarter, at: datetime, org: Org) -> Iterator[Order]:
        """Whom to ask of each unit that is judged."""
        ledger, begin = self._ledger, midnight(quarter.period(TargetKind.REMOTE)[0])
        streams = {unit: sample_stream(unit, str(quarter)) for unit in _units(org, *JUDGED)}
        states = ledger.states(streams.values())
        days = ledger.rules(at).policy.assessment.sample_open_nd
        with self._engine.connect() as db:
            for unit, stream in streams.items():
                if states[stream].drawn is None and (found := frame(db, unit, begin, quarter.ends())):
                    draw = Draw(
                        seed=ledger.seals.seed(stream),
                        frame=tuple(found),
                        mandatory=tuple(mandatory(db, found)),
                        drawn_at=at,
                        open_until=at + timedelta(days=days),
                    )
                    yield Order(stream=stream, command=draw, by=SYSTEM)

    def _counted(self, town: str | None, quarter: Quarter, at: datetime, org: Org) -> tuple[DutyCounted, ...]:
        act = self._ledger.act(SYSTEM, at)
        with self._engine.connect() as db:
            found = coverage(db, act, quarter, town, policy=self._rules_of(quarter).policy.must_visits, org=org)
        return tuple(
            DutyCounted(kind=one.kind, required=one.required, verified=one.verified)
            for one in found.duties
            if one.required and counted_in(quarter, one.kind)
        )

    def _rules_of(self, quarter: Quarter) -> Rules:
        """Those by which it is judged, whatever has come into force since."""
        return self._ledger.rules(just_before(quarter.ends()))

    def _grace(self, quarter: Quarter) -> timedelta:
        return timedelta(hours=self._rules_of(quarter).policy.assessment.duty_grace_hours)


def _units(org: Org, *kinds: UnitKind) -> list[str]:
    return sorted(id for id, unit in org.units.items() if unit.kind in kinds and not unit.closed)
