"""Faults a schema finds: which field, and what it should be. What was sent is never repeated."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

UNBEGUN = "unknown"
"""The status of what has no event yet: no answer tells of it, and nobody may ask for it."""
UNKNOWN = ("extra_forbidden", "unexpected_keyword_argument")
OWN_WORDS = {
    "predicate_failed": "Input should be an id: A-Z, a-z, 0-9 and : . _ -",
    "too_short": "Input should have {min_length} items or more",
    "too_long": "Input should have {max_length} items or fewer",
}


def fault_of(error: Any) -> dict[str, str]:
    """Where the fault is. The name of an unknown field is input like any other, so only its place is told."""
    if error["type"] in UNKNOWN:
        known = f"; known are {', '.join(error['known']) or 'none'}" if "known" in error else ""
        return {"field": _field(error["loc"][:-1]), "message": f"There is a field here that is not known{known}"}
    own = OWN_WORDS.get(error["type"])
    message = own.format_map(error.get("ctx", {})) if own else error["msg"].removeprefix("Value error, ")
    if error["type"] == "enum":
        message = message.replace(f"'{UNBEGUN}', ", "")
    return {"field": _field(error["loc"]), "message": message}


def _field(loc: Sequence[int | str]) -> str:
    return ".".join(str(part) for part in loc[1:]) or str(loc[0])
