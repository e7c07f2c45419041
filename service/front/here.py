"""Where a request has come to: the office that answers it, and what time it is there."""

from __future__ import annotations

from datetime import datetime

from fastapi import Request

from service.office import Office


def office_of(request: Request) -> Office:
    office: Office = request.app.state.office
    return office


def now_at(request: Request) -> datetime:
    """Now, on the district's clock."""
    office = office_of(request)
    now = office.clock.now()
    return office.rules(now).local(now)
