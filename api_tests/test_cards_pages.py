"""Scorecards as pages: they show what their routes answer, and say that they decide on nobody by themselves."""

import re

from api_tests.client import Client
from api_tests.district import DONE, SOLVED
from api_tests.pages.reading import page_for
from projections.cards.marks import CONTACT, Figure
from service.web.card_labels import FIGURES


def test_every_figure_of_a_unit_has_a_name() -> None:
    assert {*Figure} - CONTACT <= FIGURES.keys()


async def test_a_card_has_its_rates_its_evidence_and_the_sentence(api: Client) -> None:
    await api.set_clock("2025-03-03 09:00")
    case = await api.assigned()
    await api.ask(case, "contact", by="officer:T01-LAND", outcome="reached")
    await api.ask(case, "resolve", by="head:T01", **DONE)
    await api.set_clock("2025-03-10 09:00")
    case = await api.ask(case, "feedback", by="follow-up", **SOLVED)

    drawn = await page_for(api, "auditor", "/scorecards?year=2025")
    assert "它本身不对任何人作出决定" in drawn
    assert re.search(r"解决率: 100% \(1/1\), 区间 \d+%–100%", drawn)
    assert '<td class="n" data-label="得分"><small>评价不足，不计分' in drawn, "on a phone it stands below the rates"
    card = await page_for(api, "head:T01", "/scorecards/T01/2025")
    assert "它本身不对任何人作出决定" in card
    assert re.search(rf'href="/cases/{case["id"]}/replay\?version=\d+"', card)
    for year in (2000, 2199):
        await page_for(api, "head:T01", f"/scorecards/T01/{year}")
    assert "/scorecards/T02/2025" not in await page_for(api, "head:T01", "/scorecards?year=2025")
    assert (await api.http.get("/scorecards/T02/2025")).status_code == 403
