"""Asking for many keys at once: they are told as one value, however many they are."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Connection, Text, any_, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY


def among(db: Connection, column: ColumnElement[str], keys: Collection[str]) -> ColumnElement[bool]:
    """Whether a column is one of these."""
    if db.dialect.name == "postgresql":
        return column == any_(literal(list(keys), ARRAY(Text)))
    each: Any = func.json_each(orjson.dumps(list(keys)).decode()).table_valued("value")
    return column.in_(select(each.c.value))
