"""Import jobs: files that were sent, each kept until its job has ended, whichever process works on it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from hashlib import sha256

import orjson
from sqlalchemy import Connection, Engine, Row, Select, exc, insert, select, update

from domain.decider import Actor
from domain.org import Post, Role
from domain.refusals import LimitReached
from service.importing.faults import Fault
from service.importing.reports import Errand, Progress
from service.record.ids import new_id
from service.record.orders import KeyReused
from service.secrecy.seals import Fingerprint, Seals
from service.storage.database import writing
from service.storage.tables import jobs

AT_ONCE = 10
"""Jobs of one sender at most that have not ended; each keeps a file."""
TRIES = 10
"""How often a job is begun again that makes no progress."""


class State(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    """It ended before the last row: the first fault says why."""


UNENDED = (State.WAITING, State.RUNNING)


@dataclass(frozen=True, kw_only=True)
class Job:
    id: str
    state: State
    dry_run: bool
    started_by: str
    started_at: datetime
    ended_at: datetime | None
    form: str
    progress: Progress


def begin(
    engine: Engine, seals: Seals, errand: Errand, now: datetime, *, command: str, fingerprint: Fingerprint
) -> tuple[Job, bool]:
    """Store a file as a job; the same command again answers the same job. Raises KeyReused or LimitReached."""
    try:
        return _begun(engine, seals, errand, now, command, fingerprint)
    except exc.IntegrityError:
        # the same at once: by now the other one is there
        return _begun(engine, seals, errand, now, command, fingerprint)


def _begun(
    engine: Engine, seals: Seals, errand: Errand, now: datetime, command: str, fingerprint: Fingerprint
) -> tuple[Job, bool]:
    c = jobs.c
    with writing(engine).begin() as db:
        before = db.execute(_without_the_file().add_columns(c.fingerprint).where(c.command == command)).one_or_none()
        if before is not None:
            if before.fingerprint not in fingerprint:
                raise KeyReused
            return _job(before), True
        waiting = db.execute(select(c.id).where(c.by == errand.by.id, c.state.in_(UNENDED))).all()
        if len(waiting) >= AT_ONCE:
            raise LimitReached("wait until your other imports have ended", "请等待其他导入任务结束")
        id, posts = new_id(now), _written(errand.by)
        sealed = _sealed(id, errand.by.id, posts, errand.key, errand.dry_run, errand.form)
        db.execute(
            insert(jobs).values(
                id=id,
                command=command,
                fingerprint=fingerprint.sealed,
                by=errand.by.id,
                key=errand.key,
                posts=posts,
                dry_run=errand.dry_run,
                form=errand.form,
                content=seals.put_away(errand.content, sealed),
                state=State.WAITING,
                begun=0,
                made_at=now,
                **_reached(Progress()),
            )
        )
        return _job(db.execute(_without_the_file().where(c.id == id)).one()), False


def found(db: Connection, job: str) -> Job | None:
    row = db.execute(_without_the_file().where(jobs.c.id == job)).one_or_none()
    return _job(row) if row else None


def listed(db: Connection, by: str | None, before: str | None, limit: int) -> list[Job]:
    """The newest first: those of one sender, or all."""
    c = jobs.c
    query = _without_the_file().order_by(c.id.desc()).limit(limit)
    if by is not None:
        query = query.where(c.by == by)
    if before is not None:
        query = query.where(c.id < before)
    return [_job(row) for row in db.execute(query)]


def next_unended(db: Connection) -> str | None:
    """The job that has waited the longest; None without one."""
    return db.scalar(select(jobs.c.id).where(jobs.c.state.in_(UNENDED)).order_by(jobs.c.id).limit(1))


def taken_up(engine: Engine, seals: Seals, job: str, last: int) -> tuple[Errand, Progress] | None:
    """Take up a job where it stopped. None for one that was begun TRIES times without progress.

    The position of the log is noted when a job is first taken up, not when it was sent: what lies before was imported
    by others. Raises Unreadable where the stored job was changed, such as its sender.
    """
    c = jobs.c
    with writing(engine).begin() as db:
        row = db.execute(select(jobs).where(c.id == job)).one()
        since = last if row.since is None else row.since
        db.execute(update(jobs).where(c.id == job).values(state=State.RUNNING, begun=c.begun + 1, since=since))
    if row.begun >= TRIES:
        return None
    errand = Errand(
        content=seals.taken_out(row.content, _sealed(job, row.by, row.posts, row.key, row.dry_run, row.form)),
        form=row.form,
        by=_read(row.by, row.posts),
        key=row.key,
        dry_run=row.dry_run,
        since=since,
    )
    return errand, _job(row).progress


def got_further(engine: Engine, job: str, progress: Progress) -> None:
    with writing(engine).begin() as db:
        db.execute(update(jobs).where(jobs.c.id == job).values(begun=0, **_reached(progress)))


def ended(engine: Engine, job: str, state: State, progress: Progress, at: datetime) -> None:
    """Note how a job ended, and delete its file."""
    with writing(engine).begin() as db:
        changes = {"state": state, "ended_at": at, "content": None, **_reached(progress)}
        db.execute(update(jobs).where(jobs.c.id == job).values(**changes))


def job_fingerprint(seals: Seals, content: bytes, dry_run: bool) -> Fingerprint:
    """The fingerprint of a job, so that another file under the same key is noticed."""
    return seals.fingerprint(sha256(content).digest() + bytes([dry_run]))


def _without_the_file() -> Select[tuple[object, ...]]:
    """All of a job but the file."""
    return select(
        *(column for column in jobs.c if column.name not in ("content", "command", "fingerprint", "posts", "key"))
    )


def _job(row: Row[tuple[object, ...]]) -> Job:
    faults = [(number, tuple(Fault(*one) for one in fields)) for number, fields in orjson.loads(row.faults)]
    counts = {name: getattr(row, name) for name in COUNTS}
    return Job(
        id=row.id,
        state=State(row.state),
        dry_run=row.dry_run,
        started_by=row.by,
        started_at=row.made_at,
        ended_at=row.ended_at,
        form=row.form,
        progress=Progress(**counts, faults=faults),
    )


COUNTS = ("rows", "read", "imported", "already_there", "refused", "position")


def _reached(progress: Progress) -> dict[str, object]:
    rows = [(number, [(one.field, one.english, one.chinese) for one in faults]) for number, faults in progress.faults]
    return {**{name: getattr(progress, name) for name in COUNTS}, "faults": orjson.dumps(rows)}


def _written(actor: Actor) -> bytes:
    """The sender's posts when he sent the file, as they are stored: the file is reported with these."""
    return orjson.dumps([(post.unit, post.role, post.since, post.until) for post in actor.posts])


def _sealed(job: str, by: str, posts: bytes, key: str | None, dry_run: bool, form: str) -> bytes:
    """What the file is sealed with, so that nobody can have it reported in another name or as another thing."""
    return orjson.dumps([job, by, posts.hex(), key, dry_run, form])


def _read(actor: str, posts: bytes) -> Actor:
    def day(text: str | None) -> date | None:
        return date.fromisoformat(text) if text else None

    held = [
        Post(unit=unit, role=Role(role), since=date.fromisoformat(since), until=day(until))
        for unit, role, since, until in orjson.loads(posts)
    ]
    return Actor(id=actor, posts=tuple(held))
