"""The worked cases, played through the API: every segment, clock and figure comes out to the minute.

What officials and citizens did is sent; what the system did must have happened by itself.
"""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from api_tests.client import Client, done, refused
from api_tests.databases import Databases
from api_tests.district import Json, instant, organisation

pytestmark = pytest.mark.both

WORKED = json.loads(Path(__file__).with_name("worked_cases.json").read_text("utf-8"))
AUDITOR = "auditor:A1"
REFUSALS = {"conflict_of_interest": 409, "not_found": 404}


@pytest.fixture
def database_url(databases: Databases) -> str:
    """These cases have an organisation of their own."""
    return databases.empty()


@pytest.mark.parametrize("worked", WORKED["cases"], ids=lambda worked: str(worked["id"]))
async def test_a_worked_case_agrees_to_the_minute(worked: Json, api: Client) -> None:
    steps, expected = worked["steps"], worked["expected"]
    await api.set_clock("2025-01-02 09:00")
    done(await api.send("PUT", "/v1/org", by="admin", body=organisation(WORKED["units"], WORKED["posts"])))
    made: dict[str, str] = {}
    for step in steps:
        await api.set_clock(step["at"])
        await take(api, step, made)
    afterwards = instant(steps[-1]["at"]) + timedelta(days=60)
    await api.set_clock(afterwards.isoformat())

    cases = {label: done(await api.get(f"/v1/cases/{id}", AUDITOR)) for label, id in made.items()}
    assert {label: case["status"] for label, case in cases.items()} == expected["statuses"]
    case = cases["A"]
    assert of(case, expected["figures"]) == readable(expected["figures"])
    assert len(case["segments"]) == len(expected["segments"])
    for segment, told in zip(case["segments"], expected["segments"], strict=True):
        assert of(segment, told) == readable(told)
    for told in expected["clocks"]:
        assert readable(told) in [of(clock, told) for clock in case["clocks"]]
    for by in expected.get("invisible_to", ()):
        refused(await api.get(f"/v1/cases/{made['A']}", by), 404, "not_found")
        assert done(await api.get("/v1/cases?limit=200", by))["items"] == []
    await replayed(api, made["A"], expected["history"])


async def take(api: Client, step: Json, made: dict[str, str]) -> None:
    """One step of a case. Reports make cases; in bodies, cases are named by their labels."""
    address, body = f"/v1/cases/{made.get(step['case'])}", dict(step["body"])
    if step["do"] == "report":
        made[step["case"]] = done(await api.post("/v1/cases", body, by=step["by"]), 201)["id"]
        return
    if "into" in body:
        body["into"] = made[body["into"]]
    if step["do"] == "read":
        answer = await api.get(address, step["by"])
    else:
        answer = await api.post(f"{address}/{step['do']}", body, by=step["by"])
    if "refused" in step:
        refused(answer, REFUSALS[step["refused"]], step["refused"])
    else:
        done(answer)


async def replayed(api: Client, case: str, expected: list[list[str]]) -> None:
    """The history has every event of the worked case, in order and at its instant, and every version can be seen."""
    items = done(await api.get(f"/v1/cases/{case}/history", AUDITOR))["items"]
    happened = [(instant(item["at"]), item["type"]) for item in items]
    told = iter(happened)
    missing = [event for event in expected if (instant(event[0]), event[1]) not in told]
    assert not missing, happened
    for item in items:
        assert done(await api.get(f"/v1/cases/{case}?version={item['version']}", AUDITOR))["version"] == item["version"]


def of(found: Json, expected: Json) -> Json:
    """Of what was found only the fields that the worked case tells of."""
    return readable({name: found[name] for name in expected})


def readable(fields: Json) -> Json:
    """With instants as instants."""
    return {name: instant(value) if name.endswith("_at") and value else value for name, value in fields.items()}
