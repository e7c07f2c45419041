"""Where a list goes on: a cursor that was given out with the page before, a limit, and nothing that somebody made up."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from json import dumps, loads
from urllib.parse import quote

import pytest

from api_tests.client import Client, done
from api_tests.district import report
from api_tests.operations import READS
from api_tests.test_bad_addresses import unanswered

LIMITS = ["-1", "0", "201", "1.5", "1e2", "", "ten", "９９９", "9" * 30, "0x10", "Zq7Canary"]
CURSORS = ["x", "Zq7Canary", "-1", "9" * 20, "e30", "W10", "W251bGxd", "====", "%F0%9F%92%A7", "a" * 501, "1 or 1=1"]


def lists() -> list[str]:
    return [one.address for one in READS if any(p["name"] == "limit" for p in one.spec.get("parameters", ()))]


@pytest.mark.parametrize("limit", LIMITS)
async def test_a_limit_is_a_number_from_1_to_200(standing_api: Client, limit: str) -> None:
    assert lists()
    for address in lists():
        await unanswered(standing_api, f"{address}?limit={limit}", "invalid")


@pytest.mark.parametrize("cursor", CURSORS)
async def test_a_cursor_is_one_that_was_given_out(standing_api: Client, cursor: str) -> None:
    case = await standing_api.report(village="V0101")
    addresses = ["/v1/cases", "/v1/me/queue", "/v1/units/T01/queue", f"/v1/cases/{case['id']}/history"]
    for address in addresses:
        await unanswered(standing_api, f"{address}?cursor={cursor}", "invalid", by="head:T01")


async def test_no_list_goes_on_from_a_place_that_somebody_made_up(standing_api: Client) -> None:
    """From position 0 on, say, after which everything has moved, and would be worked out again."""
    for _ in range(3):
        await standing_api.report(by="citizen:maker", village="V0101")
    last = (await standing_api.post("/v1/cases", report(), by="citizen:maker")).headers["sanji-position"]
    found = done(await standing_api.get("/v1/cases?limit=2", "citizen:maker", sanji_min_position=last))
    place, _, proof = found["next"].rpartition(".")
    *key, _ = loads(urlsafe_b64decode(place + "=" * (-len(place) % 4)))
    made_up = urlsafe_b64encode(dumps([*key, 0]).encode()).decode().rstrip("=")
    for cursor in (made_up, f"{made_up}.{proof}", f"{made_up}.", place, f"{place}.{proof[:-1]}x"):
        await unanswered(standing_api, f"/v1/cases?limit=2&cursor={cursor}", "invalid", by="citizen:maker")
    assert done(await standing_api.get(f"/v1/cases?limit=2&cursor={found['next']}", "citizen:maker"))["items"]


async def test_no_delivery_has_a_number_that_no_database_could_give_it(standing_api: Client) -> None:
    hook = done(await standing_api.post("/v1/webhooks", {"url": "https://receiver.example"}, by="admin"), 201)
    address = f"/v1/webhooks/{hook['id']}/deliveries?cursor="
    assert done(await standing_api.get(address + "9" * 9, "admin")) == {"items": [], "next": None}
    await unanswered(standing_api, address + "9" * 10, "invalid", by="admin")


async def test_the_cursor_of_one_list_is_none_of_another(standing_api: Client) -> None:
    for number in range(3):
        await standing_api.report(by="citizen:pages", title=f"Case {number}")
    last = (await standing_api.post("/v1/cases", report(), by="citizen:pages")).headers["sanji-position"]
    first = done(await standing_api.get("/v1/cases?limit=2", "citizen:pages", sanji_min_position=last))
    await unanswered(
        standing_api, f"/v1/cases?sort=due_at&cursor={quote(first['next'])}", "invalid", by="citizen:pages"
    )
    await unanswered(standing_api, f"/v1/me/queue?cursor={quote(first['next'])}", "invalid", by="head:T01")


async def test_a_history_goes_on_after_any_version_even_one_that_is_far_away(standing_api: Client) -> None:
    case = await standing_api.report(village="V0101")
    for cursor in ("1", "9" * 9):
        answer = await standing_api.get(f"/v1/cases/{case['id']}/history?cursor={cursor}")
        assert done(answer) == {"items": [], "next": None}
