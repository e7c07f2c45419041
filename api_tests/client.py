"""A client of the service who may speak as anybody; the same for one in this process and for one behind a port."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any

import httpx

from api_tests.district import Json, instant, report
from api_tests.server import PATIENCE

_keys = count(1)


def new_key() -> str:
    """An idempotency key nobody has used yet."""
    return f"key-{next(_keys)}"


@dataclass(frozen=True)
class Client:
    http: httpx.AsyncClient

    async def send(
        self,
        method: str,
        path: str,
        *,
        by: str | None,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> httpx.Response:
        """One request, whatever comes of it."""
        speaking = {"Authorization": f"Bearer dev:{by}"} if by else {}
        given = more if body is None else {"json": body, **more}
        return await self.http.request(method, path, headers={**speaking, **(headers or {})}, **given)

    async def get(self, path: str, by: str = "auditor", **headers: str) -> httpx.Response:
        return await self.send("GET", path, by=by, headers=named(headers))

    async def seen(self, path: str, position: str, by: str = "auditor") -> httpx.Response:
        """The answer as soon as the views show a position, however long a busy machine takes."""
        async with asyncio.timeout(PATIENCE):
            while (answer := await self.get(path, by, sanji_min_position=position)).status_code == 503:
                pass
        return answer

    async def post(
        self, path: str, body: Json | None = None, *, by: str, key: str | None = None, **headers: str
    ) -> httpx.Response:
        """A write under a key of its own, unless one is given."""
        sent = {"Idempotency-Key": key or new_key(), **named(headers)}
        return await self.send("POST", path, by=by, body={} if body is None else body, headers=sent)

    async def set_clock(self, text: str) -> None:
        answer = await self.send("PUT", "/v1/dev/clock", by="admin", body={"now": instant(text).isoformat()})
        assert answer.status_code == 200, answer.text

    async def persons(self, query: str, by: str = "privacy") -> list[dict[str, str | None]]:
        """Whom somebody finds who looks for a person."""
        found: list[dict[str, str | None]] = done(await self.get(f"/v1/persons?{query}", by))["items"]
        return found

    async def report(self, by: str = "citizen:1", **fields: Any) -> Json:
        """A new case."""
        return done(await self.post("/v1/cases", report(**fields), by=by), 201)

    async def assigned(self, by: str = "citizen:1", **fields: Any) -> Json:
        """A new case of the first village, accepted and given to its town: as it is then, with its query code."""
        case = await self.report(by=by, **{"village": "V0101", **fields})
        await self.ask(case, "accept", by="clerk:T01")
        return case | await self.ask(case, "assign", by="clerk:T01", unit="T01")

    async def ask(self, case: Json, verb: str, by: str, **body: Any) -> Json:
        """Ask something of a case; answers the case after it."""
        return done(await self.post(f"/v1/cases/{case['id']}/{verb}", body, by=by))

    async def case(self, case: Json, by: str = "auditor", **asked: Any) -> Json:
        answer = await self.http.get(
            f"/v1/cases/{case['id']}", params=asked, headers={"Authorization": f"Bearer dev:{by}"}
        )
        return done(answer)

    async def history(self, case: Json, by: str = "auditor") -> list[Json]:
        items: list[Json] = done(await self.get(f"/v1/cases/{case['id']}/history", by))["items"]
        return items


def named(headers: Mapping[str, str]) -> dict[str, str]:
    """Header names as keyword arguments can spell them: if_match is If-Match."""
    return {name.replace("_", "-"): value for name, value in headers.items()}


def done(answer: httpx.Response, status: int = 200) -> Json:
    """The body of an answer that must have been granted."""
    assert answer.status_code == status, f"{answer.status_code} {answer.text}"
    body: Json = answer.json()
    return body


def refused(answer: httpx.Response, status: int, code: str) -> Json:
    """The problem document of an answer that must have been refused, with the shape all of them have."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    problem: Json = answer.json()
    assert (answer.status_code, problem["status"], problem["code"]) == (status, status, code), answer.text
    assert problem["type"] == f"urn:sanji:problem:{code}"
    assert all(problem[name] for name in ("title", "detail", "request_id"))
    return problem
