"""The overview: every number leads to the list of what it counts, now and as it stood, of the district and of a town."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from html import unescape

import pytest
import pytest_asyncio
from fastapi import FastAPI
from starlette.types import Message

from api_tests.client import Client, done
from api_tests.district import DONE
from api_tests.inprocess import in_front_of
from api_tests.pages.reading import page, signed_in

UP = {"ground": "beyond_means", "tried": ["all"]}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def lived_in_app(standing_app: FastAPI) -> FastAPI:
    async with in_front_of(standing_app) as api:
        await live(api)
    return standing_app


@pytest.fixture
async def lived_in(lived_in_app: FastAPI) -> AsyncIterator[Client]:
    """A client of a district in which all has happened that will: the tests only look."""
    async with in_front_of(lived_in_app) as api:
        yield api


async def live(api: Client) -> None:
    """Something of everything: new, old, late, moved up and down, solved."""
    await api.set_clock("2025-03-03 09:00")
    cases = [
        await api.report(by="citizen:1", village=village, title=f"Matter {number}", grade=grade)
        for number, (village, grade) in enumerate(
            [("V0101", "III"), ("V0101", "II"), ("V0102", "III"), ("V0201", "III"), (None, "III"), ("V0102", "III")]
        )
    ]
    for case, unit in zip(cases[:4], ("T01", "V0101", "T01-LAND", "T02"), strict=True):
        clerk = "clerk:T02" if unit == "T02" else "clerk:T01"
        await api.ask(case, "accept", by=clerk)
        await api.ask(case, "assign", by=clerk, unit=unit)
    await api.set_clock("2025-03-05 10:00")
    await api.ask(cases[0], "escalate", by="head:T01", **UP)
    await api.ask(cases[1], "contact", by="head:V0101", outcome="reached")
    await api.ask(cases[1], "resolve", by="head:V0101", **DONE)
    await api.set_clock("2025-03-20 10:00")
    await api.report(by="citizen:2", village="V0101", title="Today's")


LEADS = re.compile(r'<a\b[^>]*?href="(/cases\?[^"]+)"([^>]*)>(.*?)</a>', re.DOTALL)


def numbers(drawn: str) -> list[tuple[str, int]]:
    """Each number that leads to a list, with where it leads; ages and typical times are no counts."""
    found = []
    for href, more, inside in LEADS.findall(drawn):
        label = re.search(r'aria-label="[^"]*: (\d+)"', more)
        said = re.sub(r"<[^>]+>", " ", inside).split()
        count = label[1] if label else next((word for word in said if word.isdigit()), None)
        if count is not None and "天" not in inside and "heat" not in inside and not (label is None and len(said) > 2):
            found.append((unescape(href), int(count)))
    return found


@pytest.mark.parametrize(
    ("who", "address"),
    [
        ("auditor", "/"),
        ("head:T01", "/"),
        ("auditor", "/?unit=T01&at=2025-03-06T00:00"),
    ],
)
async def test_a_number_is_as_high_as_its_list_is_long(lived_in: Client, who: str, address: str) -> None:
    await signed_in(lived_in, who)
    drawn, _, heated = (await page(lived_in, address)).partition('class="key"')
    counted = numbers(drawn)
    assert len(counted) > 15
    assert sum(n for _, n in counted) > 15
    for href, n in counted:
        listed = await page(lived_in, href)
        assert listed.count('<a href="/cases/') == n, href
    for href, _, _ in LEADS.findall(heated.partition("</table>")[0]):
        assert '<a href="/cases/' in await page(lived_in, unescape(href))


async def test_a_town_s_overview_tells_of_nothing_but_the_town(lived_in: Client) -> None:
    await signed_in(lived_in, "auditor")
    whole, town = await page(lived_in, "/"), await page(lived_in, "/?unit=T02")
    assert "Matter 0" in whole
    assert "Matter 0" not in town
    assert 'href="/?unit=T01"' not in town
    assert all("under=T02" in href for href, _, _ in LEADS.findall(town))
    times = done(await lived_in.get("/v1/response-times?unit=T02&group_by=town_week"))["items"]
    assert {one["group"].partition(":")[0] for one in times} == {"T02"}


async def test_the_past_is_marked_as_such_and_stays_so_when_one_follows_its_numbers(lived_in: Client) -> None:
    await signed_in(lived_in, "auditor")
    drawn = await page(lived_in, "/?at=2025-03-06T00:00")
    assert "截至" in drawn
    assert "Today&#39;s" not in drawn
    for href, _, _ in LEADS.findall(drawn):
        assert "at=2025-03-06T00%3A00" in href
        assert "截至" in await page(lived_in, unescape(href))
    assert "截至" not in await page(lived_in, "/")


async def test_what_went_wrong_is_told_on_a_page(api: Client) -> None:
    await signed_in(api, "auditor")
    wrong = {"/?at=nonsense": 422, "/?at=2199-01-01": 422, "/nowhere": 404, "/cases/x/replay?version=x": 422}
    for path, status in wrong.items():
        answer = await api.http.get(path, headers={"Accept": "text/html,*/*", "Accept-Language": "zh"})
        assert (answer.status_code, answer.headers["content-type"]) == (status, "text/html; charset=utf-8")
        assert "返回首页" in answer.text
        assert '<html lang="zh-CN">' in answer.text
    for path in ("/nowhere", "/cases/x/replay?version=x", "/v1/nowhere"):
        told = await api.http.get(path, headers={"Accept": "text/html" if "v1" in path else "*/*"})
        assert told.headers["content-type"] == "application/problem+json"


async def test_its_head_goes_out_before_anything_is_asked_and_the_tiles_before_the_charts(
    standing_app: FastAPI,
) -> None:
    sent: list[str] = []

    async def hear(message: Message) -> None:
        sent.append(message.get("body", b"").decode())

    async def nothing_to_send() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    headers = [(b"host", b"localhost"), (b"authorization", b"Bearer dev:auditor"), (b"accept", b"text/html")]
    scope = {"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": headers}
    known = {
        "http_version": "1.1",
        "scheme": "http",
        "server": ("sanji", 80),
        "client": ("::1", 1),
        "asgi": {"spec_version": "2.4"},
    }
    await standing_app({**scope, **known, "raw_path": b"/", "root_path": ""}, nothing_to_send, hear)
    head, tiles, charts, weeks = [part for part in sent if part]
    assert "sanji.css" in head
    assert "bank-village" in tiles
    assert "<svg" in charts
    assert weeks.rstrip().endswith("</html>")
