"""The pages: who may see them, in which language, and that nobody else's script or form gets anywhere."""

from __future__ import annotations

import re

import pytest

from api_tests.client import Client, done
from api_tests.district import DONE, SOLVED, Json, organisation
from domain.case import COMMANDS, CaseCommand
from service.web.forms import action

PAGES = (
    *("/", "/queue", "/cases", "/report", "/more", "/reports/weekly", "/reports/monthly"),
    *("/scorecards", "/coverage", "/organisation", "/policies/hanbin-default-1", "/calendars/cn/2025"),
    *("/visits", "/programmes"),
)


@pytest.fixture
async def browser(api: Client) -> Client:
    """A reader with a cookie jar, signed in as the head of the first town."""
    await signed_in(api, "head:T01")
    return api


async def signed_in(api: Client, who: str) -> None:
    form = {"key": f"dev:{who}", "next": "/queue"}
    answer = await api.http.post("/sign-in", data=form, headers={"Sec-Fetch-Site": "same-origin"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/queue")
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert f"dev:{who}" not in cookie


async def page(browser: Client, path: str, status: int = 200) -> str:
    """A page that shows everything recorded so far."""
    last = (await browser.http.get("/readyz")).json()["position"]
    answer = await browser.http.get(path, headers={"Sanji-Min-Position": str(last)})
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["content-security-policy"].startswith("default-src 'self'")
    return answer.text


async def waiting(api: Client, **fields: object) -> Json:
    case = await api.report(by="citizen:1", village="V0101", **fields)
    await api.ask(case, "accept", by="clerk:T01")
    return await api.ask(case, "assign", by="clerk:T01", unit="T01")


@pytest.mark.parametrize("path", PAGES)
async def test_whoever_is_not_known_is_asked_who_he_is_and_comes_back(api: Client, path: str) -> None:
    answer = await api.http.get(path)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/sign-in?next={path}")
    assert "密钥" in await page(api, answer.headers["location"])


@pytest.mark.parametrize("path", PAGES)
async def test_every_page_is_drawn_in_both_languages_and_asks_nobody_else(browser: Client, path: str) -> None:
    case = await waiting(browser, title="Canary <b>well</b>")
    for address in (path, f"/cases/{case['id']}", f"/cases/{case['id']}/replay?version=2"):
        chinese, english = await page(browser, address), await page(browser, address + mark(address) + "lang=en")
        assert '<html lang="zh-CN">' in chinese
        assert '<html lang="en">' in english
        for drawn in (chinese, english):
            assert "<b>well</b>" not in drawn
            assert not re.search(r"(?:src|href|action)=\"(?:https?:)?//", drawn)
            assert not re.search(r"<script(?![^>]*src=)|\son\w+=|\sstyle=", drawn)
        browser.http.cookies.delete("sanji_language")


def mark(address: str) -> str:
    return "&" if "?" in address else "?"


async def test_the_queue_shows_what_its_route_answers(browser: Client) -> None:
    case = await waiting(browser)
    drawn = await page(browser, "/queue")
    assert f'data-case="{case["id"]}"' in drawn
    queue = (await browser.get("/v1/me/queue", "head:T01")).json()
    [item] = [one for one in queue["items"] if one["id"] == case["id"]]
    [card] = re.findall(rf'data-case="{case["id"]}".*?</li>\s*(?=<li|</ul)', drawn, re.DOTALL)
    assert set(re.findall(r'data-verb="([a-z-]+)"', card)) == set(item["next_actions"])
    for verb in item["next_actions"]:
        assert f'data-form="{verb}"' in drawn


async def test_a_page_hides_what_its_route_hides(browser: Client) -> None:
    case = await browser.report(by="citizen:1", village="V0101", kind="complaint", subjects=["head:T01"])
    missing = re.sub(r"请求编号 \w+", "", await page(browser, "/cases/nothing", 404))
    for address in (f"/cases/{case['id']}", f"/cases/{case['id']}/replay"):
        assert (
            re.sub(r"请求编号 \w+", "", await page(browser, address, 404))
            .replace(case["id"], "nothing")
            .replace("/replay", "")
            == missing
        )
    for address in ("/queue", "/cases", "/report/alike?q=pipe"):
        assert case["id"] not in await page(browser, address)


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
    sent = {"Idempotency-Key": "forged", **headers}
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


async def test_a_citizen_follows_his_report_without_signing_in(api: Client) -> None:
    case = await api.report(by="citizen:1", village="V0101", title="Canary")
    answer = await api.http.post("/track", data={"code": case["query_code"].lower()})
    drawn = await page(api, answer.headers["location"])
    assert case["number"] in drawn
    assert "Canary" not in drawn
    assert "没有与该查询码对应的事项" in await page(api, "/track/AAAA-AAAA-AAAA", 404)


async def test_what_never_changes_is_kept_by_browsers_and_what_is_not_there_is_missing(api: Client) -> None:
    [address] = re.findall(r'href="(/static/\w+/sanji\.css)"', await page(api, "/sign-in"))
    answer = await api.http.get(address)
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["content-type"] == "text/css; charset=utf-8"
    assert "immutable" not in (await api.http.get("/static/old/sanji.css")).headers["cache-control"]
    assert (await api.http.get("/static/x/../../app.py")).status_code == 404


async def test_pages_say_names_and_not_codes(browser: Client) -> None:
    case = await waiting(browser)
    await browser.ask(case, "contact", by="head:T01", outcome="reached")
    for address in (f"/cases/{case['id']}", f"/cases/{case['id']}/replay?version=3"):
        drawn = await page(browser, address)
        said = re.sub(r"<details><summary>原始记录.*?</details>|<[^>]+>", " ", drawn, flags=re.DOTALL)
        assert "citizen:1" not in said
        assert "反映人" in said


async def test_a_case_that_was_merged_leads_to_the_other_by_a_link_and_not_by_a_code(browser: Client) -> None:
    one, other = await waiting(browser), await waiting(browser)
    await browser.ask(one, "merge", by="clerk:T01", into=other["id"], basis="same_person_same_matter")
    drawn = await page(browser, f"/cases/{one['id']}")
    assert f'<a href="/cases/{other["id"]}">另一件事项</a>' in drawn
    assert "并入另一件事项" in drawn
    assert "另一件事项并入本件" in await page(browser, f"/cases/{other['id']}")


async def test_what_is_stored_is_shown_as_it_is_stored(browser: Client) -> None:
    case = await waiting(browser, title="村口水管漏水")
    drawn = await page(browser, f"/cases/{case['id']}/replay?version=1")
    assert "&#34;title&#34;: &#34;村口水管漏水&#34;" in drawn


async def test_what_follows_by_itself_is_not_laid_to_a_deadline_and_sentences_begin_as_such(browser: Client) -> None:
    case = await waiting(browser)
    await browser.ask(case, "resolve", by="head:T01", **DONE)
    await browser.ask(case, "feedback", by="follow-up", **SOLVED)
    drawn = await page(browser, f"/cases/{case['id']}?lang=en")
    assert "· the system</small><br>Closed: the reporter says it is solved." in drawn
    assert "The citizen gave feedback" in drawn


async def test_a_post_with_an_end_is_held_until_then_and_one_with_a_beginning_not_before(browser: Client) -> None:
    written = organisation()
    for official in written["officials"]:
        for post in official["posts"]:
            if official["id"] == "head:T01":
                post["to"] = "2025-03-10"
            if official["id"] == "clerk:T01":
                post["from"] = "2025-03-20"
    done(await browser.send("PUT", "/v1/org", by="admin", body=written))
    drawn = await page(browser, "/organisation/T01?lang=en")
    told = re.split(r"<h2>", drawn)
    assert [part.split(" <small>")[0] for part in told[1:]] == [
        "Who holds a post",
        "Who will hold one",
        "Who held one",
    ]
    assert "head:T01" in told[1]
    assert "clerk:T01" not in told[1]
    assert "clerk:T01" in told[2]


async def test_whoever_sits_at_the_district_tells_villages_apart_by_their_towns(api: Client) -> None:
    for who, said in (("dispatcher", ">T02 · V0201<"), ("head:T01", ">V0101<")):
        await signed_in(api, who)
        assert said in await page(api, "/report")


async def test_one_sees_as_whom_one_is_signed_in_and_what_one_may_open(api: Client) -> None:
    for who, name, may, may_not in (
        ("head:T01", "", "/queue", "/nothing"),
        ("auditor", "", "/cases", "/queue"),
        ("organiser", "", "/households", "/cases"),
        ("admin", "管理员", "/cases", "/queue"),
    ):
        await signed_in(api, who)
        drawn = await page(api, "/track")
        [menu] = re.findall(r"<nav.*?</nav>", drawn, re.DOTALL)
        assert f'href="{may}"' in menu
        assert f'href="{may_not}"' not in menu
        assert f'data-me="{who}"' in drawn
        assert name in drawn
    api.http.cookies.clear()
    [menu] = re.findall(r"<nav.*?</nav>", await page(api, "/track"), re.DOTALL)
    assert re.findall(r'href="([^"]+)"', menu) == ["/track"]


async def test_forms_ask_for_names_and_choices_where_the_command_asks_for_ids_and_seconds(browser: Client) -> None:
    case = await waiting(browser, title="Pipe")
    other = await waiting(browser, title="Pipe again")
    drawn = await page(browser, f"/cases/{case['id']}")
    forms = dict(re.findall(r'<template data-form="([a-z-]+)".*?>(.*?)</template>', drawn, re.DOTALL))
    assert 'type="file"' in forms["attach"]
    assert 'type="file"' in forms["resolve"]
    assert re.findall(r'<option value="(\d+)"', forms["claim"]) == ["3600", "14400", "86400"]
    for verb, offers in (("add-subject", "people"), ("transfer", "units"), ("link-household", "households")):
        assert f'data-kind="pick" list="offer-{offers}"' in forms[verb]
    units = await page(browser, "/choices/units")
    assert 'data-id="T01"' in units
    offered = await page(browser, f"/choices/cases?q=Pipe&case={case['id']}")
    assert f'data-id="{other["id"]}"' in offered
    assert case["id"] not in offered


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.verb)
def test_every_choice_in_a_form_has_a_word(command: type[CaseCommand]) -> None:
    for field in action(command.verb, "zh").fields:
        assert [code for code, said in field.options if said == code] == []


async def test_what_sounds_alike_in_the_village_is_shown_while_one_writes(browser: Client) -> None:
    case = await waiting(browser, title="村口水管漏水三天没人管")
    for q, village, found in (
        ("村口水管漏", "V0101", True),
        ("村口的水管漏水了没有人管", "V0101", True),
        ("村口水管漏", "V0102", False),
        ("低保申请", "V0101", False),
    ):
        assert (case["id"] in await page(browser, f"/report/alike?q={q}&village={village}")) is found, q


async def test_how_far_back_something_sounds_alike_is_said_by_the_policy(browser: Client) -> None:
    case = await waiting(browser, title="村口水管漏水三天没人管")
    await browser.set_clock("2025-03-06 09:00")
    alike = "/report/alike?q=村口水管漏&village=V0101"
    assert case["id"] in await page(browser, alike)
    policy = done(await browser.get("/v1/policies/hanbin-default-1"))["policy"]
    shorter = {**policy, "limits": {**policy["limits"], "repeat_report_nd": 2}}
    done(await browser.send("PUT", "/v1/policies/hanbin-default-1", by="admin", body=shorter))
    assert case["id"] not in await page(browser, alike)


async def test_more_shows_only_what_its_reader_may_open(api: Client) -> None:
    shown = {}
    for who in ("head:T01", "admin", "auditor", "privacy", "citizen:1"):
        await signed_in(api, who)
        shown[who] = set(re.findall(r'<li><a href="(/[^"]+)"', await page(api, "/more")))
        for address in shown[who]:
            assert (await api.http.get(address, follow_redirects=True)).status_code == 200, (who, address)
    assert shown["admin"] - shown["head:T01"] == {"/jobs", "/webhooks"}
    assert shown["auditor"] - shown["head:T01"] == {"/access-log"}
    assert shown["privacy"] - shown["auditor"] == {"/persons"}
    assert "/scorecards" not in shown["citizen:1"]
    refused = done(await api.get("/v1/access-log?outcome=not_permitted"))
    assert refused["items"] == [], "what one may not open is not tried in one's name"


async def test_who_looked_at_a_case_stands_on_a_page_for_those_who_oversee(api: Client) -> None:
    case = await waiting(api)
    await api.ask(case, "disclose-identity", by="head:T01", purpose="to call them back")
    await signed_in(api, "privacy")
    drawn = await page(api, f"/cases/{case['id']}")
    assert f'href="/access-log?case={case["id"]}"' in drawn
    drawn = await page(api, f"/access-log?case={case['id']}&lang=en")
    said = " ".join(re.sub(r"<[^>]+>", " ", drawn).split())
    assert "head:T01 Disclose the identity a case shown to call them back" in said
    await signed_in(api, "head:T01")
    await page(api, "/access-log", status=403)


async def test_a_queue_shows_also_what_no_clock_runs_for(api: Client) -> None:
    case = await api.report(by="citizen:1", kind="accusation", village="V0101", title="Who was paid for the road")
    await api.ask(case, "divert", by="adjudicator", to="D-DISCIPLINE", basis="an accusation")
    await signed_in(api, "discipline")
    drawn = await page(api, "/queue")
    assert "Who was paid for the road" in drawn


async def test_whoever_holds_no_post_begins_with_his_cases_and_is_refused_reports(api: Client) -> None:
    await signed_in(api, "citizen:1")
    answer = await api.http.get("/")
    assert (answer.status_code, answer.headers["location"]) == (303, "/cases")
    for report in ("/reports/weekly", "/reports/monthly"):
        await page(api, report, status=403)


@pytest.mark.parametrize("named", ["0001-W01", "9999-W53", "2025-W60", "next"])
async def test_a_week_that_no_report_can_be_of_is_the_last_one(api: Client, named: str) -> None:
    await signed_in(api, "head:T01")
    assert "2025-W09" in await page(api, f"/reports/weekly?week={named}")


async def test_the_privacy_officer_finds_who_told_a_number_and_it_is_in_no_address(api: Client) -> None:
    case = await api.report(
        by="citizen:1", village="V0101", petitioner={"name": "Petitioner", "phone": "139-0000-4711"}
    )
    same_origin = {"Sec-Fetch-Site": "same-origin"}
    for who, status in (("privacy", 200), ("auditor", 403)):
        await signed_in(api, who)
        form = {"by": "phone", "value": "139-0000-4711"}
        found = await api.http.post("/persons", data=form, headers=same_origin)
        assert found.status_code == status
        assert (f'href="/cases/{case["id"]}"' in found.text) is (status == 200)
        assert "4711" not in str(found.url)
