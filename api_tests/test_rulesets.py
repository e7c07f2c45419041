"""A new ruleset: told in shadow before it is in force, then every household is assessed under it, out of need slowly."""

from api_tests.client import Client, done
from api_tests.district import Json

CADRE = "cadre:V0101"


async def households(api: Client, *incomes: int) -> None:
    for number, income in enumerate(incomes, 1):
        done(await api.post("/v1/households", {"id": f"HH-{number}", "village": "V0101"}, by=CADRE), 201)
        facts = {"members": 2, "income_per_head": income}
        done(await api.post(f"/v1/households/HH-{number}/record-facts", facts, by=CADRE))


async def published(api: Client, line: int, since: str) -> None:
    policy = done(await api.get("/v1/policies/hanbin-default-1", "admin"))["policy"]
    body = {**policy, "helping": {**policy["helping"], "line_yuan": line}}
    path = f"/v1/policies/hanbin-default-1?effective_from={since}T00:00:00%2B08:00"
    done(await api.send("PUT", path, by="admin", body=body))


async def compared(api: Client, by: str = "admin") -> list[Json]:
    told = (await api.get("/v1/events?limit=200&types=register.ruleset_compared", by)).json()
    return [one["data"] for one in told]


async def test_it_is_told_in_shadow_and_then_applied(api: Client) -> None:
    await api.set_clock("2025-03-03 09:00")
    await households(api, 5000, 20000, 5000)
    better = {"members": 2, "income_per_head": 20000}
    done(await api.post("/v1/households/HH-3/record-facts", better, by=CADRE))
    await published(api, 3000, "2025-03-10")
    await api.set_clock("2025-03-04 09:00")
    [told] = await compared(api)
    assert (told["old"], told["new"]) == ("hanbin-default-1.1", "hanbin-default-1.2")
    assert (told["households"], told["moved"], told["ways"]) == (
        3,
        1,
        [{"was": "priority", "now": "secure", "households": 1}],
    )
    assert done(await api.get("/v1/households/HH-1"))["ruleset"] == "hanbin-default-1.1", "nothing has changed yet"
    assert await compared(api, CADRE) == []

    await api.set_clock("2025-03-10 09:00")
    one = done(await api.get("/v1/households/HH-1"))
    assert (one["ruleset"], one["class"], one["assessments"][-1]["result"]) == (
        "hanbin-default-1.2",
        "priority",
        "secure",
    )
    assert len(await compared(api)) == 1
    before = one["version"]
    await api.set_clock("2025-03-11 09:00")
    assert done(await api.get("/v1/households/HH-1"))["version"] == before, "once is enough"


async def test_into_need_it_leads_at_once(api: Client) -> None:
    await api.set_clock("2025-03-03 09:00")
    await households(api, 8000)
    await published(api, 9000, "2025-03-10")
    await api.set_clock("2025-03-10 09:00")
    one = done(await api.get("/v1/households/HH-1"))
    assert (one["class"], one["basis"], one["rules"]) == ("priority", "ruleset", ["R1"])
    assert [told["ways"] for told in await compared(api)] == [
        [{"was": "attention", "now": "priority", "households": 1}]
    ]


async def test_a_policy_that_changes_other_things_leaves_the_register_alone(api: Client) -> None:
    await api.set_clock("2025-03-03 09:00")
    await households(api, 5000)
    policy = done(await api.get("/v1/policies/hanbin-default-1", "admin"))["policy"]
    body = {**policy, "benefit_wd": policy["benefit_wd"] + 1}
    done(await api.send("PUT", "/v1/policies/hanbin-default-1", by="admin", body=body))
    await api.set_clock("2025-03-04 09:00")
    assert done(await api.get("/v1/households/HH-1"))["ruleset"] == "hanbin-default-1.1"
    assert await compared(api) == []
