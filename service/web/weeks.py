"""Week by week: how long each tier takes against its limit, and how soon each town first responds."""

from __future__ import annotations

from asyncio import gather
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from fastapi import Request

from domain.org import Tier
from service.web.asking import ask
from service.web.charts import Line, lines
from service.web.figures import Chart, limits
from service.web.language import DAY, HOUR, Language
from service.web.links import Lists

WEEKS = 13
"""Weeks of the lines, and of the times on the tiles."""
HEATED = 8
"""Weeks of the heat map."""
SHADES = ((2, "h0"), (4, "h1"), (8, "h2"), (24, "h3"), (72, "h4"))
"""Hours until the first response, and how they are coloured; beyond the last it is darkest."""


@dataclass(frozen=True, kw_only=True)
class Cell:
    """The typical first response of a town in a week: its text, its colour, and a link to its cases."""

    text: str
    css: str
    tooltip: str
    leads_to: str = ""


@dataclass(frozen=True, kw_only=True)
class Heat:
    weeks: list[str]
    rows: list[tuple[str, str, list[Cell]]]
    """Town, its name, and a cell for each week."""
    key: list[Cell]


@dataclass(frozen=True, kw_only=True)
class Weekly:
    lines: list[Chart]
    heat: Heat


async def weekly(request: Request, say: Language, now: datetime, lists: Lists) -> Weekly:
    this = monday_of(now)
    starts = [this - timedelta(weeks=back) for back in reversed(range(WEEKS))]
    heated = starts[-HEATED:]
    same = {"unit": lists.under, "at": lists.at}
    by_tier, by_town = await gather(
        ask(request, "/v1/response-times", group_by="tier_week", from_=starts[0].isoformat(), **same),
        ask(
            request,
            "/v1/response-times",
            group_by="town_week",
            tier=Tier.TOWN,
            from_=heated[0].isoformat(),
            **same,
        ),
    )
    return Weekly(
        lines=_lines(_cells(by_tier), starts, say, limits(request)), heat=_heat(_cells(by_town), heated, say, lists)
    )


def monday_of(now: datetime) -> datetime:
    return (now - timedelta(days=now.weekday())).replace(hour=0, minute=0, second=0, microsecond=0)


def _cells(answer: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    """Each group by its place and its week."""
    return {tuple(group["group"].rsplit(":", 1)): group for group in answer["items"]}


def _week(start: datetime) -> str:
    return f"{start:%G-W%V}"


def _called(start: datetime, say: Language) -> str:
    """What a week is called beside others, where there is little room: by its Monday."""
    return say(f"{start.month}-{start.day}", f"{start.day} {start:%b}")


def _lines(
    cells: dict[tuple[str, str], dict[str, Any]], starts: list[datetime], say: Language, within: dict[str, int]
) -> list[Chart]:
    """One chart for each tier that had anything in these weeks."""
    drawn = []
    for tier in Tier:
        groups = [cells.get((tier, _week(start))) for start in starts]
        if not any(groups):
            continue
        rows = [
            Line(
                css=f"{tier} {part}",
                label=label,
                values=[
                    None if not group or group["hold"][f"{part}_s"] is None else group["hold"][f"{part}_s"] / DAY
                    for group in groups
                ],
            )
            for part, label in (("p50", say("中位", "median")), ("p90", say("九成", "9 in 10")))
        ]
        title = say(f"{say.word('tier', tier)}每周办理用时（天）", f"Time held by the {tier}, week by week (days)")
        limit = (within[tier], say(f"时限{within[tier]}个工作日", f"limit {within[tier]} working days"))
        steps = [_called(start, say) for start in starts]
        drawn.append(Chart(title=title, drawn=lines(title, steps, rows, say("天", "d"), limit)))
    return drawn


def _heat(cells: dict[tuple[str, str], dict[str, Any]], starts: list[datetime], say: Language, lists: Lists) -> Heat:
    names = {town: group["label"] for (town, _), group in cells.items() if town != "none"}
    rows = [
        (town, name, [_cell(cells.get((town, _week(start))), town, name, start, say, lists) for start in starts])
        for town, name in sorted(names.items(), key=lambda row: row[1])
    ]
    hours = say("小时", "h")
    key = [
        *(Cell(text=f"< {limit}", css=css, tooltip=f"< {limit} {hours}") for limit, css in SHADES),
        Cell(text=f"≥ {SHADES[-1][0]}", css="h5", tooltip=f"≥ {SHADES[-1][0]} {hours}"),
    ]
    return Heat(weeks=[_called(start, say) for start in starts], rows=rows, key=key)


def _cell(group: dict[str, Any] | None, town: str, name: str, start: datetime, say: Language, lists: Lists) -> Cell:
    seconds = group["first_response"]["p50_s"] if group else None
    when = say.day(start.isoformat())
    if seconds is None:
        return Cell(text="", css="", tooltip=f"{name}, {when}: {say('无数据', 'no data')}")
    hours = seconds / HOUR
    css = next((css for limit, css in SHADES if hours < limit), "h5")
    end = start + timedelta(weeks=1)
    leads_to = lists(bank=Tier.TOWN, under=town, came_after=start, came_before=end)
    return Cell(text=f"{hours:.0f}", css=css, tooltip=f"{name}, {when}: {say.span(seconds)}", leads_to=leads_to)
