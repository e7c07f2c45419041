"""What is said, and what is refused, is the same in JSON and in XML, in English and in Chinese."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import pytest

from api_tests.client import Client, done
from api_tests.district import Json
from api_tests.open311.speaking import HERE, PERSON, ROOT, as_json, get, items, post, reported, wrong
from api_tests.operations import OPEN311


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


@pytest.mark.parametrize("query", ["?q=%00", f"?{'a&' * 100}"])
async def test_an_address_that_cannot_be_read_is_refused_in_both_formats(standing_api: Client, query: str) -> None:
    for form in ("json", "xml"):
        wrong(await standing_api.get(f"{ROOT}/discovery.{form}{query}"), 400)


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
