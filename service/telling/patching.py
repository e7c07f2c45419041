"""The difference of two answers as a JSON Patch (RFC 6902): applied to the first, it gives the second."""

from collections.abc import Iterator
from typing import Any

Operation = dict[str, Any]


def patch(before: Any, after: Any, path: str = "") -> Iterator[Operation]:
    """The patch from one answer to the other: fields by name, lists item by item, shortened from the end."""
    if isinstance(before, dict) and isinstance(after, dict):
        yield from ({"op": "remove", "path": _at(path, name)} for name in before if name not in after)
        for name, value in after.items():
            if name in before:
                yield from patch(before[name], value, _at(path, name))
            else:
                yield {"op": "add", "path": _at(path, name), "value": value}
    elif isinstance(before, list) and isinstance(after, list):
        for place, (one, other) in enumerate(zip(before, after, strict=False)):
            yield from patch(one, other, _at(path, place))
        yield from ({"op": "remove", "path": _at(path, n)} for n in reversed(range(len(after), len(before))))
        yield from ({"op": "add", "path": _at(path, n), "value": after[n]} for n in range(len(before), len(after)))
    elif type(before) is not type(after) or before != after:
        yield {"op": "replace", "path": path, "value": after}


def _at(path: str, name: str | int) -> str:
    return f"{path}/{str(name).replace('~', '~0').replace('/', '~1')}"
