"""One-to-one helpers over HTTP: nobody has too many, nobody helps whom he should not, and all stand on a board."""

import asyncio
import re

from api_tests.client import Client, done
from api_tests.district import instant, organisation
from api_tests.households.register import CADRE, HEAD, ORGANISER, ask, poor, registered
from service.office import Office


async def test_nobody_helps_more_than_half_beyond_his_quota(api: Client, office: Office) -> None:
    for number in range(1, 5):
        await poor(api, f"HH-{number}")
    for number in range(1, 4):
        await ask(api, "start-pairing", HEAD, f"HH-{number}", helper=CADRE)
    refused = await api.post("/v1/households/HH-4/start-pairing", {"helper": CADRE}, by=HEAD)
    assert (refused.status_code, refused.json()["code"]) == (409, "limit_reached")
    await office.views_catch_up()
    board = done(await api.get("/v1/pairings?unit=T01", HEAD))
    assert [(one["official"], one["households"], one["quota"], one["overloaded"]) for one in board["helpers"]] == [
        (CADRE, 3, 2, True)
    ]
    assert [one["household"] for one in board["unpaired"]] == ["HH-4"]


async def test_nobody_learns_from_a_pairing_that_a_household_has_accused_him(api: Client, office: Office) -> None:
    """An accused helper and one nobody complains of are answered alike; only who may know of the case is warned."""
    await poor(api)
    await poor(api, "HH-2")
    accused = {"kind": "accusation", "village": "V0101", "household": "HH-1"}
    await api.report(by="citizen:1", subjects=[CADRE], **accused)
    await office.views_catch_up()
    for by in (CADRE, "clerk:T01", HEAD, ORGANISER):
        for start in ({"helper": CADRE}, {"helper": CADRE, "related": True}):
            told, free = [await api.post(f"/v1/households/{id}/start-pairing", start, by=by) for id in ("HH-1", "HH-2")]
            assert told.status_code == free.status_code
            assert same(told.text, "HH-1") == same(free.text, "HH-2")
            if told.status_code == 200:
                for id in ("HH-1", "HH-2"):
                    await ask(api, "end-pairing", by, id)


async def test_a_pair_that_should_not_be_stands_on_the_board_of_those_who_may_know(api: Client, office: Office) -> None:
    await poor(api)
    case = await api.report(by="citizen:1", kind="accusation", village="V0101", household="HH-1", subjects=[CADRE])
    await ask(api, "start-pairing", ORGANISER, helper=CADRE)
    await office.views_catch_up()
    conflict = {"household": "HH-1", "helper": CADRE, "case": case["id"]}
    for by in ("discipline", "auditor"):
        assert done(await api.get("/v1/pairings", by))["conflicts"] == [conflict]
    for by in (CADRE, HEAD, "organiser", "admin", "citizen:1"):
        assert done(await api.get("/v1/pairings", by))["conflicts"] == []
    await poor(api, "HH-2")
    await ask(api, "start-pairing", ORGANISER, "HH-2", helper=CADRE)
    await ask(api, "merge", into="HH-2")
    await office.views_catch_up()
    assert done(await api.get("/v1/pairings", "auditor"))["conflicts"] == [conflict | {"household": "HH-2"}]


async def test_who_may_know_of_the_complaint_does_not_pair_the_household_with_whom_it_is_about(api: Client) -> None:
    await poor(api)
    await api.report(by="citizen:1", village="V0101", household="HH-1", subjects=[CADRE])
    refused = await api.post("/v1/households/HH-1/start-pairing", {"helper": CADRE}, by=HEAD)
    assert (refused.status_code, refused.json()["code"]) == (409, "conflict_of_interest")
    told = {"purpose": "to call"}
    done(await api.post("/v1/households/HH-1/disclose-identity", told, by=HEAD, key="known"))
    again = await api.post("/v1/households/HH-1/start-pairing", {"helper": CADRE}, by=HEAD, key="known")
    assert (again.status_code, again.json()["code"]) == (422, "idempotency_key_reused"), "it is not the same again"
    for id in ("HH-2", "HH-3"):
        await registered(api, id)
    await ask(api, "merge", into="HH-2")
    await ask(api, "merge", id="HH-2", into="HH-3")
    refused = await api.post("/v1/households/HH-3/start-pairing", {"helper": CADRE}, by=HEAD)
    assert (refused.status_code, refused.json()["code"]) == (409, "conflict_of_interest"), "nor who joined it"


