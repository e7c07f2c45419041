"""Erasing a person: his key is destroyed, so that nobody can read what was sealed under it, and every proof still holds.

Who was erased stands in the log and, since a log may be restored from a backup, in a file beside the master secret. A backup
brings keys back; before it serves, the service destroys them once more. So it is with the files of a case, of which the log
keeps the hashes.
"""

from __future__ import annotations

import logging
import os
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import fields, is_dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, select

from domain.decider import SYSTEM, Sealed
from domain.household import Household
from domain.household.events import MergedInto, SplitOff
from domain.person import Erase
from domain.streams import PERSON, case_stream, household_stream, person_stream
from projections.cases.quoted_files import QUOTING, hashes
from projections.following.bulk import chunks
from service.record.clerk import Clerk
from service.record.codec import to_recorded
from service.record.orders import Order
from service.record.recorder import Recorder
from service.secrecy.person_keys import PersonKeys
from service.storage.tables import attachment_uploads, attachments, events, person_index
from service.storage.wiping import wipe

log = logging.getLogger("sanji.erasing")

FILE = "erased"
FILES = "erased-files"


class Unknown(Exception):
    """Nobody is known under this id."""


class Erasures:
    """The list of who and what was erased: an id a line, only ever added to, and on disk before anything is destroyed."""

    def __init__(self, folder: Path, engine: Engine, keys: PersonKeys, clerk: Clerk) -> None:
        self._path = folder / FILE
        self._files = folder / FILES
        self._engine = engine
        self._keys = keys
        self._clerk = clerk

    def erase(self, person: str, reason: str) -> None:
        """Erase a person for good. Raises Unknown, and StillRead when it must be done again; to do it twice does no
        harm.
        """
        if not self._keys.known([person]) and person not in self._in_file() | self._in_log():
            raise Unknown(person)
        _added(self._path, [person])
        self._destroy([person], reason)

    def erase_files(self, digests: Sequence[str], at: datetime) -> None:
        """Delete files that were sent up to now. Raises StillRead when it must be done again; to do it twice does no
        harm.
        """
        _added(self._files, [f"{digest} {at.isoformat()}" for digest in digests])
        self._delete(digests)

    def known_file(self, digest: str) -> bool:
        """Whether there is, or was until it was erased, a file of this hash."""
        return bool(self._kept([digest])) or digest in self._erased_files()

    def again(self) -> int:
        """Erase again what came back with a backup, before the service serves; and record the erasures that the log
        lacks.

        The log of a backup may be older than an erasure, or the process ended before that was recorded. Answers how
        many persons were erased again.
        """
        in_file, in_log = self._in_file(), self._in_log()
        erased = sorted(in_file | in_log)
        back = sorted({*self._keys.known(erased), *self._indexed(erased), *(in_file - in_log)})
        if back:
            log.warning("%d erased persons came back, or were not written down, and are erased again", len(back))
            self._destroy(back, "erased before the backup was restored, or the service ended")
        if files := self._files_back():
            log.warning("%d erased files came back, and are deleted again", len(files))
            self._delete(files)
        return len(back)

    def _in_file(self) -> set[str]:
        return set(_lines(self._path))

    def _in_log(self) -> set[str]:
        c = events.c.stream
        after = PERSON[:-1] + chr(ord(PERSON[-1]) + 1)
        with self._engine.connect() as db:
            in_log = db.scalars(select(c).where(c >= PERSON, c < after).distinct())
            return {stream.removeprefix(PERSON) for stream in in_log}

    def _indexed(self, persons: list[str]) -> list[str]:
        c = person_index.c.person
        with self._engine.connect() as db:
            return [one for some in chunks(persons) for one in db.scalars(select(c).where(c.in_(some)))]

    def _files_back(self) -> list[str]:
        """Erased files that are kept again; not those that somebody has sent anew since."""
        erased = self._erased_files()
        return [digest for digest, at in self._kept(erased).items() if at <= erased[digest]]

    def _erased_files(self) -> dict[str, datetime]:
        parts = (line.partition(" ") for line in _lines(self._files))
        return {digest: datetime.fromisoformat(at) for digest, _, at in parts}

    def _kept(self, digests: Collection[str]) -> dict[str, datetime]:
        """Those of these files that are here, with when they were sent."""
        c = attachments.c
        with self._engine.connect() as db:
            found = (db.execute(select(c.sha256, c.at).where(c.sha256.in_(some))) for some in chunks(digests))
            return {row.sha256: row.at for rows in found for row in rows}

    def _delete(self, digests: Sequence[str]) -> None:
        for column in (attachment_uploads.c.sha256, attachments.c.sha256):
            wipe(self._engine, column, digests)

    def _destroy(self, persons: list[str], reason: str) -> None:
        self._keys.destroy(persons)
        wipe(self._engine, person_index.c.person, persons)
        for person in persons:
            self._clerk.settle_now(Order(stream=person_stream(person), command=Erase(reason=reason), by=SYSTEM))


