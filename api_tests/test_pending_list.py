"""The pending list: with its plan and its next review, now and as it stood; and the reports that print it."""

from api_tests.client import Client, done
from api_tests.district import Json
from api_tests.pages.reading import page, signed_in

PLAN = "Mended with next year's money"


async def suspended(api: Client, at: str = "2025-03-10", review_by: str = "2025-06-02") -> Json:
    """A road that the district has, and that waits there for the budget."""
    case = await api.report(by="citizen:1", village="V0101", title="A road")
    await api.ask(case, "accept", by="dispatcher")
    await api.ask(case, "assign", by="dispatcher", unit="D-ROADS", override_reason="only they mend roads")
    await api.set_clock(f"{at} 10:00")
    plan = {"reason": "budget_cycle", "plan": PLAN, "review_by": review_by}
    return await api.ask(case, "suspend", by="leader:D-ROADS", **plan)


async def pending(api: Client, by: str = "auditor", at: str = "") -> list[Json]:
    position = str((await api.get("/readyz")).json()["position"])
    found = done(await api.get("/v1/pending-list" + (f"?at={at}" if at else ""), by, sanji_min_position=position))
    items: list[Json] = found["items"]
    return items


async def test_it_tells_the_plan_and_the_next_review_until_the_case_is_taken_off(api: Client) -> None:
    case = await suspended(api)
    [one] = await pending(api)
    assert (one["id"], one["plan"], one["reason"]) == (case["id"], PLAN, "budget_cycle")
    assert (one["review_due_at"], one["review_overdue"]) == ("2025-06-03T00:00:00+08:00", False)
    await api.set_clock("2025-06-03 08:00")
    [late] = await pending(api)
    assert late["review_overdue"]
    await api.ask(case, "reactivate", by="leader:D-ROADS")
    assert await pending(api) == []
    for then, was in (("2025-03-10T09:59:59Z", one), ("2025-06-02T16:00:00Z", late)):
        assert await pending(api, at=then) == [was]
    assert await pending(api, at="2025-03-09T00:00:00Z") == []


async def test_it_comes_in_pages_that_hold_still_while_cases_are_looked_at(api: Client) -> None:
    cases = [await suspended(api, at=f"2025-03-{day}", review_by=f"2025-05-{day}") for day in (10, 11, 12)]
    await api.set_clock("2025-03-13 10:00")
    first = await api.get("/v1/pending-list?limit=1")
    later = {"plan": PLAN, "review_by": "2025-06-05"}
    for case in cases[:2]:
        await api.ask(case, "review-suspension", by="leader:D-ROADS", **later)
    await api.set_clock("2025-03-14 10:00")
    rest = await api.get(f"/v1/pending-list?cursor={done(first)['next']}")
    assert first.links["next"]["url"].startswith("/v1/pending-list?limit=1&cursor=")
    read = [one["id"] for page in (first, rest) for one in done(page)["items"]]
    assert (read, done(rest)["next"]) == ([case["id"] for case in cases], None)
    then = "/v1/pending-list?limit=1&at=2025-03-13T09:00:00%2B08:00"
    earlier = [await api.get(then)]
    while following := earlier[-1].links.get("next"):
        earlier.append(await api.get(following["url"]))
    assert [one["id"] for page in earlier for one in done(page)["items"]] == read
    assert [one["id"] for one in await pending(api)] == [cases[2]["id"], *sorted(case["id"] for case in cases[:2])]


async def test_it_tells_each_reader_of_the_cases_he_sees(api: Client) -> None:
    case = await suspended(api)
    assert [one["id"] for one in await pending(api, "head:T01")] == [case["id"]]
    assert await pending(api, "head:T02") == []


async def test_the_month_prints_it_and_says_later_what_it_said(api: Client) -> None:
    case = await suspended(api)
    await api.set_clock("2025-04-01 08:00")
    await signed_in(api, "auditor")

    async def printed(path: str) -> str:
        return (await page(api, path)).partition("<article")[2]

    month, week = (
        await printed("/reports/monthly?month=2025-03"),
        await printed("/reports/weekly?unit=D-ROADS&week=2025-W10"),
    )
    assert PLAN.replace("'", "&#39;") in month
    assert "下次检视不迟于 6月2日" in month, "the last day in time"
    assert "A road" in week
    assert ">3月4日</td>" in week, "the last day in time"
    await api.ask(case, "reactivate", by="leader:D-ROADS")
    await api.report(by="citizen:1", village="V0101", title="A pipe")
    await api.set_clock("2025-06-01 08:00")
    assert await printed("/reports/monthly?month=2025-03") == month
    assert await printed("/reports/weekly?unit=D-ROADS&week=2025-W10") == week
