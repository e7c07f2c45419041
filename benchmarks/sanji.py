"""Sanji as anybody would start it: from its command line, with keys, on the system clock."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from time import perf_counter
from uuid import uuid4

from benchmarks.reports import TOWN_OF, district, report
from benchmarks.servers import PATIENCE_S, Server, free_port, served

COMMAND = [sys.executable, "-m", "service.cli"]


@dataclass(frozen=True, kw_only=True)
class Sanji:
    """A running service whose organisation is the invented district of the benchmarks."""

    server: Server
    environment: Mapping[str, str]

    def key(self, role: str, *scope: str) -> dict[str, str]:
        """The headers of a new key for the role."""
        return key(self.environment, role, *scope)

    def caught_up(self, view: str, position: int, headers: Mapping[str, str]) -> None:
        """Return when the view shows the log up to the position; each question waits up to 5 s by itself."""
        until = perf_counter() + PATIENCE_S
        while perf_counter() < until:
            status, told, _ = ask(self.server.port, "GET", view, {**headers, "Sanji-Min-Position": str(position)})
            if status == 200:
                return
            if status != 503:
                raise RuntimeError(f"GET {view}: {status} {told}")
        raise TimeoutError(f"{view} is still behind position {position}")

    def last_position(self, headers: Mapping[str, str]) -> int:
        """Where the log ends, by adding one more report to it."""
        body = report(0, next(iter(TOWN_OF)))
        keyed = {**headers, "Idempotency-Key": uuid4().hex}
        status, told, position = ask(self.server.port, "POST", "/v1/cases", keyed, body)
        if status != 201 or position is None:
            raise RuntimeError(f"POST /v1/cases: {status} {told}")
        return int(position)


@contextmanager
def sanji(
    database_url: str, directory: Path, more: Mapping[str, str] | None = None, command: Sequence[str] = COMMAND
) -> Iterator[Sanji]:
    """One process on the database, with its files in the directory, and what else its environment says."""
    environment = {
        **os.environ,
        **(more or {}),
        "SANJI_DATABASE_URL": database_url,
        "SANJI_DATA_DIR": str(directory),
        "SANJI_AUTH": "keys",
        "SANJI_CLOCK": "system",
    }
    admin = key(environment, "admin")
    port = free_port()
    with served([*command, "serve", "--port", str(port)], port, environment) as server:
        status, told, _ = ask(port, "PUT", "/v1/org", admin, district())
        if status >= 300:
            raise RuntimeError(f"PUT /v1/org: {status} {told}")
        yield Sanji(server=server, environment=environment)


def key(environment: Mapping[str, str], role: str, *scope: str) -> dict[str, str]:
    command = [*COMMAND, "key", "new", "--role", role, *scope, "--plain"]
    made = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    return {"Authorization": f"Bearer {made.stdout.strip()}"}


def ask(
    port: int, method: str, path: str, headers: Mapping[str, str], body: object = None
) -> tuple[int, str, str | None]:
    """The status, the body and the `Sanji-Position` of the answer."""
    with closing(HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        content = None if body is None else json.dumps(body)
        connection.request(method, path, content, {**headers, "Content-Type": "application/json"})
        answer = connection.getresponse()
        return answer.status, answer.read().decode(), answer.getheader("Sanji-Position")
