"""Conditions on many keys at once: passed as one JSON value or array, so that their number does not matter."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Connection, FromClause, Text, any_, cast, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY, JSON


def among(db: Connection, column: ColumnElement[str], keys: Collection[str]) -> ColumnElement[bool]:
    """Whether a column is one of these keys."""
    if db.dialect.name == "postgresql":
        return column == any_(literal(list(keys), ARRAY(Text)))
    each: Any = func.json_each(orjson.dumps(list(keys)).decode()).table_valued("value")
    return column.in_(select(each.c.value))


def named(db: Connection, names: Mapping[str, str]) -> FromClause:
    """These pairs as a common table expression, `key` and `value`.

    Materialized, so that SQLite can look things up in it.
    """
    pairs = literal(orjson.dumps(dict(names)).decode())
    each: Any = func.json_each_text(cast(pairs, JSON)) if db.dialect.name == "postgresql" else func.json_each(pairs)
    table = each.table_valued("key", "value")
    return select(table.c.key, table.c.value).cte("named").prefix_with("MATERIALIZED")
