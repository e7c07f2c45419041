"""Asking and reporting as a client of Open311 does, in JSON and in XML."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import httpx

from api_tests.client import Client, done
from api_tests.district import Json

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
