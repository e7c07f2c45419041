"""Answers of Open311 in JSON and XML. JSON leaves out what XML calls each item of a list (the Spark convention)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from enum import StrEnum
from typing import Any
from xml.etree import ElementTree

import orjson
from fastapi import Request, Response

from service.exporting.xes import UNFIT
from service.open311.shapes import Error


class Format(StrEnum):
    JSON = "json"
    XML = "xml"


MEDIA = {Format.JSON: "application/json; charset=utf-8", Format.XML: "text/xml; charset=utf-8"}

EACH = {
    "services": "service",
    "attributes": "attribute",
    "values": "value",
    "service_requests": "request",
    "service_request_updates": "request_update",
    "endpoints": "endpoint",
    "formats": "format",
    "errors": "error",
}
"""What XML calls each thing in a list of that name."""

STATUS = {401: 403, 403: 403, 404: 404, 429: 429, 503: 503}
"""GeoReport knows 403 for a key that is missing or wrong, 404, and 400 for the rest; to try again later is said all the same."""


def asked_for(request: Request) -> Format:
    """The format in which even what cannot be read is answered."""
    return Format.XML if request.scope["path"].endswith(".xml") else Format.JSON


def answer(
    format: Format, name: str, content: Any, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """Something, or a list of things, under the name that the standard has for it."""
    plain = [asdict(one) for one in content] if isinstance(content, list) else asdict(content)
    written = as_xml(name, plain) if format is Format.XML else orjson.dumps(plain)
    return Response(written, status, headers, media_type=MEDIA[format])


def as_xml(name: str, content: Any) -> bytes:
    written: bytes = ElementTree.tostring(_element(name, content), encoding="utf-8", xml_declaration=True)
    return written


def _element(name: str, content: Any) -> ElementTree.Element:
    element = ElementTree.Element(name)
    match content:
        case dict():
            element.extend(_element(field, value) for field, value in content.items())
        case list():
            element.extend(_element(EACH[name], one) for one in content)
        case bool():
            element.text = "true" if content else "false"
        case datetime():
            element.text = content.isoformat()
        case None:
            pass
        case _:
            element.text = UNFIT.sub("", str(content))
    return element


def errors(request: Request, problem: Response) -> Response:
    """A problem as Open311 says it: a list of codes and descriptions."""
    body = orjson.loads(problem.body)
    status = STATUS.get(problem.status_code, 400)
    faults = [f"{one['field']}: {one['message']}" for one in body.get("errors", ())] or [body["detail"]]
    headers = {name: problem.headers[name] for name in ("Retry-After",) if name in problem.headers}
    items = [Error(code=status, description=fault) for fault in faults]
    return answer(asked_for(request), "errors", items, status, headers)
