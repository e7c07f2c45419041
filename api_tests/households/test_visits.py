"""Visits to households over HTTP: they open cases, stand in a diary, and the next ones are owed in order of need."""

import pytest

from api_tests.client import Client, done
from api_tests.households.register import CADRE, HEAD, POOR, ask, poor, registered
from service.office import Office


async def test_the_same_key_opens_the_same_case_once(api: Client, office: Office) -> None:
    await poor(api)
    body = {"met": ["son"], "needs": [{"title": "A road"}]}
    first = done(await api.post("/v1/households/HH-1/record-visit", body, by=CADRE, key="visit-1"))
    again = await api.post("/v1/households/HH-1/record-visit", body, by=CADRE, key="visit-1")
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.json()["opened"] == first["opened"]
    await office.views_catch_up()
    assert len(done(await api.get("/v1/cases?household=HH-1", "clerk:T01"))["items"]) == 1


@pytest.mark.parametrize("kind", ["wish", "accusation"])
async def test_a_visit_whose_need_makes_no_case_is_not_recorded_either(api: Client, kind: str) -> None:
    """What a visit opens is known to all who see the household; an accusation is not for them."""
    before = await poor(api)
    body = {"met": ["son"], "needs": [{"title": "A road"}, {"title": "A song", "kind": kind}]}
    refused = await api.post("/v1/households/HH-1/record-visit", body, by=CADRE)
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid")
    assert done(await api.get("/v1/households/HH-1"))["version"] == before["version"]
    assert done(await api.get("/v1/cases?household=HH-1", "clerk:T01"))["items"] == []


async def test_the_diary_tells_who_was_where_and_who_is_owed_a_visit(api: Client, office: Office) -> None:
    await api.set_clock("2025-04-14 10:00")
    await poor(api)
    await registered(api, "HH-2")
    await ask(api, "record-visit", met=["son"], countersigned=True)
    visited = await ask(api, "record-visit", "head:V0101", met=["son"])
    await office.views_catch_up()

    async def diary(query: str, by: str = HEAD) -> list[tuple[str, bool]]:
        items = done(await api.get(f"/v1/visits?{query}", by))["items"]
        return [(one["visitor"], one["counts"]) for one in items]

    assert await diary("household=HH-1") == [("head:V0101", False), (CADRE, True)]
    assert await diary(f"visitor={CADRE}") == [(CADRE, True)]
    assert await diary("", "clerk:T02") == []
    number = visited["visits"][-1]["version"]
    own = await api.post("/v1/households/HH-1/audit-visit", {"visit": number, "happened": True}, by=CADRE)
    assert own.status_code == 403
    await ask(api, "audit-visit", "clerk:T01", visit=number, happened=True, finding="his son says so")
    await office.views_catch_up()
    assert await diary("visitor=head:V0101") == [("head:V0101", True)]
    first = done(await api.get("/v1/visits?limit=1", HEAD))
    assert len(done(await api.get(f"/v1/visits?limit=1&cursor={first['next']}", HEAD))["items"]) == 1

    assert done(await api.get("/v1/visits/due", HEAD))["items"] == []
    await api.set_clock("2025-05-14 10:00")
    [due] = done(await api.get("/v1/visits/due", HEAD))["items"]
    assert (due["household"], due["of_class"], due["overdue"]) == ("HH-1", "priority", True)
    soon = done(await api.get("/v1/visits/due?within_days=366", HEAD))["items"]
    assert [one["household"] for one in soon] == ["HH-1", "HH-2"]


async def test_the_neediest_and_longest_unvisited_are_owed_a_visit_first(api: Client, office: Office) -> None:
    await api.set_clock("2025-04-14 10:00")
    await registered(api, "HH-0")
    await poor(api, "HH-1")
    await poor(api, "HH-2")
    await api.set_clock("2025-04-20 10:00")
    await ask(api, "record-visit", id="HH-1", met=["son"], countersigned=True)
    await api.set_clock("2025-06-01 10:00")
    await office.views_catch_up()
    found: list[str] = []
    next: str | None = ""
    while next is not None:
        page = done(await api.get(f"/v1/visits/due?within_days=366&limit=1{next and '&cursor=' + next}", HEAD))
        found += [one["household"] for one in page["items"]]
        next = page["next"]
    assert found == ["HH-2", "HH-1", "HH-0"]
    due = done(await api.get("/v1/visits/due", HEAD))["items"]
    assert [one["household"] for one in due] == ["HH-2", "HH-1"]
    assert (await api.get("/v1/visits/due?cursor=nonsense", HEAD)).status_code == 422


async def test_who_becomes_needier_while_somebody_reads_is_met_once(api: Client, office: Office) -> None:
    await api.set_clock("2025-04-14 10:00")
    for home in ("HH-0", "HH-3"):
        await registered(api, home)
    await poor(api, "HH-1")
    await poor(api, "HH-2")
    await api.set_clock("2025-06-01 10:00")
    await office.views_catch_up()
    every = "/v1/visits/due?within_days=366"
    first = await api.get(f"{every}&limit=2", HEAD)
    await ask(api, "record-facts", id="HH-3", **POOR)
    await ask(api, "record-visit", id="HH-1", met=["son"], countersigned=True)
    await office.views_catch_up()
    rest = await api.get(f"{every}&cursor={done(first)['next']}", HEAD)
    read = [(one["household"], one["of_class"]) for page in (first, rest) for one in done(page)["items"]]
    assert read == [("HH-1", "priority"), ("HH-2", "priority"), ("HH-0", "secure"), ("HH-3", "priority")]
