"""JSON as RFC 8259 means it: of bounded size, read in one way only, and such that it can be stored and read back."""

from __future__ import annotations

import json
from typing import Any

import orjson

from service.incoming.refusals import Malformed

LARGEST = 64 * 1024
"""Bytes of a body, or of one line of a file."""
LARGEST_NUMBER = 2**53
DEEPEST = 64
"""Objects and lists within each other; nothing that is asked has ten, and what has hundreds could not be written again."""
BLANKS, ALIKE = b" \t\r\n", bytes.maketrans(b"123456789", b"000000000")
"""What is left out, and what passes for the same, to see quickly whether a closer look is called for."""
NAME = b'":'
"""What ends a name; a text may contain it too, so that a count that differs calls for a closer look."""
NUL = rb"\u0000"
LONG = b"0" * 16
"""Where a very large number may be."""


def read_json(raw: bytes) -> Any:
    """JSON as RFC 8259 means it. Raises Malformed for what two readers could read in two ways."""
    try:
        found = orjson.loads(raw)
        seen = raw.translate(ALIKE, BLANKS)
        if _names(found) != seen.count(NAME):
            json.loads(raw, object_pairs_hook=_each_once)
        if NUL in raw or LONG in seen:
            _storable(found)
    except (ValueError, RecursionError) as error:
        raise Malformed("the body is not JSON that can be stored", "请求内容不是可以保存的 JSON") from error
    return found


def _names(value: Any, left: int = DEEPEST) -> int:
    """How many names of fields there are. Raises ValueError for what lies too deep."""
    if not isinstance(value, (dict, list)):
        return 0
    if not left:
        raise ValueError("it lies too deep")
    count, inside = (len(value), value.values()) if isinstance(value, dict) else (0, value)
    for one in inside:
        if isinstance(one, (dict, list)):
            count += _names(one, left - 1)
    return count


def _storable(value: Any) -> None:
    """Refuse what could not be stored and read back the same."""
    match value:
        case dict():
            for name, one in value.items():
                _storable(name)
                _storable(one)
        case list():
            for one in value:
                _storable(one)
        case str() if "\x00" in value:
            raise ValueError("a text contains NUL")
        case int() | float() if not -LARGEST_NUMBER <= value <= LARGEST_NUMBER:
            raise ValueError("a number is too large")
        case _:
            pass


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice in one object")
    return found
