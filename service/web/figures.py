"""The figures of the overview: what flowed, how old it is, how long it took, and who answered how soon."""

from __future__ import annotations

from asyncio import gather
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from fastapi import Request
from markupsafe import Markup

from domain.org import Tier
from service.web.asking import ask
from service.web.charts import Bar, Flow, Line, bars, lines, sankey
from service.web.language import DAY, HOUR, Language

WEEKS = 8
"""Weeks of the heat map."""
SHADES = ((2, "h0"), (4, "h1"), (8, "h2"), (24, "h3"), (72, "h4"))
"""Hours until the first response, and how they are coloured; beyond the last it is darkest."""


@dataclass(frozen=True, kw_only=True)
class Chart:
    title: str
    drawn: Markup


async def charts(request: Request, say: Language, at: str | None, unit: str | None) -> list[Chart]:
    """Flows of thirty days, age bands, and weekly times of each tier."""
    flowed, aged, *weekly = await gather(
        ask(request, "/v1/flows", unit=unit, at=at),
        ask(request, "/v1/ageing", unit=unit, at=at),
        *(ask(request, "/v1/response-times", group_by="week", tier=tier, at=at) for tier in Tier),
    )
    return [
        Chart(title=say("三十天流向", "Thirty days between the tiers"), drawn=flow_chart(flowed["items"], say)),
        Chart(title=say("在办时长", "How long what is open has waited"), drawn=age_chart(aged["items"], say)),
        Chart(
            title=say("各级每周办理用时（中位，天）", "Typical time held, week by week (days)"),
            drawn=_weeks(weekly, say),
        ),
    ]


def flow_chart(moves: Sequence[dict[str, Any]], say: Language) -> Markup:
    names: dict[str, str] = {
        "intake": say("新登记", "new"),
        **{str(tier): say.word("tier", tier) for tier in Tier},
        "pending": say("挂账", "pending list"),
        "resolved": say("办结", "resolved"),
        "ended": say("撤回并案", "withdrawn, joined"),
    }
    sums: dict[tuple[str, str], int] = {}
    for move in moves:
        way = (move["source"], move["target"])
        sums[way] = sums.get(way, 0) + move["n"]
    sources = {place: names[place] for place in names if any(source == place for source, _ in sums)}
    targets = {place: names[place] for place in names if any(target == place for _, target in sums)}
    drawn = [
        Flow(source=source, target=target, n=n, told=f"{names[source]} → {names[target]}: {n}")
        for (source, target), n in sums.items()
    ]
    return sankey(say("三十天内各级之间的流动", "Moves between the tiers in thirty days"), sources, targets, drawn)


def age_chart(rows: Sequence[dict[str, Any]], say: Language) -> Markup:
    whole = [row for row in rows if row["unit"] is None]
    columns = []
    for band, (first, last) in enumerate(
        (one["from_days"], one["to_days"]) for one in (whole[0]["bands"] if whole else ())
    ):
        n = sum(row["bands"][band]["n"] for row in whole)
        label = f"{first}–{last}" if last is not None else f"> {first - 1}"
        days = say("天", "days")
        columns.append(Bar(css="late-bar" if first > 15 else "town", label=label, value=n, told=f"{label} {days}: {n}"))
    title = say("在办事项按登记后天数", "Open cases by days since the report")
    return bars(title, columns, limit=(3, say("区级办理期限", "the district's limit")) if columns else None)


def _weeks(weekly: Sequence[dict[str, Any]], say: Language) -> Markup:
    steps = sorted({group["group"] for answer in weekly for group in answer["items"]})[-13:]
    rows = []
    for tier, answer in zip(Tier, weekly, strict=True):
        by_week = {group["group"]: group["hold"]["p50_s"] for group in answer["items"]}
        days = [None if by_week.get(week) is None else by_week[week] / DAY for week in steps]
        rows.append(Line(css=str(tier), label=say.word("tier", tier), values=days))
    title = say("各级每周中位办理用时", "Typical time held by each tier, week by week")
    return lines(title, [week[5:] for week in steps], rows, say("天", "d"))


@dataclass(frozen=True, kw_only=True)
class Cell:
    """The typical first response of a town in a week: how it is said, and how dark it is."""

    said: str
    css: str
    told: str


@dataclass(frozen=True, kw_only=True)
class Heat:
    weeks: list[str]
    rows: list[tuple[str, str, list[Cell]]]
    """Town, its name, and a cell for each week."""


async def heat(request: Request, say: Language, now: datetime, at: str | None) -> Heat:
    """How soon each town answered, week by week."""
    end = (datetime.fromisoformat(at) if at else now).astimezone(now.tzinfo)
    monday = (end - timedelta(days=end.weekday())).replace(hour=0, minute=0, second=0, microsecond=0)
    starts = [monday - timedelta(weeks=back) for back in reversed(range(WEEKS))]
    answers = await gather(
        *(
            ask(
                request,
                "/v1/response-times",
                group_by="town",
                tier=Tier.TOWN,
                from_=start.isoformat(),
                to=(start + timedelta(weeks=1)).isoformat(),
                at=at,
            )
            for start in starts
        )
    )
    weeks = [{group["group"]: group for group in answer["items"]} for answer in answers]
    names = {town: group["label"] for week in weeks for town, group in week.items()}
    rows = [
        (town, name, [_cell(week.get(town), say, name, start) for week, start in zip(weeks, starts, strict=True)])
        for town, name in sorted(names.items(), key=lambda row: row[1])
    ]
    return Heat(weeks=[say.day(start.isoformat()) for start in starts], rows=rows)


def _cell(group: dict[str, Any] | None, say: Language, name: str, start: datetime) -> Cell:
    seconds = group["first_response"]["p50_s"] if group else None
    if seconds is None:
        return Cell(said="", css="", told=f"{name}, {say.day(start.isoformat())}: {say('无数据', 'no data')}")
    hours = seconds / HOUR
    css = next((css for limit, css in SHADES if hours < limit), "h5")
    return Cell(said=f"{hours:.0f}", css=css, told=f"{name}, {say.day(start.isoformat())}: {say.span(seconds)}")
