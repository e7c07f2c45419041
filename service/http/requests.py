"""What a request tells without being read: which office answers it, what time it is there, which language it asks for."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING

from fastapi import Request

if TYPE_CHECKING:
    from service.office import Office

KNOWN = re.compile(r"(?P<tongue>zh|en)(-[a-z0-9-]+)?(;q=(?P<weight>[01](\.\d{0,3})?))?")
"""A language that is spoken here, and how much it is wanted (RFC 9110, 12.5.4); of two alike, the first."""


def office_of(request: Request) -> Office:
    office: Office = request.app.state.office
    return office


def now_at(request: Request) -> datetime:
    """Now, on the district's clock."""
    office = office_of(request)
    now = office.clock.now()
    return office.rules(now).local(now)


def reads_chinese(request: Request, unsaid: bool = False) -> bool:
    """Whether who asks would rather read Chinese than English; `unsaid` for whoever does not say."""
    wanted = request.headers.get("accept-language")
    if wanted is None:
        return unsaid
    known = filter(None, map(KNOWN.fullmatch, wanted.lower().replace(" ", "").split(",")))
    best = max(known, key=_weight, default=None)
    return best is not None and best["tongue"] == "zh" and _weight(best) > 0


def _weight(language: re.Match[str]) -> float:
    return float(language["weight"] or 1)
