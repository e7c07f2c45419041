"""Where the journeys take place: SQLite in a folder, and a PostgreSQL of our own. Each test gets a database to itself."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from itertools import count
from pathlib import Path
from shutil import copyfile
from typing import Protocol
from urllib.parse import urlsplit

import psycopg

from api_tests.client import done
from api_tests.district import MONDAY, organisation
from api_tests.inprocess import at_work, in_front_of
from service.app import create_app
from service.office import Office
from service.storage.sqlite import VIEWS

_names = count(1)
TOGETHER = 20


class Databases(Protocol):
    @property
    def name(self) -> str: ...

    def empty(self) -> str:
        """The address of a new database without tables."""
        ...

    def founded(self) -> str:
        """The address of a new one in which the district has been written down, on a Monday morning; the views show it."""
        ...

    def copied(self, url: str) -> str:
        """The address of a new one in which all lies that lies in this one; nobody may be at work in it."""
        ...

    def thrown_away(self, url: str) -> None:
        """One that a test is done with makes room for others."""
        ...


@dataclass(frozen=True)
class SqliteFolder:
    folder: Path
    name: str = "sqlite"

    def empty(self) -> str:
        return f"sqlite:///{self.folder / f'{next(_names)}.db'}"

    @cached_property
    def _district(self) -> str:
        url = f"sqlite:///{self.folder / 'district.db'}"
        found_district(url, self.folder / "founding")
        return url

    def founded(self) -> str:
        return self.copied(self._district)

    def copied(self, url: str) -> str:
        new = self.empty()
        for part in ("", f"-{VIEWS}"):
            copyfile(*(one.removeprefix("sqlite:///") + part for one in (url, new)))
        return new

    def thrown_away(self, url: str) -> None:
        for file in self.folder.glob(f"{Path(url).name}*"):
            file.unlink(missing_ok=True)


@dataclass(frozen=True)
class PostgresServer:
    """One server for all tests; `uri` tells the address of one of its databases."""

    uri: Callable[[str], str]
    folder: Path
    name: str = "postgresql"
    left: list[str] = field(default_factory=list)
    """What tests are done with, not dropped yet."""

    @cached_property
    def caretaker(self) -> psycopg.Connection:
        """Makes and drops the others' databases, from one of its own."""
        return psycopg.connect(self.uri("postgres"), autocommit=True)

    def empty(self) -> str:
        return self._made("template1")

    @cached_property
    def _district(self) -> str:
        url = self.empty()
        found_district(url, self.folder)
        return url

    def founded(self) -> str:
        return self.copied(self._district)

    def copied(self, url: str) -> str:
        return self._made(urlsplit(url).path.removeprefix("/"))

    def thrown_away(self, url: str) -> None:
        """Some at a time, since all that was written anywhere goes to the disk before one is dropped.

        Unless somebody is in it still: nobody waits for him.
        """
        self.left.append(urlsplit(url).path.removeprefix("/"))
        if len(self.left) < TOGETHER:
            return
        asked = "SELECT DISTINCT datname FROM pg_stat_activity WHERE datname = ANY(%s)"
        busy = {name for (name,) in self.caretaker.execute(asked, (self.left,))}
        for name in set(self.left) - busy:
            self.caretaker.execute(f"DROP DATABASE {name}".encode())
        self.left.clear()

    def _made(self, template: str) -> str:
        """As a copy of its files, which takes half of what writing each page into the log does."""
        name = f"test_{next(_names)}"
        self.caretaker.execute(f'CREATE DATABASE {name} TEMPLATE "{template}" STRATEGY FILE_COPY'.encode())
        return self.uri(name).replace("postgresql://", "postgresql+psycopg://", 1)


def found_district(url: str, folder: Path) -> None:
    """Write the organisation down, by the service itself; without its stamp, since each test has its own secret."""

    async def write(office: Office) -> None:
        async with in_front_of(create_app(office)) as client:
            await client.set_clock(MONDAY)
            done(await client.send("PUT", "/v1/org", by="admin", body=organisation()))

    with at_work(url, folder, background=False, stamped=False) as office, ThreadPoolExecutor(1) as aside:
        # whoever asks for it may have a loop running
        aside.submit(lambda: asyncio.run(write(office))).result()
        while office.follower.advance():
            pass
