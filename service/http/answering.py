"""What is answered: the case after a command, its version and position in the headers, instants on the district's clock."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from fastapi import Response

from service.record.orders import Receipt
from service.telling.case_view import case_fields
from service.telling.caused import caused


def case_answer(receipt: Receipt) -> dict[str, Any]:
    return {**case_fields(receipt.state, receipt.act), "events": caused(receipt)}


def answered(receipt: Receipt, body: Any) -> Response:
    return json_response(body, 200, headers_of(receipt))


def created(receipt: Receipt, body: Any, place: str) -> Response:
    """The answer about what is new, and told of below this place."""
    return json_response(body, 201, {"Location": f"{place}/{receipt.state.id}"} | headers_of(receipt))


def headers_of(receipt: Receipt) -> dict[str, str]:
    """What a write answers beside its body."""
    headers = {"ETag": f'"{receipt.state.version}"', "Sanji-Position": str(receipt.position)}
    return headers | ({"Idempotency-Replayed": "true"} if receipt.replayed else {})


def in_zone(value: Any, zone: ZoneInfo) -> Any:
    if value is None or isinstance(value, (str, int, float)):
        return value
    if isinstance(value, datetime):
        return value.astimezone(zone)
    if isinstance(value, dict):
        return {str(name): in_zone(one, zone) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [in_zone(one, zone) for one in value]
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: in_zone(getattr(value, field.name), zone) for field in fields(value)}
    return value


def json_response(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(orjson.dumps(body), status, headers, media_type="application/json")
