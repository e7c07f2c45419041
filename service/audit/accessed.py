"""Reading the access log: who asked for what, page by page, of some subject, reader, action, outcome or time."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, select

from service.audit.access_log import LookOutcome, Of, as_asked, as_line
from service.record.codec import hash_of
from service.storage.tables import access_log


@dataclass(frozen=True, kw_only=True)
class Accessed:
    """An access on record: where it lies, its hash, and the hash of the one before it."""

    position: int
    at: datetime
    by: str
    action: str
    of: Of
    subject: str
    detail: str
    outcome: LookOutcome
    purpose: str
    hash: str
    previous_hash: str


@dataclass(frozen=True, kw_only=True)
class AccessFilter:
    """Which records; what is not said does not matter. Times include their beginning and not their end."""

    subjects: Collection[str] | None = None
    by: str | None = None
    action: str | None = None
    outcome: LookOutcome | None = None
    since: datetime | None = None
    until: datetime | None = None

    def clauses(self) -> Iterator[ColumnElement[bool]]:
        c = access_log.c
        for name in ("by", "action", "outcome"):
            if (value := getattr(self, name)) is not None:
                yield c[name] == value
        if self.subjects is not None:
            yield c.subject.in_([as_asked(one) for one in self.subjects])
        if self.since is not None:
            yield c.at >= self.since
        if self.until is not None:
            yield c.at < self.until


def accesses(db: Connection, after: int, limit: int, wanted: AccessFilter) -> list[Accessed]:
    """Records after a position, in order."""
    c = access_log.c
    query = select(c.position, c.state).where(c.position > after, *wanted.clauses())
    query = query.order_by(c.position).limit(limit)
    return [_accessed(position, state) for position, state in db.execute(query)]


def _accessed(position: int, state: bytes) -> Accessed:
    line = as_line(state)
    return Accessed(
        position=position,
        at=line.at,
        by=line.by,
        action=line.action,
        of=line.about,
        subject=line.subject,
        detail=line.detail,
        outcome=line.outcome,
        purpose=line.purpose,
        hash=hash_of(state),
        previous_hash=line.previous,
    )
