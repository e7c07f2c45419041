"""Where a request has come to: the office that answers it, what time it is there, and in which language one asks."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from fastapi import Request

if TYPE_CHECKING:
    from service.office import Office


def office_of(request: Request) -> Office:
    office: Office = request.app.state.office
    return office


def now_at(request: Request) -> datetime:
    """Now, on the district's clock."""
    office = office_of(request)
    now = office.clock.now()
    return office.rules(now).local(now)


def reads_chinese(request: Request, unsaid: bool = False) -> bool:
    """Whether who asks reads Chinese; `unsaid` for whoever does not say."""
    wanted = request.headers.get("accept-language")
    return unsaid if wanted is None else wanted.lower().startswith("zh")
