"""The figures of the overview: what flowed between the tiers, and how old what is open is against each tier's limit."""

from __future__ import annotations

from asyncio import gather
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from fastapi import Request
from markupsafe import Markup

from domain.org import Tier
from service.http.requests import office_of
from service.web.asking import ask
from service.web.charts import Bar, Column, Flow, Limit, bars, sankey
from service.web.labels import PLACES
from service.web.language import Language
from service.web.links import Lists

MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, kw_only=True)
class Chart:
    title: str
    drawn: Markup
    note: str = ""


def limits(request: Request) -> dict[str, int]:
    """In how many working days an ordinary case is to leave each tier."""
    office = office_of(request)
    hold = office.rules(office.clock.now()).policy.hold_wd
    return {str(tier): hold.at(tier) for tier in Tier}


async def charts(request: Request, say: Language, lists: Lists) -> list[Chart]:
    """Flows of thirty days, and age bands."""
    flowed, aged = await gather(
        ask(request, "/v1/flows", unit=lists.under, at=lists.at),
        ask(request, "/v1/ageing", unit=lists.under, at=lists.at),
    )
    thirty = say("三十天流向", "Thirty days between the tiers")
    return [
        Chart(title=thirty, drawn=flow_chart(flowed, say, lists, thirty)),
        Chart(
            title=say("在办时长", "How long what is open has waited"),
            drawn=age_chart(aged, say, lists, limits(request)),
            note=say(
                "虚线为各级一般事项办理期限（工作日）。",
                "Dashed: in how many working days an ordinary case is to leave the tier.",
            ),
        ),
    ]


def flow_chart(flowed: dict[str, Any], say: Language, lists: Lists, title: str) -> Markup:
    names = {place: say(*labels) for place, labels in PLACES.items()}
    sums: dict[tuple[str, str], int] = {}
    for move in flowed["items"]:
        way = (move["source"], move["target"])
        sums[way] = sums.get(way, 0) + move["n"]
    if not sums:
        return Markup('<p class="soft">{}</p>').format(say("没有。", "None."))
    since, until = (datetime.fromisoformat(flowed[end]) for end in ("from", "to"))
    sources = {place: names[place] for place in names if any(source == place for source, _ in sums)}
    targets = {place: names[place] for place in names if any(target == place for _, target in sums)}
    drawn = [
        Flow(
            source=source,
            target=target,
            n=n,
            tooltip=f"{names[source]} → {names[target]}: {n}",
            leads_to=lists(moved=f"{source}:{target}", came_after=since, came_before=until),
        )
        for (source, target), n in sums.items()
    ]
    return sankey(title, sources, targets, drawn)


def age_chart(aged: dict[str, Any], say: Language, lists: Lists, within: dict[str, int]) -> Markup:
    whole = {row["tier"]: row["bands"] for row in aged["items"] if row["unit"] is None}
    at, days = datetime.fromisoformat(aged["at"]), say("天", "days")
    edges = [(band["from_days"], band["to_days"]) for band in next(iter(whole.values()), ())]
    columns = []
    for band, (first, last) in enumerate(edges):
        label = f"{first}–{last}" if last is not None else f"> {first - 1}"
        before = at - timedelta(days=first) + MICROSECOND
        after = None if last is None else at - timedelta(days=last + 1) + MICROSECOND
        rows = [
            Bar(
                css=str(tier),
                value=whole[tier][band]["n"],
                tooltip=f"{say.word('tier', tier)}, {label} {days}: {whole[tier][band]['n']}",
                leads_to=lists(bank=tier, open=True, reported_after=after, reported_before=before),
            )
            for tier in Tier
            if tier in whole
        ]
        columns.append(Column(label=label, bars=rows))
    drawn = [
        Limit(css=str(tier), at=_place(within[tier], edges), label=f"{say.word('tier', tier)} {within[tier]}")
        for tier in whole
    ]
    title = say("在办事项按登记后天数", "Open cases by days since the report")
    key = [(str(tier), say.word("tier", tier)) for tier in whole]
    return bars(title, columns, drawn, key, days)


def _place(days: int, edges: Sequence[tuple[int, int | None]]) -> float:
    """Where a number of days lies between the columns."""
    for band, (first, last) in enumerate(edges):
        if last is None or days <= last:
            return band + (days - first) / ((last or 2 * first) + 1 - first)
    return float(len(edges))
