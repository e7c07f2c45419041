"""Files people add to cases, kept by their content beside the log, where every host of the service finds them."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import Connection, Engine, Table, or_, select
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
    """Store a file and its sender, once however often it is sent. A stored file that was tampered with is replaced."""
    kept = Attachment(sha256=sha256(content).hexdigest(), media_type=media_type, content=content)
    file = {"media_type": media_type, "size": len(content), "content": content}
    with writing(engine).begin() as db:
        insert = INSERT[db.dialect.name]
        stored = insert(attachments).values(sha256=kept.sha256, at=at, **file)
        other = or_(*(attachments.c[name] != stored.excluded[name] for name in file))
        db.execute(stored.on_conflict_do_update(index_elements=["sha256"], set_=file, where=other))
        sent = insert(attachment_uploads).values(sha256=kept.sha256, uploaded_by=by, at=at)
        db.execute(sent.on_conflict_do_nothing())
    return kept


def kept(db: Connection, digest: str) -> Attachment | None:
    """The file with this hash; None for one that was tampered with."""
    c = attachments.c
    row = db.execute(select(c.media_type, c.content).where(c.sha256 == digest)).one_or_none()
    if row is None:
        return None
    if sha256(row.content).hexdigest() != digest:
        log.error("what is kept as %s is another file: find out who changed it, and send the right one again", digest)
        return None
    return Attachment(sha256=digest, media_type=row.media_type, content=row.content)


def senders(db: Connection, digest: str) -> frozenset[str]:
    """Everybody who sent this file; nobody, if it is not kept here."""
    c = attachment_uploads.c
    return frozenset(db.scalars(select(c.uploaded_by).where(c.sha256 == digest)))
