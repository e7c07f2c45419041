"""Files people add to cases, kept by their content beside the log, where every host of the service finds them."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import Connection, Engine, Table, select
from sqlalchemy.dialects import postgresql, sqlite

from service.storage.database import writing
from service.storage.tables import attachment_uploads, attachments

log = logging.getLogger("sanji.attachments")

INSERT: dict[str, Callable[[Table], postgresql.Insert | sqlite.Insert]] = {
    "postgresql": postgresql.insert,
    "sqlite": sqlite.insert,
}


@dataclass(frozen=True, kw_only=True)
class Attachment:
    """A file without a name. Its hash says which it is."""

    sha256: str
    media_type: str
    content: bytes


def keep(engine: Engine, content: bytes, media_type: str, by: str, at: datetime) -> Attachment:
    """Store a file, once however often it is sent; and who sent it."""
    kept = Attachment(sha256=sha256(content).hexdigest(), media_type=media_type, content=content)
    with writing(engine).begin() as db:
        _insert_new(
            db, attachments, sha256=kept.sha256, media_type=media_type, size=len(content), content=content, at=at
        )
        _insert_new(db, attachment_uploads, sha256=kept.sha256, uploaded_by=by, at=at)
    return kept


def kept(db: Connection, digest: str) -> Attachment | None:
    """The file of this hash. What somebody put in its place is not it."""
    c = attachments.c
    row = db.execute(select(c.media_type, c.content).where(c.sha256 == digest)).one_or_none()
    if row is None:
        return None
    if sha256(row.content).hexdigest() != digest:
        log.error(
            "what is kept as %s is another file: find out who changed it, and bring it back from a backup", digest
        )
        return None
    return Attachment(sha256=digest, media_type=row.media_type, content=row.content)


def senders(db: Connection, digest: str) -> frozenset[str]:
    """Everybody who sent this file; nobody, if it is not kept here."""
    c = attachment_uploads.c
    return frozenset(db.scalars(select(c.uploaded_by).where(c.sha256 == digest)))


def _insert_new(db: Connection, table: Table, **row: object) -> None:
    db.execute(INSERT[db.dialect.name](table).values(**row).on_conflict_do_nothing())
