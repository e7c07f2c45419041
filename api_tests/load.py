"""Citizens who report without a pause, each asking again until he is answered; and what of it lies in the log."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping
from itertools import count

import httpx

from api_tests.district import report
from service.record.codec import hash_of, to_line
from service.record.recorder import Recorder
from service.storage.database import open_database

FORGETS = 7
"""Every seventh answer is lost on its way to the citizen, who then asks again."""


class Crowd:
    """`fresh_keys` makes every retry look like another request: the mistake that idempotency keys are there for."""

    def __init__(self, urls: list[str], *, citizens: int = 16, fresh_keys: bool = False) -> None:
        self._urls = urls
        self._citizens = citizens
        self._fresh_keys = fresh_keys
        self._enough = asyncio.Event()
        self.acknowledged: dict[str, str] = {}
        """The case that each report was told to be, by the reporter's own id for it."""

    async def report(self, seconds: float) -> None:
        """Report for some time; then wait until every report that was begun is acknowledged."""
        asyncio.get_running_loop().call_later(seconds, self._enough.set)
        await self.until_enough()

    async def until_enough(self) -> None:
        async with asyncio.TaskGroup() as crowd:
            for number in range(self._citizens):
                crowd.create_task(self._one(number))

    def enough(self) -> None:
        self._enough.set()

    async def _one(self, number: int) -> None:
        async with httpx.AsyncClient(base_url=self._urls[number % len(self._urls)], timeout=30) as http:
            for turn in count():
                if self._enough.is_set():
                    return
                name = f"{number}-{turn}"
                self.acknowledged[name] = await self._until_acknowledged(http, number, name)

    async def _until_acknowledged(self, http: httpx.AsyncClient, number: int, name: str) -> str:
        for attempt in count():
            key = f"{name}-{attempt}" if self._fresh_keys else name
            headers = {"Authorization": f"Bearer dev:citizen:{number}", "Idempotency-Key": key}
            try:
                answer = await http.post("/v1/cases", json=report(external_id=name), headers=headers)
            except httpx.TransportError:
                await asyncio.sleep(0.05)
                continue
            assert answer.status_code in (201, 503), answer.text
            forgotten = attempt == 0 and len(self.acknowledged) % FORGETS == 0
            if answer.status_code == 201 and not forgotten:
                case: str = answer.json()["id"]
                return case
        raise AssertionError


def recorded(database_url: str) -> dict[str, list[str]]:
    """The cases in the log, by the reporter's own id. Every line must be where it belongs and follow the one before."""
    engine = open_database(database_url, pool=1)
    found: dict[str, list[str]] = {}
    hashes: dict[str, str] = {}
    for position, line in enumerate(Recorder(engine).select_notifications(None, 10**6), start=1):
        told = to_line(line.state)
        assert line.id == position
        assert told.previous == hashes.get(told.stream, "")
        hashes[told.stream] = hash_of(line.state)
        if told.type == "case.reported":
            found.setdefault(told.data["external_id"], []).append(told.stream.removeprefix("case:"))
    engine.dispose()
    return found


def faults(acknowledged: Mapping[str, str], found: Mapping[str, list[str]]) -> Counter[str]:
    """What is wrong with the log: a report that was acknowledged and is not there, is another case, or is there twice."""
    wrong: Counter[str] = Counter()
    for name, case in acknowledged.items():
        wrong["lost"] += name not in found
        wrong["another"] += name in found and case not in found[name]
    wrong["unasked"] = len(found.keys() - acknowledged.keys())
    wrong["twice"] = sum(len(cases) > 1 for cases in found.values())
    return +wrong
