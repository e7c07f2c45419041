"""What the OpenAPI document says beyond the routes: what every refusal looks like, and how one signs in."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute

from service.http.bodies import KnowingRoute
from service.http.operations import operation_of
from service.http.parameters import POSITION
from service.http.problems import BUG, PLAIN, SHAPES
from service.incoming.schema import UNBEGUN
from service.webhooks.described import WEBHOOKS

SAID_FIRST = re.compile(r"(?<!art)[.:;](?=\s|$)")
"""Where what is said first of an operation ends."""
SIGNING_IN = {"type": "http", "scheme": "bearer", "description": "A key that `sanji key new` has printed."}

PLACE = {
    "type": "object",
    "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
    "required": ["field", "message"],
}
EVENT = {
    "type": "object",
    "properties": {"type": {"type": "string"}, "version": {"type": "integer"}},
    "required": ["type", "version"],
}
PROBLEM = {
    "type": "object",
    "title": "Problem",
    "description": "Why a request was not granted (RFC 9457). It never repeats what was sent.",
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "code": {"type": "string", "enum": sorted({shape.code for shape in (*SHAPES.values(), *PLAIN.values(), BUG)})},
        "detail": {"type": "string"},
        "request_id": {"type": "string"},
        "errors": {"type": "array", "items": PLACE, "description": "Which fields are at fault."},
        "current_version": {"type": "integer", "description": "With `version_conflict`: the version of now."},
        "events": {"type": "array", "items": EVENT, "description": "With `version_conflict`: what happened since."},
        "next_actions": {
            "type": "array",
            "items": {"type": "string"},
            "description": "Of a case that one sees: what one may ask of it instead, as it stands now.",
        },
    },
    "required": ["type", "title", "status", "code", "detail", "request_id"],
}
HEADERS: dict[str, dict[str, Any]] = {
    "ETag": {
        "description": "Of one thing: its version, in quotes, as `If-Match` takes it. Of a queue or a file: what `If-None-Match` names.",
        "schema": {"type": "string"},
    },
    "Sanji-Position": {
        "description": "Of a write: its position in the log. Of a view: the position it has reached.",
        "schema": POSITION,
    },
    "Idempotency-Replayed": {
        "description": "The key was used before, for the same; this is the answer of that time.",
        "schema": {"type": "string", "enum": ["true"]},
    },
    "Link": {"description": 'The next page, if there is one, as `rel="next"`.', "schema": {"type": "string"}},
    "Location": {"description": "The address of what was made.", "schema": {"type": "string"}},
    "Retry-After": {"description": "With 429 and 503: in how many seconds.", "schema": {"type": "integer"}},
}
BESIDE = {
    "idempotency-key": ("Idempotency-Replayed",),
    "if-match": ("ETag", "Sanji-Position"),
    "min_position": ("ETag", "Sanji-Position"),
    "cursor": ("Link",),
}
"""What may be answered beside a body, by what may be asked with."""
REFUSED = {
    "description": "The request was not granted.",
    "headers": {"Retry-After": {"$ref": "#/components/headers/Retry-After"}},
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}


class Contract(FastAPI):
    """An application whose document tells all of it; examples of its shapes lie in a folder, in files named as they are used."""

    def __init__(self, *, examples: Path, **more: Any) -> None:
        super().__init__(**more)
        self._examples = examples

    def openapi(self) -> dict[str, Any]:
        if self.openapi_schema is None:
            for route in self.routes:
                if isinstance(route, KnowingRoute):
                    route.describe()
                if isinstance(route, APIRoute) and route.include_in_schema:
                    route.operation_id = route.operation_id or operation_of(route)
            document = super().openapi()
            components = document.setdefault("components", {})
            for generic in ("HTTPValidationError", "ValidationError"):
                components.get("schemas", {}).pop(generic, None)
            for name, schema in components.get("schemas", {}).items():
                schema["title"] = name
                if UNBEGUN in schema.get("enum", ()):
                    schema["enum"].remove(UNBEGUN)
            components.setdefault("schemas", {})["Problem"] = PROBLEM
            components["responses"] = {"Problem": REFUSED}
            components["headers"] = HEADERS
            components["securitySchemes"] = {"key": SIGNING_IN}
            document["webhooks"] = WEBHOOKS
            for name, example in self._invented():
                components["schemas"][name]["examples"] = [example]
            for methods in document["paths"].values():
                for operation in methods.values():
                    _complete(operation)
            self.openapi_schema = document
        return self.openapi_schema

    def _invented(self) -> Iterator[tuple[str, Any]]:
        for file in sorted(self._examples.glob("*.json")):
            yield from json.loads(file.read_text("utf-8")).items()


def _complete(operation: dict[str, Any]) -> None:
    """Refusals are problems, where a standard has no other word for them.

    Whoever reads the Authorization header asks for a key, by the standard's own word. What is said first of an operation
    is what stands in a list of all of them, where the name of its function would say nothing.
    """
    operation["summary"] = SAID_FIRST.split(operation["description"], 1)[0]
    asked = {one["name"].lower() for one in operation.get("parameters", ())}
    beside = {
        header: {"$ref": f"#/components/headers/{header}"}
        for name, headers in BESIDE.items()
        if name in asked
        for header in headers
    }
    for status, answer in operation["responses"].items():
        if beside and status in ("200", "201", "202", "304"):
            answer["headers"] = beside | answer.get("headers", {})
        if status == "201":
            answer["headers"]["Location"] = {"$ref": "#/components/headers/Location"}
    operation["responses"].pop("422", None)
    operation["responses"].setdefault("default", {"$ref": "#/components/responses/Problem"})
    parameters = operation.get("parameters", [])
    others = [one for one in parameters if one["name"].lower() != "authorization"]
    if len(others) < len(parameters):
        operation["parameters"] = others
        operation["security"] = [{"key": []}]
