"""Working calendars (工作日历): a year at a glance, and for the administrator the form to make a year's notice known."""

from __future__ import annotations

from calendar import Calendar
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from service.http.requests import now_at, office_of
from service.web.asking import ask, ask_if_there, tell
from service.web.drawing import draw
from service.web.posted import FormRoute

router = APIRouter(prefix="/calendars", include_in_schema=False, route_class=FormRoute)

SATURDAY = 5


@router.get("")
async def now(request: Request) -> Response:
    """The calendar of this year."""
    office = office_of(request)
    region = office.rules(office.clock.now()).policy.region
    return RedirectResponse(f"/calendars/{region}/{now_at(request).year}", 303)


@router.get("/{region}/{year}")
async def calendar(region: str, year: int, request: Request) -> Response:
    return await drawn(request, region, year)


@router.post("/{region}/{year}")
async def publish(
    region: str,
    year: int,
    request: Request,
    holidays: Annotated[str, Form(max_length=4000)] = "",
    makeup_workdays: Annotated[str, Form(max_length=4000)] = "",
    source: Annotated[str, Form(max_length=500)] = "",
    seen: Annotated[int | None, Form()] = None,
) -> Response:
    body = {"holidays": holidays.split(), "makeup_workdays": makeup_workdays.split(), "source": source}
    answer = await tell(request, "PUT", f"/v1/calendars/{region}/{year}", body, seen)
    if answer.status != 200:
        seen = answer.json.get("current_version", seen)
        return await drawn(request, region, year, answer.status, written={**body, "seen": seen}, refused=answer.json)
    return RedirectResponse(f"/calendars/{region}/{year}", 303)


async def drawn(
    request: Request, region: str, year: int, status: int = 200, written: Any = None, refused: Any = None
) -> Response:
    me = await ask(request, "/v1/me")
    notice = await ask_if_there(request, f"/v1/calendars/{region}/{year}")
    return draw(
        request,
        "calendar.html",
        status,
        region=region,
        year=year,
        notice=notice,
        months=[(month, weeks(year, month, notice)) for month in range(1, 13)],
        may=any(post["role"] == "admin" for post in me["posts"]),
        written={"seen": office_of(request).ledger.calendars.version}
        | (written or notice or {"holidays": [], "makeup_workdays": [], "source": ""}),
        refused=refused,
    )


def weeks(year: int, month: int, notice: dict[str, Any] | None) -> list[list[tuple[date | None, str]]]:
    """The weeks of a month, Monday first: each day with its kind, None for days of other months."""
    return [
        [(day, kind(day, notice)) if day.month == month else (None, "") for day in week]
        for week in Calendar().monthdatescalendar(year, month)
    ]


def kind(day: date, notice: dict[str, Any] | None) -> str:
    written = day.isoformat()
    if notice and written in notice["holidays"]:
        return "holiday"
    if notice and written in notice["makeup_workdays"]:
        return "makeup"
    return "weekend" if day.weekday() >= SATURDAY else ""
