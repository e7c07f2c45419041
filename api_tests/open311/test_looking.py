"""Who looks for requests finds those that he asked for and may see."""

from __future__ import annotations

from typing import Any

import pytest

from api_tests.client import Client, done
from api_tests.open311.speaking import HERE, PERSON, ROOT, get, items, post, reported, wrong
from service.http.desk import Desk
from service.open311 import looking
from service.open311.shapes import Update


async def test_in_what_came_of_nothing_no_case_is_looked_through(api: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[str] = []

    async def look(_desk: Desk, ids: list[str], *_: object) -> list[Update]:
        looked.extend(ids)
        return []

    monkeypatch.setattr(looking, "followed", look)
    id = await reported(api)
    for start, among in (("2024-12-01T00:00:00Z", []), ("2025-03-01T00:00:00Z", [id])):
        assert items(await get(api, "servicerequestupdates.json", start_date=start)) == []
        assert looked == among


async def test_requests_are_filtered_as_the_standard_says(api: Client) -> None:
    await api.set_clock("2025-03-03 09:00")
    pipe, idea = await reported(api), await reported(api, service_code="suggestion")
    await api.set_clock("2025-03-04 09:00")
    later = await reported(api, service_code="inquiry")
    await api.post(f"/v1/cases/{idea}/decline", {"reason": "no_concrete_demand"}, by="dispatcher")
    last = await api.post("/v1/cases", {"title": "x", "kind": "request"}, by="citizen:2")

    async def ids(**asked: str) -> list[str]:
        signed = {"Authorization": "Bearer dev:citizen:1", "Sanji-Min-Position": last.headers["sanji-position"]}
        answer = await api.http.get(f"{ROOT}/requests.json", params=asked, headers=signed)
        return [one["service_request_id"] for one in items(answer)]

    assert await ids() == [later, *sorted((pipe, idea), reverse=True)]
    assert await ids(service_code="inquiry,suggestion", jurisdiction_id="any") == [later, idea]
    assert await ids(status="closed") == [idea]
    assert set(await ids(status="open")) == {pipe, later}
    assert set(await ids(status="open,closed", start_date="")) == {pipe, idea, later}
    assert await ids(start_date="2025-03-04T09:00:00+08:00") == [later]
    assert set(await ids(end_date="2025-03-03T09:00:00+08:00")) == {pipe, idea}
    assert await ids(service_request_id=f"{pipe}, no-such,{done(last, 201)['id']}", status="closed") == [pipe]


async def test_each_key_sees_what_it_sees_of_cases_and_no_more(standing_api: Client) -> None:
    api = standing_api
    mine = await reported(api, "citizen:mine", **PERSON)
    hidden = await reported(api, "citizen:mine", attribute_confidentiality="identity_hidden")
    nameless = await reported(api, "citizen:mine", attribute_confidentiality="anonymous")
    sealed = await reported(api, "cadre:V0101", service_code="accusation", address_id="V0101", **PERSON)
    seen = {"citizen:mine": {mine, hidden}, "citizen:other": set[str](), "cadre:V0101": set[str]()}
    for by, visible in seen.items():
        listed = {one["service_request_id"] for one in items(await get(api, "requests.json", by))}
        assert listed & {mine, hidden, nameless, sealed} == visible
        for id in (mine, hidden, nameless, sealed):
            answer = await get(api, f"requests/{id}.json", by)
            if id not in visible:
                assert wrong(answer, 404) == wrong(await get(api, "requests/no-such.json", by), 404)
            note = {"service_request_id": id, "update_id": "1", "description": "Still"}
            assert (await post(api, "servicerequestupdates.json", by, **note)).status_code == (
                200 if id in visible else 404
            )
            updates = items(await get(api, "servicerequestupdates.json", by, service_request_id=id))
            assert bool(updates) is (id in visible)
    for by in ("auditor", "dispatcher", "officer:D-MASSWORK", "citizen:mine"):
        for path in (
            "requests",
            "servicerequestupdates",
            *(f"requests/{id}" for id in (mine, hidden, nameless, sealed)),
        ):
            text = (await get(api, f"{path}.xml", by)).text
            assert "Canary" not in text
            assert "13900001234" not in text
            assert "citizen:" not in text
    purpose = {"purpose": "to call back"}
    told = done(await api.post(f"/v1/cases/{mine}/disclose-identity", purpose, by="follow-up"))
    assert (told["name"], told["phone"]) == ("Ming Canary", "13900001234")
    assert "ming@canary.example" in told["note"]
    log = done(await api.get("/v1/access-log?limit=200"))["items"]
    assert {"auditor", "citizen:other"} <= {one["by"] for one in log if one["subject"] == mine}


async def test_without_a_key_there_are_no_cases(standing_api: Client) -> None:
    for path in ("requests", "requests/no-such", "servicerequestupdates"):
        for form in ("json", "xml"):
            wrong(await get(standing_api, f"{path}.{form}", None), 403)
            wrong(await get(standing_api, f"{path}.{form}", "nobody"), 403)
    wrong(await post(standing_api, "requests.xml", None, service_code="request", **HERE), 403)
    assert (await get(standing_api, "requests.json", None, api_key="dev:citizen:1")).status_code == 200


async def test_questions_and_forms_that_make_no_sense_are_refused(standing_api: Client) -> None:
    api = standing_api
    for asked in (
        {"start_date": "2025-01-01"},
        {"start_date": "2025-01-01T00:00:00Z", "end_date": "2025-04-02T00:00:00Z"},
        {"status": "Zq7"},
        {"stauts": "open"},
        {"service_request_id": ",".join(map(str, range(51)))},
    ):
        assert "Zq7" not in " ".join(wrong(await get(api, "requests.xml", **asked), 400))
    wrong(await get(api, "requests.json", service_code="no-such"), 404)
    wrong(await get(api, "requests.html"), 400)
    sent: list[dict[str, Any]] = [
        {"json": {"service_code": "request"}},
        {"content": b"service_code=%ff", "headers": {"Content-Type": "application/x-www-form-urlencoded"}},
        {"content": b"lat=1&lat=2", "headers": {"Content-Type": "application/x-www-form-urlencoded"}},
    ]
    for one in sent:
        wrong(await api.http.post(f"{ROOT}/requests.json", params={"api_key": "dev:citizen:1"}, **one), 400)
