"""Links: from a number to the list of the cases it counts, at the same unit and instant; from a page to the next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from fastapi import Request


@dataclass(frozen=True, kw_only=True)
class Lists:
    """Lists of a unit's cases, or of all; as they are, or as they were `at` an instant."""

    under: str | None
    at: str | None

    def __call__(self, **wanted: Any) -> str:
        query = {"under": self.under, **wanted, "at": self.at}
        return "/cases?" + urlencode({name: _said(value) for name, value in query.items() if value is not None})


def following(request: Request, cursor: str | None) -> str | None:
    """The same page, from where this one ends; None at the end of the list."""
    return None if cursor is None else "?" + request.url.include_query_params(cursor=cursor).query


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, datetime) else str(value)
