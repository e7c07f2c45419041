"""Whether the service can do its work: the database answers, the views follow, nothing is parked, the calendar is known.

Views and deadlines are kept by another process as a rule: what is told of it, it has written down.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Literal

from sqlalchemy import Connection, exc
from typing_extensions import TypedDict

from projections import PROJECTIONS
from projections.following.projection import parked_count, positions_of
from service.keeping.rounds import last_round, stuck_count
from service.office import Office
from service.record.calendars import REGION

PATIENCE = 10.0
"""Seconds within which the database answers; one that stands still holds the connection, and never does."""
LATE = timedelta(seconds=60)
"""Within this the keeper comes round, whatever there is to do."""


class Unreachable(TypedDict):
    """The database is away."""

    ready: Literal[False]
    database: Literal["unreachable"]


class Readiness(TypedDict):
    """How far the log reaches and is signed, how far each view is behind it, and what somebody must look at."""

    ready: bool
    database: str
    position: int
    signed: int
    signed_readings: int
    alarms: dict[str, str]
    lag: dict[str, int]
    views_built: bool
    parked: int
    stuck_deadlines: int
    last_round: datetime | None
    calendar_known_until: date | None


async def readiness(office: Office) -> Readiness | Unreachable:
    """What `/readyz` tells; a database that is away is told of, not raised."""
    try:
        async with asyncio.timeout(PATIENCE):
            return await office.read(lambda db: _readiness(office, db))
    except (exc.SQLAlchemyError, TimeoutError):
        return {"ready": False, "database": "unreachable"}


def _readiness(office: Office, db: Connection) -> Readiness:
    last = office.recorder.last(db)
    lag = {name: last - position for name, position in positions_of(db, PROJECTIONS).items()}
    parked = parked_count(db)
    stuck, came = stuck_count(db), last_round(db)
    kept = came is not None and datetime.now(UTC) - came < LATE
    ledger = office.ledger
    known = ledger.calendars.working(REGION).known_until() if ledger.policies.version else None
    alarms = office.notary.alarms()
    built = office.views_are_built(db)
    return {
        "ready": built and kept and parked == 0 and stuck == 0 and known is not None and not alarms,
        "database": db.dialect.name,
        "position": last,
        "signed": office.notary.events.size(),
        "signed_readings": office.notary.accesses.size(),
        "alarms": {name: alarm.reason for name, alarm in alarms.items()},
        "lag": lag,
        "views_built": built,
        "parked": parked,
        "stuck_deadlines": stuck,
        "last_round": came,
        "calendar_known_until": known,
    }