async def test_six_at_once_are_given_no_more_than_one_may_help(api: Client) -> None:
    for number in range(1, 7):
        await poor(api, f"HH-{number}")
    asked = [api.post(f"/v1/households/HH-{n}/start-pairing", {"helper": CADRE}, by=HEAD) for n in range(1, 7)]
    answers = [answer.status_code for answer in await asyncio.gather(*asked)]
    assert sorted(answers) == [200, 200, 200, 409, 409, 409]


async def test_the_board_comes_in_pages(api: Client, office: Office) -> None:
    await api.set_clock("2025-04-14 10:00")
    for number in range(1, 5):
        await poor(api, f"HH-{number}")
    await ask(api, "start-pairing", HEAD, "HH-1", helper="officer:T01-LAND")
    await office.views_catch_up()
    for then in ("", "&at=2025-04-14T10:00:00%2B08:00"):
        first = await api.get(f"/v1/pairings?limit=2{then}", HEAD)
        assert [one["household"] for one in done(first)["unpaired"]] == ["HH-2", "HH-3"]
        second = done(await api.get(first.links["next"]["url"], HEAD))
        assert ([one["household"] for one in second["unpaired"]], second["next"]) == (["HH-4"], None)
        assert second["helpers"] == []


async def test_the_board_names_whom_a_helper_has_left_now_and_as_it_stood(api: Client, office: Office) -> None:
    await api.set_clock("2025-04-14 10:00")
    await poor(api)
    await poor(api, "HH-2")
    await ask(api, "start-pairing", HEAD, helper="officer:T01-LAND")
    org = organisation()
    next(one for one in org["officials"] if one["id"] == "officer:T01-LAND")["posts"][0]["to"] = "2025-04-16"
    done(await api.send("PUT", "/v1/org", by="admin", body=org))
    await api.set_clock("2025-04-18 10:00")
    await office.views_catch_up()
    now = done(await api.get("/v1/pairings", HEAD))
    [left, unpaired] = now["unpaired"]
    assert (left["household"], left["helper"], unpaired["household"]) == ("HH-1", "officer:T01-LAND", "HH-2")
    assert instant(left["since"]) == instant("2025-04-16 00:00")
    assert done(await api.get("/v1/pairings?at=2025-04-18T10:00:00%2B08:00", HEAD)) == now
    before = done(await api.get("/v1/pairings?at=2025-04-15T10:00:00%2B08:00", HEAD))
    assert [one["household"] for one in before["unpaired"]] == ["HH-2"]


async def test_lists_and_the_board_tell_how_it_stood(api: Client, office: Office) -> None:
    await api.set_clock("2025-04-14 10:00")
    await poor(api)
    await registered(api, "HH-2")
    await api.set_clock("2025-04-16 10:00")
    await ask(api, "start-pairing", HEAD, helper="officer:T01-LAND")
    await poor(api, "HH-3")
    await office.views_catch_up()
    then = "at=2025-04-15T10:00:00%2B08:00"

    async def ids(query: str) -> list[str]:
        return [one["id"] for one in done(await api.get(f"/v1/households?{query}", HEAD))["items"]]

    assert await ids("unpaired=true") == ["HH-3"]
    assert await ids(f"unpaired=true&{then}") == ["HH-1"]
    assert await ids(then) == ["HH-1", "HH-2"]
    first = done(await api.get(f"/v1/households?limit=1&{then}", HEAD))
    assert await ids(f"cursor={first['next']}&{then}") == ["HH-2"]
    board = done(await api.get(f"/v1/pairings?{then}", HEAD))
    assert ([one["household"] for one in board["unpaired"]], board["helpers"]) == (["HH-1"], [])
    assert [one["official"] for one in done(await api.get("/v1/pairings", HEAD))["helpers"]] == ["officer:T01-LAND"]
    late = await api.get("/v1/pairings?at=2035-04-15T10:00:00%2B08:00", HEAD)
    assert late.status_code == 422


def same(text: str, id: str) -> str:
    """An answer without what must differ: its id, its number, its instants."""
    return re.sub(r'"(request_id|updated_at)":"[^"]*",?', "", re.sub(r"\d{4}-\d\d-\d\dT[^\"]*", "", text)).replace(
        id, ""
    )
