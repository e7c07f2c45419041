"""What may be reported, and what becomes of it: a case like any other, once."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from api_tests.client import Client, done, new_key
from api_tests.district import DONE
from api_tests.open311.speaking import HERE, PERSON, ROOT, as_json, get, items, post, reported, wrong
from service.open311 import looking


async def test_what_can_be_reported_anybody_may_read(standing_api: Client) -> None:
    found = done(await get(standing_api, "discovery.json", None))
    [endpoint] = found["endpoints"]
    assert endpoint["url"] == f"http://localhost{ROOT}"
    assert endpoint["specification"] == "http://wiki.open311.org/GeoReport_v2"
    assert (endpoint["type"], endpoint["formats"]) == ("test", ["text/xml", "application/json"])
    services = items(await get(standing_api, "services.json", None, jurisdiction_id="hanbin"))
    assert {one["service_code"] for one in services} >= {"request", "petition", "accusation"}
    assert all(one["type"] == "realtime" and one["metadata"] is True for one in services)
    for one in services:
        told = done(await get(standing_api, f"services/{one['service_code']}.json", None))
        [villages] = [attribute for attribute in told["attributes"] if attribute["code"] == "village"]
        assert {"key": "V0101", "name": "V0101, T01, D"} in villages["values"]
    wrong(await get(standing_api, "services/no-such.xml", None), 404)


async def test_a_report_becomes_a_case_and_is_followed_to_its_end(api: Client) -> None:
    await api.set_clock("2025-03-03 09:00")
    told = {"service_code": "request", **HERE, "address_string": "By the well", "media_url": "https://x.example/1.jpg"}
    answer = await post(
        api, "requests.xml", **told, **PERSON, description="The pipe is broken\nIt leaks.", attribute_village="V0101"
    )
    assert answer.status_code == 200, answer.text
    [received] = as_json(ElementTree.fromstring(answer.content))
    id, code = received["service_request_id"], received["service_notice"].rpartition(" ")[2]
    assert done(await api.send("GET", f"/v1/track/{code}", by=None))["status"] == "reported"
    case = await api.case({"id": id})
    assert (case["title"], case["kind"], case["village"]) == ("The pipe is broken", "request", "V0101")
    assert case["description"].splitlines() == ["The pipe is broken", "It leaks.", "By the well", told["media_url"]]
    assert case["location"] == {"lon": 109.03, "lat": 32.68}
    [first] = await api.history({"id": id})
    assert first["data"]["channel"] == "web"

    assert await status(api, id) == ("open", "received", None)
    await api.set_clock("2025-03-03 10:00")
    await api.ask(case, "accept", by="clerk:T01")
    await api.ask(case, "assign", by="clerk:T01", unit="T01")
    assert await status(api, id) == ("open", "with the unit that solves it", "T01")
    await api.set_clock("2025-03-03 11:00")
    await api.ask(case, "resolve", by="head:T01", **DONE)
    assert await status(api, id) == ("closed", "settled; tell us whether it is", "T01")
    [request] = items(await get(api, f"requests/{id}.json"))
    assert request["requested_datetime"] == "2025-03-03T09:00:00+08:00"
    assert request["updated_datetime"] == "2025-03-03T11:00:00+08:00"
    assert (request["lat"], request["long"], request["address"]) == (32.68, 109.03, "V0101, T01, D")

    said = items(await get(api, "servicerequestupdates.json", start_date="2025-03-03T09:30:00+08:00"))
    assert [(one["status"], one["description"], one["updated_datetime"][11:16]) for one in said] == [
        ("open", "accepted", "10:00"),
        ("open", "with the unit that solves it", "10:00"),
        ("closed", "settled; tell us whether it is", "11:00"),
    ]
    assert {one["service_request_id"] for one in said} == {id}
    until = {"start_date": "2025-03-03T09:30:00+08:00", "end_date": "2025-03-03T10:00:00+08:00"}
    assert items(await get(api, "servicerequestupdates.json", service_request_id=id, **until)) == said[:2]


async def status(api: Client, id: str) -> tuple[str, str, str | None]:
    [request] = items(await get(api, f"requests/{id}.json"))
    return request["status"], request["status_notes"], request["agency_responsible"]


async def test_a_service_asked_for_twice_is_answered_once(api: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looking, "MOST", 2)
    here = {await reported(api), await reported(api)}
    found = items(await get(api, "requests.json", service_code="request,request"))
    assert {one["service_request_id"] for one in found} == here


async def test_the_key_of_an_address_is_kept_nowhere(standing_api: Client) -> None:
    done(await get(standing_api, "requests.json", None, api_key="dev:auditor", status="open"))
    log = done(await standing_api.get("/v1/access-log?limit=200"))["items"]
    [look] = [one for one in log if one["subject"] == f"{ROOT}/requests.json" and one["detail"] == "status=open"]
    assert look["by"] == "auditor"


async def test_a_retry_reports_once_where_the_client_says_that_it_is_one(standing_api: Client) -> None:
    api, told = standing_api, {"service_code": "request", "address_string": "By the well", "description": "It leaks"}
    key = new_key()
    first, again = [await post(api, "requests.json", "citizen:1", key, **told) for _ in range(2)]
    assert done(again) == done(first)
    assert again.headers["idempotency-replayed"] == "true"
    wrong(await post(api, "requests.json", "citizen:1", key, **{**told, "description": "It flows"}), 400)
    assert done(await post(api, "requests.json", **told)) != done(await post(api, "requests.json", **told))

    id = items(first)[0]["service_request_id"]
    note = {"service_request_id": id, "update_id": "7", "description": "It leaks more", "status": "OPEN"}
    keys = ("", new_key(), new_key())
    noted = [items(await post(api, "servicerequestupdates.json", "citizen:1", key, **note)) for key in keys]
    assert noted == [[{"update_id": f"{id}.2"}]] * 3, "it is known by its update_id, under whichever key"
    [_, last] = await api.history({"id": id})
    assert (last["type"], last["data"]["text"]) == ("case.noted", "It leaks more")
