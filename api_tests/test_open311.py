"""Open311 as its clients speak it: GeoReport v2 and service request updates, over the same cases, commands and rights."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import httpx
import pytest

from api_tests.client import Client, done, new_key
from api_tests.district import DONE, Json
from api_tests.operations import OPEN311
from service.front.desk import Desk
from service.open311 import looking
from service.open311.shapes import Update

ROOT = "/open311/v2"
HERE = {"lat": "32.68", "long": "109.03"}
PERSON = {"first_name": "Ming", "last_name": "Canary", "phone": "13900001234", "email": "ming@canary.example"}


async def get(api: Client, path: str, by: str | None = "citizen:1", **asked: str) -> httpx.Response:
    headers = {"Authorization": f"Bearer dev:{by}"} if by else {}
    return await api.http.get(f"{ROOT}/{path}", params=asked, headers=headers)


async def post(api: Client, path: str, by: str | None = "citizen:1", key: str = "", **told: str) -> httpx.Response:
    """A form, as GeoReport sends it; what stands in brackets there is `attribute_` here."""
    fields = {f"attribute[{name[10:]}]" if name.startswith("attribute_") else name: v for name, v in told.items()}
    headers = {"Idempotency-Key": key} if key else {}
    sent = {"api_key": f"dev:{by}", **fields} if by else fields
    return await api.http.post(f"{ROOT}/{path}", data=sent, headers=headers)


async def reported(api: Client, by: str = "citizen:1", **told: str) -> str:
    answer = await post(api, "requests.json", by, **{"service_code": "request", **HERE, **told})
    [received] = items(answer)
    await api.get("/v1/cases?limit=1", sanji_min_position=answer.headers["sanji-position"])
    return str(received["service_request_id"])


def items(answer: httpx.Response) -> list[Json]:
    """The things of a list that must have been granted."""
    found: Any = done(answer)
    assert isinstance(found, list)
    return found


def wrong(answer: httpx.Response, status: int) -> list[str]:
    """What a refusal says: a list of codes and descriptions, in the format that was asked for."""
    if ".xml" in answer.request.url.path:
        assert answer.headers["content-type"] == "text/xml; charset=utf-8"
        root = ElementTree.fromstring(answer.content)
        assert root.tag == "errors"
        said = [(int(one.findtext("code", "")), one.findtext("description", "")) for one in root.findall("error")]
    else:
        assert answer.headers["content-type"] == "application/json; charset=utf-8"
        said = [(one["code"], one["description"]) for one in answer.json()]
    assert answer.status_code == status, answer.text
    assert said
    assert all(code == status and description for code, description in said)
    return [description for _, description in said]


def as_json(element: ElementTree.Element) -> Any:
    """XML read by the Spark convention: a container of one kind of thing is a list of them."""
    if not len(element):
        return element.text
    if len({child.tag for child in element}) == 1:
        return [as_json(child) for child in element]
    return {child.tag: as_json(child) for child in element}


def plain(told: Any) -> Any:
    """What JSON says, in the texts of XML; a list of none and nothing look alike there."""
    match told:
        case dict():
            return {name: plain(value) for name, value in told.items()}
        case list():
            return [plain(one) for one in told] or None
        case bool():
            return str(told).lower()
        case None | "":
            return None
        case _:
            return str(told)


async def test_both_formats_say_the_same(standing_api: Client) -> None:
    id = await reported(standing_api, address_id="V0101", description="Broken\nsince <Monday> & Tuesday")
    roots = {
        "discovery": "discovery",
        "services": "services",
        "services/request": "service_definition",
        "requests": "service_requests",
        f"requests/{id}": "service_requests",
        "servicerequestupdates": "service_request_updates",
    }
    for path, root in roots.items():
        told, written = await get(standing_api, f"{path}.json"), await get(standing_api, f"{path}.xml")
        assert told.headers["content-type"] == "application/json; charset=utf-8"
        assert written.headers["content-type"] == "text/xml; charset=utf-8"
        read = ElementTree.fromstring(written.content)
        assert (read.tag, as_json(read)) == (root, plain(done(told))), path


async def test_what_can_be_reported_anybody_may_read(standing_api: Client) -> None:
    found = done(await get(standing_api, "discovery.json", None))
    [endpoint] = found["endpoints"]
    assert endpoint["url"] == f"http://sanji{ROOT}"
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


async def status(api: Client, id: str) -> tuple[str, str, str | None]:
    [request] = items(await get(api, f"requests/{id}.json"))
    return request["status"], request["status_notes"], request["agency_responsible"]


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


async def test_a_service_asked_for_twice_is_answered_once(api: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looking, "MOST", 2)
    here = {await reported(api), await reported(api)}
    found = items(await get(api, "requests.json", service_code="request,request"))
    assert {one["service_request_id"] for one in found} == here


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


@pytest.mark.parametrize(
    ("told", "status"),
    [
        ({}, 400),
        ({"service_code": "request"}, 400),
        ({"service_code": "request", "lat": "32.6"}, 400),
        ({"service_code": "request", "lat": "Zq7", "long": "109"}, 400),
        ({"service_code": "request", "lat": "91", "long": "109"}, 400),
        ({"service_code": "Zq7", **HERE}, 404),
        ({"service_code": "request", "address_id": "Zq7"}, 400),
        ({"service_code": "request", **HERE, "description": "x" * 4001}, 400),
        ({"service_code": "request", **HERE, "description": "x" * 70_000}, 400),
        ({"service_code": "request", **HERE, "description": "Zq7\0"}, 400),
        ({"service_code": "request", **HERE, "attribute[confidentiality]": "anonymous", **PERSON}, 400),
        ({"service_code": "request", **HERE, "attribute[confidentiality]": "Zq7"}, 400),
    ],
)
async def test_what_is_no_report_is_refused_in_both_formats_without_an_echo(
    standing_api: Client, told: dict[str, str], status: int
) -> None:
    for form in ("json", "xml"):
        answer = await post(standing_api, f"requests.{form}", **told)
        wrong(answer, status)
        assert "Zq7" not in answer.text


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


async def test_what_xml_cannot_hold_is_left_out_of_it(standing_api: Client) -> None:
    body: Json = {"title": 'A\x0bB <c> & "d" ]]>', "kind": "request", "description": "\x1b[1m\ufffe 井边"}
    case = done(await standing_api.post("/v1/cases", body, by="citizen:1"), 201)
    answer = await get(standing_api, f"requests/{case['id']}.xml")
    [request] = as_json(ElementTree.fromstring(answer.content))
    assert request["description"] == 'AB <c> & "d" ]]>\n[1m 井边'


async def test_it_speaks_chinese_to_whoever_asks_for_it(standing_api: Client) -> None:
    chinese = {"Accept-Language": "zh-CN"}
    services = items(await standing_api.http.get(f"{ROOT}/services.json", headers=chinese))
    assert "群众诉求" in {one["service_name"] for one in services}
    refusal = await standing_api.http.get(f"{ROOT}/requests.json", headers=chinese)
    assert wrong(refusal, 403) != wrong(await get(standing_api, "requests.json", None), 403)
    told = {"api_key": "dev:citizen:1", "service_code": "request", "last_name": "张", "first_name": "明", **HERE}
    [received] = items(await standing_api.http.post(f"{ROOT}/requests.json", data=told, headers=chinese))
    assert received["service_notice"].startswith("凭查询码")
    id = received["service_request_id"]
    named = await standing_api.post(f"/v1/cases/{id}/disclose-identity", {"purpose": "回访"}, by="follow-up")
    assert done(named)["name"] == "张明"


def test_every_operation_of_it_is_described() -> None:
    assert {f"{one.method} {one.path.removeprefix(ROOT)}" for one in OPEN311} == {
        "GET /discovery.{format}",
        "GET /services.{format}",
        "GET /services/{service_code}.{format}",
        "POST /requests.{format}",
        "GET /requests.{format}",
        "GET /requests/{service_request_id}.{format}",
        "GET /servicerequestupdates.{format}",
        "POST /servicerequestupdates.{format}",
    }
