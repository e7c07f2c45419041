"""Signing in by redirect: from our page to the issuer and back to where one wanted to go, and nobody in between."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from time import time
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import httpx
import pytest

from api_tests.client import Client
from api_tests.databases import Databases
from api_tests.inprocess import in_front_of, reopened
from api_tests.issuer import CLIENT, SECRET, Issuer, rsa, trusting
from service.office import Office
from service.sign_in import issuer as ours
from service.web import redirect

CLIENT_SETTINGS = {"oidc_client_id": CLIENT, "oidc_client_secret": SECRET}


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    with Issuer().at_work() as issuer:
        yield issuer


@pytest.fixture(scope="module")
def office(databases: Databases, tmp_path_factory: pytest.TempPathFactory, issuer: Issuer) -> Iterator[Office]:
    with trusting(issuer, databases.founded(), tmp_path_factory.mktemp("office"), **CLIENT_SETTINGS) as office:
        yield office


@pytest.fixture
async def browser(office: Office, issuer: Issuer) -> AsyncIterator[httpx.AsyncClient]:
    issuer.changed, issuer.signs_in = {}, "head:T01"
    async with in_front_of(reopened(office)) as client:
        yield client.http


async def over_there(browser: httpx.AsyncClient, next: str = "/queue") -> str:
    """Go to the issuer and sign in; answers the address that the browser is sent back to."""
    begun = await browser.get("/sign-in/oidc", params={"next": next})
    assert begun.status_code == 303, begun.text
    cookie = begun.headers["set-cookie"].lower()
    assert all(said in cookie for said in ("httponly", "samesite=lax", "path=/;"))
    async with httpx.AsyncClient() as elsewhere:
        answer = await elsewhere.get(begun.headers["location"])
    return str(answer.headers["location"])


def changed(address: str, **query: str) -> str:
    parts = urlsplit(address)
    return f"{parts.path}?{urlencode({**dict(parse_qsl(parts.query)), **query})}"


def refused(answer: httpx.Response, status: int = 401) -> None:
    assert answer.status_code == status, answer.text
    assert 'role="alert"' in answer.text
    assert "sanji_session" not in answer.headers.get("set-cookie", "")


async def test_one_signs_in_over_there_and_is_back_where_one_wanted_to_go(browser: httpx.AsyncClient) -> None:
    page = (await browser.get("/sign-in?next=/queue")).text
    assert 'href="/sign-in/oidc?next=/queue"' in page
    back = await browser.get(await over_there(browser))
    assert back.status_code == 200
    assert '<meta http-equiv="refresh" content="0;url=/queue">' in back.text
    [session] = [one for one in back.headers.get_list("set-cookie") if one.startswith("sanji_session=")]
    assert all(said in session.lower() for said in ("httponly", "samesite=strict"))
    assert (await browser.get("/queue")).status_code == 200
    assert (await browser.get("/v1/me")).json()["id"] == "head:T01"
    forged = {"title": "Forged", "kind": "request"}
    answer = await browser.post("/v1/cases", json=forged, headers={"Idempotency-Key": "forged"})
    assert answer.status_code == 401
    await browser.post("/sign-out", headers={"Sec-Fetch-Site": "same-origin"})
    assert (await browser.get("/queue")).status_code == 303


async def test_what_is_asked_over_there_shows_nothing_of_what_is_kept_here(browser: httpx.AsyncClient) -> None:
    begun = await browser.get("/sign-in/oidc")
    asked = parse_qs(urlsplit(begun.headers["location"]).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert (asked["response_type"], asked["scope"], asked["client_id"]) == (["code"], ["openid"], [CLIENT])
    again = parse_qs(urlsplit((await browser.get("/sign-in/oidc")).headers["location"]).query)
    for name in ("state", "nonce", "code_challenge"):
        assert asked[name] != again[name]
        assert asked[name][0] not in begun.headers["set-cookie"]


async def test_a_way_back_works_once_and_only_for_who_went(browser: httpx.AsyncClient) -> None:
    address = await over_there(browser)
    kept = dict(browser.cookies)
    for other in (changed(address, state="other"), changed(address, state=""), changed(address, code="")):
        browser.cookies.update(kept)
        refused(await browser.get(other))
    browser.cookies.clear()
    refused(await browser.get(address))
    browser.cookies.update(kept)
    assert (await browser.get(address)).status_code == 200
    browser.cookies.clear()
    browser.cookies.update(kept)
    refused(await browser.get(address))
    await over_there(browser)
    refused(await browser.get(address))


async def test_over_https_no_sibling_of_the_host_plants_a_sign_in_of_its_own(browser: httpx.AsyncClient) -> None:
    """Who was sent back with it would go on, unnoticed, as the one who planted it."""
    browser.base_url = httpx.URL("https://localhost")
    address = await over_there(browser)
    [(name, kept)] = browser.cookies.items()
    browser.cookies.clear()
    assert name == "__Host-sanji_signing_in"
    refused(await browser.get(address, headers={"Cookie": f"sanji_signing_in={kept}"}))
    done = await browser.get(address, headers={"Cookie": f"{name}={kept}"})
    assert done.status_code == 200
    assert any(one.startswith(f'{name}=""') and "Secure" in one for one in done.headers.get_list("set-cookie"))


async def test_a_cookie_of_another_kind_or_touched_is_no_way_back(browser: httpx.AsyncClient) -> None:
    await browser.get(await over_there(browser))
    session = browser.cookies["sanji_session"]
    address = await over_there(browser)
    kept = browser.cookies["sanji_signing_in"]
    for cookie in (session, kept[:-4] + "AAA=", "x", ""):
        refused(await browser.get(address, headers={"Cookie": f"sanji_signing_in={cookie}"}))
    for cookie in (kept, session):
        for bearer in (f"vouched.{cookie}", cookie):
            answer = await browser.get("/v1/me", headers={"Authorization": f"Bearer {bearer}", "Cookie": ""})
            assert answer.status_code == 401


async def test_our_word_for_who_was_signed_in_ends(browser: httpx.AsyncClient, office: Office) -> None:
    for ends, status in ((time() + 60, 200), (time(), 401)):
        bearer = office.identity.vouch("head:T01", int(ends))
        assert (await browser.get("/v1/me", headers={"Authorization": f"Bearer {bearer}"})).status_code == status


WRONG: dict[str, dict[str, Any]] = {
    "for another sign-in": {"nonce": "other"},
    "without a word of which": {"nonce": None},
    "for another client": {"aud": "sanji-api"},
    "asked for by another client": {"aud": [CLIENT, "other"], "azp": "other"},
    "expired": {"exp": 1},
    "for nobody we know": {"sub": "nobody"},
    "signed by a stranger": {"key": rsa("stranger")},
    "signed by a stranger under a known name": {"key": rsa("first")},
}


@pytest.mark.parametrize("said", WRONG.values(), ids=WRONG.keys())
async def test_a_token_that_is_not_for_this_sign_in_begins_no_session(
    browser: httpx.AsyncClient, issuer: Issuer, said: dict[str, Any]
) -> None:
    issuer.changed = said
    refused(await browser.get(await over_there(browser)))
    assert (await browser.get("/queue")).status_code == 303


async def test_it_takes_no_longer_than_it_may(browser: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redirect, "LASTS", 0)
    begun = await browser.get("/sign-in/oidc")
    async with httpx.AsyncClient() as elsewhere:
        back = (await elsewhere.get(begun.headers["location"])).headers["location"]
    kept = re.findall(r"sanji_signing_in=([^;]+)", begun.headers["set-cookie"])[0]
    refused(await browser.get(back, headers={"Cookie": f"sanji_signing_in={kept}"}))


@pytest.mark.parametrize(
    "next",
    ["//elsewhere.example", "https://elsewhere.example", "/\\elsewhere.example", "/\t/elsewhere.example"],
)
async def test_it_never_leads_elsewhere(browser: httpx.AsyncClient, next: str) -> None:
    back = await browser.get(await over_there(browser, next))
    assert 'content="0;url=/"' in back.text


async def test_while_the_issuer_is_down_the_page_says_so(
    browser: httpx.AsyncClient, office: Office, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = await over_there(browser)
    monkeypatch.setattr(issuer, "down", True)
    refused(await browser.get(address), 503)
    trusted = office.identity.issuer
    assert trusted is not None
    monkeypatch.setattr(trusted, "_published", None)
    monkeypatch.setattr(ours, "FLOOR", 0.0)
    refused(await browser.get("/sign-in/oidc"), 503)


async def test_without_an_issuer_there_is_no_button_and_no_way(standing_api: Client) -> None:
    assert "/sign-in/oidc" not in (await standing_api.http.get("/sign-in")).text
    for path in ("/sign-in/oidc", "/sign-in/oidc/back?code=x&state=x"):
        assert (await standing_api.http.get(path)).status_code == 404
