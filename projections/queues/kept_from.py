"""Open cases that a unit has, or that wait for it, though it may not know of them: somebody they are about has come there."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from domain.org import Org
from projections.cases.case_file import case_file, case_subject
from projections.queues.town_queue import waiting

c, w, subject = case_file.c, waiting.c, case_subject.c


def kept_from(db: Connection, org: Org, at: datetime) -> list[str]:
    """Their ids; also of what is on the pending list, which waits for nobody."""
    held = select(c.case_id, c.unit, subject.official).where(c.open, c.unit.is_not(None))
    waits = select(w.case_id, w.queue, subject.official)
    found = [
        *db.execute(held.join(case_subject, subject.case_id == c.case_id)),
        *db.execute(waits.join(case_subject, subject.case_id == w.case_id)),
    ]
    hidden = {official: org.taint([official], at).units for official in {official for _, _, official in found}}
    return sorted({case for case, unit, official in found if unit in hidden[official]})
