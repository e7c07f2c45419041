"""Closes quarters: when nothing may be entered late any more, what every town owed in visits and paid is written down."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from sqlalchemy import Engine

from domain.assessment.closing import CloseQuarter, closes_at, counted_in
from domain.assessment.events import DutyCounted
from domain.decider import SYSTEM, Act
from domain.duties import Quarter
from domain.org import Org, UnitKind
from projections.coverage import coverage, first_flagged
from service.aggregates import assessment_stream, rules_at
from service.clerk import Clerk
from service.orders import Order

log = logging.getLogger("sanji.quarters")


class Quarters:
    """Works on the coverage of the views, so they must have been brought up to the log before each call."""

    def __init__(self, engine: Engine, clerk: Clerk) -> None:
        self._engine = engine
        self._clerk = clerk
        self._next: Quarter | None = None

    def due(self) -> datetime | None:
        """When the next quarter is to be closed; none before anything was ever flagged."""
        if self._next is None:
            with self._engine.connect() as db:
                first = first_flagged(db)
            self._next = first and Quarter.of(self._org.day(first))
        return self._next and closes_at(self._next, self._grace(self._next))

    def close(self) -> None:
        """Count the next quarter in every town. It is tried again where that was not recorded."""
        quarter, at = self._next, self.due()
        if quarter is None or at is None:
            return
        org = self._org
        towns = sorted(id for id, unit in org.units.items() if unit.kind is UnitKind.TOWN and not unit.closed)
        streams = {town: assessment_stream(town, quarter.year) for town in towns}
        states = self._clerk.ledger.states(streams.values())
        left = [town for town in towns if str(quarter) not in states[streams[town]].closed]
        counted = {town: self._counted(town, quarter, org, at) for town in left}
        if any(counted.values()):
            orders = [
                Order(
                    stream=streams[town],
                    command=CloseQuarter(quarter=str(quarter), duties=duties, closes_at=at),
                    by=SYSTEM,
                )
                for town, duties in counted.items()
            ]
            refused = [one for one in self._clerk.settle_all(orders) if isinstance(one, Exception)]
            if refused:
                log.error("a quarter could not be closed", extra={"quarter": str(quarter), "outcome": repr(refused[0])})
                return
        self._next = quarter.next

    def _counted(self, town: str, quarter: Quarter, org: Org, at: datetime) -> tuple[DutyCounted, ...]:
        ledger = self._clerk.ledger
        _, policies, calendars = ledger.reference()
        act = Act(by=SYSTEM, at=at, rules=rules_at(policies, calendars, at), org=org, vault=ledger.seals.vault())
        with self._engine.connect() as db:
            found = coverage(db, act, quarter, town)
        return tuple(
            DutyCounted(kind=one.kind, required=one.required, verified=one.verified)
            for one in found.duties
            if one.required and counted_in(quarter, one.kind)
        )

    @property
    def _org(self) -> Org:
        org: Org = self._clerk.ledger.reference()[0]
        return org

    def _grace(self, quarter: Quarter) -> timedelta:
        _, policies, calendars = self._clerk.ledger.reference()
        rules = rules_at(policies, calendars, closes_at(quarter, timedelta()))
        return timedelta(hours=rules.policy.assessment.duty_grace_hours)
