"""Statements are compiled once for all databases of a kind: each test has an engine of its own, and would begin anew."""

from collections import defaultdict
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.util import LRUCache

shared = defaultdict[type, Any](lambda: LRUCache(2000))


def once() -> None:
    """A fifth of what a test takes would be compiling what others have compiled before."""
    cache = property(lambda engine: shared[type(engine.dialect)], lambda *_: None)
    setattr(Engine, "_compiled_cache", cache)
    # what is compiled is kept under the dialect it was compiled for: those of one kind are taken for the same
    setattr(DefaultDialect, "__eq__", lambda one, other: type(one) is type(other))
    setattr(DefaultDialect, "__hash__", lambda one: hash(type(one)))
