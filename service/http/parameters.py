"""What desks read by themselves from headers and addresses, as the OpenAPI document tells it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

FURTHEST = 2**62
"""No log will ever reach this position."""

Parameter = Mapping[str, Any]

AUTHORIZATION: Parameter = {
    "name": "Authorization",
    "in": "header",
    "description": "Bearer <key>",
    "schema": {"type": "string"},
}
PURPOSE: Parameter = {
    "name": "Sanji-Purpose",
    "in": "header",
    "description": "why one reads, percent-encoded; it is put on record with what one is shown",
    "schema": {"type": "string"},
}
POSITION = {"type": "integer", "minimum": 0, "maximum": FURTHEST}
MIN_POSITION = "Sanji-Min-Position"
UP_TO = "wait until the view shows this position"

READING: tuple[Parameter, ...] = (
    {"name": "min_position", "in": "query", "description": UP_TO, "schema": POSITION},
    {"name": MIN_POSITION, "in": "header", "description": UP_TO, "schema": POSITION},
    AUTHORIZATION,
    PURPOSE,
)
"""What a reading desk takes. Were it left to the framework, every route would look into it anew, and the service start a
quarter of a second later.
"""

IF_MATCH: Parameter = {
    "name": "If-Match",
    "in": "header",
    "description": 'The version this builds on, in quotes: "3".',
    "schema": {"type": "string", "pattern": '^"[0-9]{1,9}"$'},
}
PUBLISHING: dict[str, Any] = {"parameters": [IF_MATCH]}
"""What a desk takes besides, at which somebody says how things shall be."""

KEY: Parameter = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "description": "1 to 255 visible ASCII characters. The same key asks for the same thing, once.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
}
WRITING: dict[str, Any] = {"parameters": [KEY, IF_MATCH, AUTHORIZATION, PURPOSE]}
"""What a writing desk takes, ready for a route."""
ONCE: dict[str, Any] = {"parameters": [KEY, AUTHORIZATION, PURPOSE]}
"""The same for what has no versions, as webhooks and jobs."""
