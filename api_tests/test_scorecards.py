"""Scorecards over HTTP: who sees which, as of when, and with which of the events behind them."""

import pytest

from api_tests.client import Client, done, refused
from api_tests.district import DONE, SOLVED, Json


async def solved(api: Client) -> Json:
    """Reported on Monday, solved by the town on Tuesday, confirmed on Wednesday."""
    case = await api.assigned()
    await api.ask(case, "contact", by="head:T01", outcome="reached")
    await api.set_clock("2025-03-04 09:00")
    await api.ask(case, "resolve", by="head:T01", **DONE)
    await api.set_clock("2025-03-05 09:00")
    return await api.ask(case, "feedback", by="follow-up", **SOLVED)


async def test_a_scorecard_tells_what_every_figure_rests_on(api: Client) -> None:
    case = await solved(api)
    await api.set_clock("2025-03-05 10:00")
    card = done(await api.get("/v1/scorecards/T01/2025", by="head:T01"))
    assert (card["unit"], card["year"], card["policy"]) == ("T01", 2025, "hanbin-default-1.1")
    assert card["rates"]["solved"] | {"interval": None} == {"n": 1, "hits": 1, "raw": 1.0, "interval": None}
    assert (card["score"]["points"], card["score"]["note"], card["rank"]) == (None, "not_enough_answers", None)
    assert (card["duty"], card["automatic_decision"]) == (None, False)
    [answer] = [one for one in card["evidence"] if one["figure"] == "solved"]
    [event] = answer["events"]
    history = {one["version"]: one["type"] for one in await api.history(case)}
    assert (event["case"], history[event["version"]]) == (case["id"], "case.feedback_recorded")
    assert done(await api.get("/v1/scorecards/T01/2025", by="follow-up"))["rates"] == card["rates"]


async def test_the_events_behind_a_figure_come_in_pages(api: Client) -> None:
    cases = [await api.report(village="V0101", title=title) for title in ("A road", "A pipe")]
    for case in cases:
        await api.ask(case, "accept", by="clerk:T01")
        await api.ask(case, "assign", by="clerk:T01", unit="T01")
    await api.set_clock("2025-03-05 10:00")
    first = await api.get("/v1/scorecards/T01/2025/evidence?figure=assigned&mark=counted&limit=1", by="head:T01")
    second = await api.get(first.links["next"]["url"], by="head:T01")
    read = [(one["case"], one["title"]) for page in (first, second) for one in done(page)["items"]]
    assert (read, second.links) == ([(case["id"], case["title"]) for case in cases], {})


async def test_an_earlier_instant_and_another_year_have_their_own_figures(api: Client) -> None:
    await solved(api)
    await api.set_clock("2025-03-06 09:00")

    async def answers(asked: str) -> int:
        items = done(await api.get(f"/v1/scorecards?{asked}"))["items"]
        return sum(item["rates"]["solved"]["n"] for item in items)

    assert await answers("year=2025") == 1
    assert await answers("year=2025&at=2025-03-05T08:59:59%2B08:00") == 0
    assert await answers("year=2025&at=2025-03-05T09:00:00%2B08:00") == 1
    assert await answers("year=2024") == 0
    refused(await api.get("/v1/scorecards?year=2025&at=2025-04-05T09:00:00Z"), 422, "invalid")


@pytest.mark.parametrize(
    ("by", "asked", "units"),
    [
        ("organiser", "", {"T01", "T02", "D-MASSWORK", "D-DISPATCH", "D-ROADS"}),
        ("auditor", "&unit=T02", {"T02"}),
        ("head:T01", "", {"T01"}),
        ("officer:T01-LAND", "", {"T01"}),
        ("head:V0101", "", set()),
        ("officer:D-ROADS", "", {"D-ROADS"}),
    ],
)
async def test_everybody_sees_the_cards_of_his_house_and_some_see_all(
    standing_api: Client, by: str, asked: str, units: set[str]
) -> None:
    items = done(await standing_api.get(f"/v1/scorecards?year=2025{asked}", by))["items"]
    assert {item["unit"] for item in items} == units


async def test_another_houses_card_is_not_shown_and_a_village_has_none(standing_api: Client) -> None:
    refused(await standing_api.get("/v1/scorecards?year=2025&unit=T02", "head:T01"), 403, "not_permitted")
    refused(await standing_api.get("/v1/scorecards/T02/2025", "head:T01"), 403, "not_permitted")
    refused(await standing_api.get("/v1/scorecards?year=2025", "citizen:1"), 403, "not_permitted")
    refused(await standing_api.get("/v1/scorecards/V0101/2025"), 404, "not_found")
    refused(await standing_api.get("/v1/scorecards/T99/2025"), 404, "not_found")


async def test_who_may_not_see_a_case_sees_the_figure_and_not_the_case(api: Client) -> None:
    case = await solved(api)
    await api.set_clock("2025-03-06 09:00")
    shown = await api.get("/v1/scorecards/T01/2025", by="organiser")
    [answer] = [one for one in done(shown)["evidence"] if one["figure"] == "solved"]
    assert (answer["n"], answer["events"], answer["withheld"]) == (1, [], 1)
    assert case["id"] not in shown.text


async def test_a_detector_names_the_cases_that_show_it_to_those_who_may_see_them(api: Client) -> None:
    cases = [await api.assigned() for _ in range(5)]
    await api.set_clock("2025-03-04 09:00")
    for case in cases:
        await api.ask(case, "resolve", by="head:T01", **DONE)
    asked = "/v1/detectors?unit=T01"
    assert done(await api.get(asked))["items"] == []
    for case in cases[:2]:
        await api.ask(case, "reject-resolution", by="follow-up", finding="nothing was done")
    await api.set_clock("2025-03-04 10:00")
    [found] = done(await api.get(asked))["items"]
    assert (found["detector"], found["n"], found["of"]) == ("closing_without_solving", 2, 7)
    assert found["cases"] == sorted(case["id"] for case in cases[:2])
    [blind] = done(await api.get(asked, by="organiser"))["items"]
    assert (blind["n"], blind["cases"], blind["withheld"]) == (2, [], 2)
    refused(await api.get("/v1/detectors?unit=T02", by="head:T01"), 403, "not_permitted")
