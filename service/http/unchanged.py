"""What somebody has already is not sent again: he names it in `If-None-Match`, and the answer is 304."""

from typing import Any

UNLESS_KNOWN: dict[str, Any] = {
    "parameters": [
        {
            "name": "If-None-Match",
            "in": "header",
            "description": "The ETag of what one has: as long as nothing is different, the answer is 304.",
            "schema": {"type": "string"},
        }
    ],
    "responses": {"304": {"description": "It is what one has."}},
}


def named(if_none_match: str, etag: str) -> bool:
    """Whether one of the versions somebody says he has is this one (RFC 9110, 13.1.2)."""
    return any(one.strip().removeprefix("W/") in (etag, "*") for one in if_none_match.split(","))
