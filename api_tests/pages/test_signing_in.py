"""Who is signed in stays so in his own browser alone: nobody else's script, form or address gets anywhere."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from api_tests.client import Client, new_key
from api_tests.pages.reading import PAGES, page, signed_in
from service.web import session


@pytest.fixture
def api(standing_api: Client) -> Client:
    """Whoever signs in here changes nothing that others see."""
    return standing_api


async def test_whoever_is_not_known_is_asked_who_he_is_and_comes_back(api: Client) -> None:
    for path in PAGES:
        answer = await api.http.get(path)
        assert (answer.status_code, answer.headers["location"]) == (303, f"/sign-in?next={path}")
        assert "密钥" in await page(api, answer.headers["location"])


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "http://elsewhere.example"},
        {"Origin": "http://["},
        {},
    ],
)
async def test_another_sites_page_can_ask_nothing_in_the_readers_name(browser: Client, headers: dict[str, str]) -> None:
    sent = {"Idempotency-Key": new_key(), **headers}
    body = {"title": "Forged", "kind": "request"}
    assert (await browser.http.post("/v1/cases", json=body, headers=sent)).status_code == 401
    own = {**sent, "Sec-Fetch-Site": "same-origin"}
    assert (await browser.http.post("/v1/cases", json=body, headers=own)).status_code == 201


async def test_a_session_ends_when_one_signs_out_or_the_cookie_is_touched(browser: Client) -> None:
    await page(browser, "/queue")
    [kept] = [cookie for cookie in browser.http.cookies.jar if cookie.name == "sanji_session"]
    assert kept.value
    for changed in (kept.value[:-4] + "AAA=", kept.value[4:], "x", ""):
        browser.http.cookies.clear()
        answer = await browser.http.get("/queue", headers={"Cookie": f"sanji_session={changed}"})
        assert answer.status_code == 303, changed
    await signed_in(browser, "head:T01")
    await browser.http.post("/sign-out", headers={"Sec-Fetch-Site": "cross-site"})
    await page(browser, "/queue")
    await browser.http.post("/sign-out", headers={"Sec-Fetch-Site": "same-origin"})
    assert (await browser.http.get("/queue")).status_code == 303


@pytest.mark.parametrize(("lasts", "status"), [(session.LASTS, 200), (timedelta(), 303)])
async def test_a_session_ends_by_itself_for_whoever_kept_its_cookie_longer(
    api: Client, monkeypatch: pytest.MonkeyPatch, lasts: timedelta, status: int
) -> None:
    monkeypatch.setattr(session, "LASTS", lasts)
    answer = await api.http.post("/sign-in", data={"key": "dev:head:T01"}, headers={"Sec-Fetch-Site": "same-origin"})
    [kept] = re.findall(r"sanji_session=([^;]+)", answer.headers["set-cookie"])
    api.http.cookies.clear()
    assert (await api.http.get("/queue", headers={"Cookie": f"sanji_session={kept}"})).status_code == status


async def test_over_https_no_sibling_of_the_host_plants_a_session(api: Client) -> None:
    home, form, own = "https://localhost", {"key": "dev:head:T01"}, {"Sec-Fetch-Site": "same-origin"}
    answer = await api.http.post(f"{home}/sign-in", data=form, headers=own)
    name, _, rest = answer.headers["set-cookie"].partition("=")
    assert name == "__Host-sanji_session"
    said = [one.strip().lower() for one in rest.split(";")]
    assert {"secure", "path=/", "httponly", "samesite=strict"} <= set(said)
    assert not any(one.startswith("domain") for one in said)
    api.http.cookies.clear()
    kept = rest.partition(";")[0]
    for called, status in ((name, 200), ("sanji_session", 303)):
        assert (await api.http.get(f"{home}/queue", headers={"Cookie": f"{called}={kept}"})).status_code == status
    ended = (await api.http.post(f"{home}/sign-out", headers=own)).headers["set-cookie"].lower()
    assert ended.startswith(f'{name.lower()}=""; ')
    assert "secure" in ended, "a browser heeds no other for this name"


@pytest.mark.parametrize("other", ['seen={"page": 1}', "seen", "a,b=1", "path=x"])
async def test_a_session_stands_beside_whatever_cookies_others_have_left(browser: Client, other: str) -> None:
    [kept] = [cookie for cookie in browser.http.cookies.jar if cookie.name == "sanji_session"]
    browser.http.cookies.clear()
    answer = await browser.http.get("/queue", headers={"Cookie": f"{other}; sanji_session={kept.value}"})
    assert answer.status_code == 200


@pytest.mark.parametrize("next", ["//elsewhere.example", "https://elsewhere.example", "/\\elsewhere.example"])
async def test_signing_in_never_leads_elsewhere(api: Client, next: str) -> None:
    form = {"key": "dev:head:T01", "next": next}
    answer = await api.http.post("/sign-in", data=form, headers={"Sec-Fetch-Site": "same-origin"})
    assert answer.headers["location"] == "/"


async def test_a_wrong_key_is_refused_in_words(api: Client) -> None:
    answer = await api.http.post("/sign-in", data={"key": "wrong"}, headers={"Sec-Fetch-Site": "same-origin"})
    assert answer.status_code == 401
    assert 'role="alert"' in answer.text
    assert "set-cookie" not in answer.headers
