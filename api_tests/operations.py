"""Every operation of the OpenAPI document, with an address where it can be tried."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from service.app import described

PLACES = {
    "case_id": "no-such-case",
    "unit_id": "T01",
    "policy_id": "hanbin-default-1",
    "region": "cn",
    "year": "2025",
    "query_code": "AAAA-BBBB-CCCC",
}
"""What stands in an address for each of its parameters."""

OPEN = {"/healthz", "/readyz", "/metrics", "/v1/track/{query_code}"}
"""What needs no sign-in."""


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
        return "requestBody" in self.spec

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def operations() -> Iterator[Operation]:
    for path, methods in described().openapi()["paths"].items():
        for method, spec in methods.items():
            yield Operation(method=method.upper(), path=path, spec=spec)


ALL = list(operations())
WRITES = [one for one in ALL if one.writes]
READS = [one for one in ALL if not one.writes]
