"""Whom to ask once more: drawn by the system, the same for everybody who draws again, unknown to the unit till it is over."""

from hashlib import sha256

from api_tests.client import Client, done, refused
from api_tests.district import DONE, SOLVED, Json
from api_tests.households.register import ask, poor, registered
from api_tests.pages.reading import page, page_for
from domain.assessment.sample import in_order

SAMPLE = "/v1/samples/T01/2025-Q1"


async def settled(api: Client, cases: int = 3, **fields: str) -> list[str]:
    """Cases that the town solved in March; then it is April and samples are drawn."""
    made: list[Json] = []
    for number in range(cases):
        made.append(case := await api.report(village="V0101", title=f"A broken pipe, no. {number}", **fields))
        await api.ask(case, "accept", by="clerk:T01")
        await api.ask(case, "assign", by="clerk:T01", unit="T01")
        await api.ask(case, "contact", by="head:T01", outcome="reached")
        await api.ask(case, "resolve", by="head:T01", **DONE)
    await api.set_clock("2025-03-04 09:00")
    for case in made:
        await api.ask(case, "feedback", by="follow-up", **SOLVED)
    await api.set_clock("2025-04-04 00:00")
    return sorted(case["id"] for case in made)


async def test_anybody_who_knows_the_frame_draws_the_same(api: Client) -> None:
    cases = await settled(api)
    told = done(await api.get(SAMPLE))
    assert (told["frame_size"], told["drawn"], told["answered"], told["withheld"]) == (3, 3, 0, 0)
    assert told["frame_digest"] == sha256("\n".join(cases).encode()).hexdigest()
    assert [one["case"] for one in told["cases"]] == in_order(told["seed"], cases)
    assert not any(one["mandatory"] or one["asked"] for one in told["cases"])


async def test_the_unit_does_not_know_who_was_drawn_until_nobody_is_asked_any_more(api: Client) -> None:
    cases = await settled(api)
    for by in ("head:T01", "clerk:T01", "head:T02", "citizen:1", "discipline"):
        refused(await api.get(SAMPLE, by=by), 404, "not_found")
        assert (await api.get("/v1/events?types=sample.drawn", by=by)).json() == []
        body = {"case": cases[0], "solved": True}
        refused(await api.post(f"{SAMPLE}/answer", body, by=by), 404, "not_found")
    for case in cases:
        history = done(await api.get(f"/v1/cases/{case}/history", by="head:T01"))["items"]
        assert not any(one["type"].startswith("sample.") for one in history)
    blind = done(await api.get(SAMPLE, by="organiser"))
    assert (blind["drawn"], blind["cases"], blind["withheld"]) == (3, [], 3)
    asks = f'data-post="{SAMPLE}/answer"'
    assert asks not in await page_for(api, "organiser", "/samples/T01/2025-Q1")
    assert (await page_for(api, "follow-up", "/samples/T01/2025-Q1")).count(asks) == 3
    assert 'href="/samples/T01/2025-Q1"' in await page(api, "/samples")
    assert "没有抽样，或尚不能公开" in await page_for(api, "head:T01", "/samples")
    await api.set_clock("2025-05-04 00:00")
    assert done(await api.get(SAMPLE, by="head:T01"))["drawn"] == 3
    refused(await api.get(SAMPLE, by="head:T02"), 404, "not_found")


async def test_what_those_drawn_say_stands_on_the_card_and_names_no_case(api: Client) -> None:
    cases = await settled(api)
    done(await api.post(f"{SAMPLE}/answer", {"case": cases[0]}, by="follow-up"))
    for said in ({"satisfaction": "satisfied"}, {"solved": True, "satisfaction": "delighted"}):
        refused(await api.post(f"{SAMPLE}/answer", {"case": cases[0], **said}, by="follow-up"), 422, "invalid")
    for case, solved in zip(cases[:2], (True, False), strict=True):
        body = {"case": case, "solved": solved, "satisfaction": "satisfied" if solved else "dissatisfied"}
        done(await api.post(f"{SAMPLE}/answer", body, by="follow-up"))
    refused(await api.post(f"{SAMPLE}/answer", {"case": cases[0], "solved": True}, by="follow-up"), 409, "wrong_status")
    refused(await api.post(f"{SAMPLE}/answer", {"case": "case-9", "solved": True}, by="follow-up"), 404, "not_found")
    await api.set_clock("2025-04-05 09:00")
    shown = await api.get("/v1/scorecards/T01/2025", by="head:T01")
    card = done(shown)
    assert (card["sample"]["asked"], card["sample"]["answered"], card["sample"]["solved"]["raw"]) == (3, 2, 0.5)
    assert card["rates"]["solved"]["raw"] == 1.0
    drawn = [one for one in card["evidence"] if one["figure"].startswith("sample")]
    assert len(drawn) == 3
    assert all(event["case"] is None for one in drawn for event in one["events"])
    await api.set_clock("2025-05-04 00:00")
    late = {"case": cases[2], "solved": True}
    refused(await api.post(f"{SAMPLE}/answer", late, by="follow-up"), 409, "too_late")


async def test_a_household_in_need_is_asked_anyhow_and_so_is_who_joined_it(api: Client) -> None:
    await registered(api)
    await poor(api, "HH-2")
    await ask(api, "merge", into="HH-2")
    await settled(api, 1, household="HH-1")
    assert [one["mandatory"] for one in done(await api.get(SAMPLE))["cases"]] == [True]


async def test_what_is_about_somebody_is_not_drawn(api: Client) -> None:
    await settled(api, cases=1)
    kinds = ({"kind": "complaint", "subjects": ["head:V0101"]}, {"kind": "complaint"})
    about, other = [await api.assigned(**fields) for fields in kinds]
    for case in (about, other):
        await api.ask(case, "resolve", by="head:T01", **DONE)
    await api.set_clock("2025-07-04 00:00")
    assert [one["case"] for one in done(await api.get("/v1/samples/T01/2025-Q2"))["cases"]] == [other["id"]]
