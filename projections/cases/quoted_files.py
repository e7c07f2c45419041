"""Which cases quote a file as proof of a resolution, or as evidence: whoever sees one of them may see the file.

A hash that nobody uploaded may be quoted as well: the file then lies in another system, and is not served here. Who only
knows the hash of a file that another case has quoted does not get at the file by quoting it, too.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from sqlalchemy import BigInteger, Column, Connection, Table, func, or_, select

from domain.case import events as e
from domain.decider import Act, Recorded
from projections.cases.case_file import case_file
from projections.cases.visibility import each_visible_to
from projections.following.bulk import upsert
from projections.following.projection import Batch
from projections.following.schema import metadata, text

SHA256 = re.compile(r"[0-9a-f]{64}", re.IGNORECASE)
QUOTING = (e.Resolved, e.EvidenceAttached)

case_evidence = Table(
    "case_evidence",
    metadata,
    Column("sha256", text(64), primary_key=True),
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("case_id", text(64), nullable=False),
    Column("by", text(80), nullable=False),
)


class QuotedFiles:
    name = "evidence"
    version = 2
    tables: Sequence[Table] = (case_evidence,)

    def fold(self, db: Connection, batch: Batch) -> None:
        quoting = [step for step in batch.steps if isinstance(step.recorded.event, QUOTING)]
        quoted = {(sha256, step.position): step for step in quoting for sha256 in hashes(step.recorded)}
        rows = [
            {"sha256": sha256, "position": position, "case_id": step.after.id, "by": step.recorded.by}
            for (sha256, position), step in quoted.items()
        ]
        upsert(db, case_evidence, rows)


def hashes(recorded: Recorded[e.CaseEvent]) -> Iterator[str]:
    """The files an event quotes. What is no SHA-256 names no file."""
    match recorded.event:
        case e.Resolved(proof=proof):
            named = [one.sha256 for one in proof]
        case e.EvidenceAttached(sha256=sha256):
            named = [sha256]
        case _:
            named = []
    yield from (sha256.lower() for sha256 in named if sha256 and SHA256.fullmatch(sha256))


SOME = 20
"""As many cases are enough to say that somebody may see a file."""


def quoted_by(db: Connection, act: Act, sha256: str, senders: Collection[str]) -> list[str]:
    """Some of the cases this actor sees that quote a file: the first to do so, and those where its senders did."""
    q = case_evidence.c
    first = select(func.min(q.position)).where(q.sha256 == sha256).scalar_subquery()
    query = (
        select(case_file.c.case_id)
        .distinct()
        .join(case_evidence, q.case_id == case_file.c.case_id)
        .where(q.sha256 == sha256, or_(q.position == first, q.by.in_(senders)), each_visible_to(act))
        .order_by(case_file.c.case_id)
        .limit(SOME)
    )
    return list(db.scalars(query))
