"""Every operation of the OpenAPI document, with an address where it can be tried."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from service.cli import OPENAPI

DOCUMENT: Mapping[str, Any] = json.loads(OPENAPI.read_text("utf-8"))

PLACES = {
    "case_id": "no-such-case",
    "official_id": "head:T01",
    "unit_id": "T01",
    "policy_id": "hanbin-default-1",
    "region": "cn",
    "year": "2025",
    "quarter": "2025-Q1",
    "query_code": "AAAA-BBBB-CCCC",
    "sha256": "0" * 64,
    "form": "csv",
    "level": "0",
    "number": "000.p/1",
    "job_id": "no-such-job",
    "household_id": "no-such-household",
    "service_code": "request",
    "service_request_id": "no-such-case",
    "format": "json",
    "programme_id": "no-such-programme",
    "webhook_id": "no-such-webhook",
}
"""What stands in an address for each of its parameters."""

BY_CODE = {
    f"/v1/track/{{query_code}}{verb}" for verb in ("", "/access", "/receipt", "/feedback", "/answer", "/withdraw")
}
PROOFS = {f"/v1/log/{what}" for what in ("checkpoint", "key", "tile/{level}/{number}", "inclusion", "consistency")}
OPEN = {"/healthz", "/readyz", "/metrics", "/v1/notices", *BY_CODE, *PROOFS}
"""What needs no sign-in."""


INSTANT = {"date": "2025-03-03", "date-time": "2025-03-03T09:00:00+08:00"}


def fitting(schema: Mapping[str, Any]) -> Any:
    """The least that the document lets somebody send."""
    match schema:
        case {"$ref": str(name)}:
            return fitting(DOCUMENT["components"]["schemas"][name.rpartition("/")[2]])
        case {"enum": [first, *_]}:
            return first
        case {"type": "object"}:
            return {name: fitting(schema["properties"][name]) for name in schema.get("required", ())}
        case {"type": "array"}:
            return [fitting(schema["items"])] * schema.get("minItems", 0)
        case {"type": "string"}:
            return INSTANT.get(schema.get("format", ""), "x" * schema.get("minLength", 1))
        case {"type": "boolean"}:
            return True
    return int(schema.get("minimum", 1))


@dataclass(frozen=True, kw_only=True)
class Operation:
    method: str
    path: str
    spec: Any

    @property
    def address(self) -> str:
        return self.path.format(**PLACES)

    @property
    def writes(self) -> bool:
        """Whether it takes JSON. A file is read in another way."""
        return "application/json" in self.spec.get("requestBody", {}).get("content", {})

    @property
    def body(self) -> Any:
        """One that it takes; none where it takes no JSON."""
        return fitting(self.spec["requestBody"]["content"]["application/json"]["schema"]) if self.writes else None

    @property
    def reads(self) -> bool:
        return self.method == "GET" and self.ends

    @property
    def ends(self) -> bool:
        """A stream goes on for as long as somebody listens."""
        return "text/event-stream" not in self.spec["responses"].get("200", {}).get("content", {})

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def operations() -> Iterator[Operation]:
    for path, methods in DOCUMENT["paths"].items():
        for method, spec in methods.items():
            yield Operation(method=method.upper(), path=path, spec=spec)


EVERY = list(operations())
OPEN311 = [one for one in EVERY if one.path.startswith("/open311/")]
"""A standard with words of its own for everything, errors too (see the tests of open311)."""
ALL = [one for one in EVERY if one not in OPEN311]
WRITES = [one for one in ALL if one.writes]
READS = [one for one in ALL if one.reads]
OPEN311_READS = [one for one in OPEN311 if one.reads]
