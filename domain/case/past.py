"""Events as they used to be written, and how to read them today. Stored lines are never rewritten."""

from collections.abc import Callable, Mapping
from typing import Any

Fields = dict[str, Any]

PAST: Mapping[str, tuple[str, Callable[[Fields], Fields]]] = {}
"""The name an old shape was stored under, the name it has now, and how its fields become today's. None so far."""