def persons_in(recorder: Recorder, stream: str) -> list[str]:
    """Everybody of whom something is sealed in a stream."""
    lines = recorder.select_streams([stream]).get(stream, [])
    return sorted({sealed.person for line in lines for sealed in _sealed(to_recorded(line).event)})


def persons_at(recorder: Recorder, household: str) -> list[str]:
    """Everybody of whom something is sealed in a household, but for those who live in another one by now."""
    stream = household_stream(household)
    home, elsewhere = Household(id=household), set[str]()
    for recorded in map(to_recorded, recorder.select_streams([stream]).get(stream, ())):
        before, home = home.members, home.evolve(recorded)
        if isinstance(recorded.event, SplitOff | MergedInto):
            elsewhere |= {one.identity.person for id, one in before.items() if id not in home.members}
        elsewhere -= {one.identity.person for one in home.members.values()}
    return [person for person in persons_in(recorder, stream) if person not in elsewhere]


def files_of(recorder: Recorder, keys: PersonKeys, case: str) -> list[str]:
    """The files that this case quotes and no other does, but for cases of which everybody was erased.

    The log is read for it: the views may be behind.
    """
    stream, c = case_stream(case), events.c
    own = {one for line in recorder.select_streams([stream]).get(stream, ()) for one in hashes(to_recorded(line))}
    others: dict[str, set[str]] = defaultdict(set)
    topics = [getattr(kind, "__event__") for kind in QUOTING]
    query = select(c.stream, c.state).where(c.topic.in_(topics), c.stream != stream)
    with recorder.reading() as db:
        for other, line in db.execute(query.execution_options(yield_per=1000)) if own else ():
            if too := own.intersection(hashes(to_recorded(line))):
                others[other] |= too
    for other, too in others.items():
        persons = persons_in(recorder, other)
        if not persons or keys.known(persons):
            own -= too
    return sorted(own)


def _lines(path: Path) -> list[str]:
    """The lines of the list but for a last one that was broken off, by a full disk perhaps: nobody was told that it was
    done.
    """
    return path.read_bytes()[: _whole(path)].decode().splitlines() if path.exists() else []


def _added(path: Path, lines: Iterable[str]) -> None:
    with path.open("ab") as file:
        file.truncate(_whole(path))
        file.writelines(f"{line}\n".encode() for line in lines)
        file.flush()
        os.fsync(file.fileno())


def _whole(path: Path) -> int:
    """How many bytes of the list are whole lines."""
    return path.read_bytes().rfind(b"\n") + 1


def _sealed(value: Any) -> Iterator[Sealed]:
    if isinstance(value, Sealed):
        yield value
    elif is_dataclass(value):
        for field in fields(value):
            yield from _sealed(getattr(value, field.name))
    elif isinstance(value, tuple):
        for one in value:
            yield from _sealed(one)
