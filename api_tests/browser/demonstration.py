"""The demonstration as a newcomer starts it, small, and what the tests know of it."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Any

import httpx

from api_tests.commands import sanji
from benchmarks.servers import free_port, healthy
from service.demo.filling import FACTS, fill
from service.http.parameters import FURTHEST

CASES = int(os.environ.get("SANJI_TEST_DEMO_CASES", "60"))
PATIENCE = 60.0
"""Seconds for filling and starting on a slow and busy machine."""


@dataclass(frozen=True, kw_only=True)
class Demonstration:
    url: str
    keys: dict[str, str]
    case: str
    """One that rose by itself, with everything a replay can show."""
    town: str

    def get(self, path: str, role: str = "auditor") -> Any:
        answer = httpx.get(self.url + path, headers=self.speaking(role), timeout=30)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path: str, body: Any, role: str, key: str) -> Any:
        """A deed that every view shows by the time this returns: a page opened next is not behind it."""
        headers = {**self.speaking(role), "Idempotency-Key": key}
        answer = httpx.post(self.url + path, json=body, headers=headers, timeout=30)
        assert answer.status_code < 300, answer.text
        if position := answer.headers.get("sanji-position"):
            self.get(f"/v1/cases?limit=1&min_position={position}", role)
        return answer.json()

    def recorded(self) -> int:
        """Where the log ends: a feed that is asked beyond it tells."""
        answer = httpx.get(f"{self.url}/v1/events?after={FURTHEST}", headers=self.speaking("auditor"), timeout=30)
        return int(answer.headers["sanji-position"])

    def history(self, case: str) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = self.get(f"/v1/cases/{case}/history?limit=200")["items"]
        return items

    def speaking(self, role: str) -> dict[str, str]:
        """The header of a program that has the key of a role."""
        return {"Authorization": f"Bearer {self.keys[role]}"}


def filled(shared: Path) -> Path:
    """It is filled by the first of the processes that test; the others wait for it."""
    with shared.with_suffix(".door").open("w") as door:
        fcntl.flock(door, fcntl.LOCK_EX)
        if not shared.exists():
            fill(shared, CASES, datetime.now(UTC), lambda _: None)
    return shared


@contextmanager
def demonstration(shared: Path, folder: Path) -> Iterator[Demonstration]:
    """`sanji demo` while it runs, on a copy of one's own."""
    shutil.copytree(filled(shared), folder / "demo")
    port = free_port()
    own = {name: value for name, value in os.environ.items() if not name.startswith("SANJI_")}
    environment, said = {**own, "SANJI_DATA_DIR": str(folder)}, folder / "said.txt"
    process = sanji("demo", "--port", str(port), "--cases", str(CASES), environment=environment, out=said)
    try:
        until = monotonic() + PATIENCE
        while not healthy(port):
            process.join(0.02)
            assert process.is_alive(), said.read_text("utf-8")
            assert monotonic() < until, said.read_text("utf-8")
        facts = json.loads((folder / "demo" / FACTS).read_text("utf-8"))
        yield Demonstration(
            url=f"http://127.0.0.1:{port}", keys=facts["keys"], case=facts["case"], town=facts["place"]["town"]
        )
    finally:
        process.terminate()
        process.join(10)
        process.kill()
        process.join()
