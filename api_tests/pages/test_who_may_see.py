"""Each reader is shown what he may open, and nothing else."""

from __future__ import annotations

import re

from api_tests.client import Client, done
from api_tests.pages.reading import page, page_for, signed_in


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


async def test_more_shows_only_what_its_reader_may_open(api: Client) -> None:
    shown = {}
    for who in ("head:T01", "admin", "auditor", "privacy", "citizen:1"):
        await signed_in(api, who)
        shown[who] = set(re.findall(r'<li><a href="(/[^"]+)"', await page(api, "/more")))
        for address in shown[who]:
            assert (await api.http.get(address, follow_redirects=True)).status_code == 200, (who, address)
    assert shown["admin"] - shown["head:T01"] == {"/jobs", "/webhooks"}
    assert shown["auditor"] - shown["head:T01"] == {"/access-log", "/samples"}
    assert shown["privacy"] - shown["auditor"] == {"/persons"}
    assert "/scorecards" not in shown["citizen:1"]
    refused = done(await api.get("/v1/access-log?outcome=not_permitted"))
    assert refused["items"] == [], "what one may not open is not tried in one's name"


async def test_whoever_holds_no_post_begins_with_his_cases_and_is_refused_reports(api: Client) -> None:
    await signed_in(api, "citizen:1")
    answer = await api.http.get("/")
    assert (answer.status_code, answer.headers["location"]) == (303, "/cases")
    for report in ("/reports/weekly", "/reports/monthly"):
        await page(api, report, status=403)


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


async def test_a_citizen_follows_his_report_without_signing_in(api: Client) -> None:
    case = await api.report(by="citizen:1", village="V0101", title="Canary")
    answer = await api.http.post("/track", data={"code": case["query_code"].lower()})
    drawn = await page(api, answer.headers["location"])
    assert case["number"] in drawn
    assert "Canary" not in drawn
    takes_back = f'data-post="/v1/track/{case["query_code"]}/withdraw"'
    assert takes_back in drawn.replace(case["query_code"].lower(), case["query_code"])
    told = await page(api, f"/track/{case['query_code']}?said=withdraw")
    assert "已收到您的撤回申请" in told
    assert takes_back not in told
    assert "没有与该查询码对应的事项" in await page(api, "/track/AAAA-AAAA-AAAA", 404)


async def test_who_looked_at_a_case_stands_on_a_page_for_those_who_oversee(api: Client) -> None:
    case = await api.assigned()
    await api.ask(case, "disclose-identity", by="head:T01", purpose="to call them back")
    await signed_in(api, "privacy")
    drawn = await page(api, f"/cases/{case['id']}")
    assert f'href="/access-log?case={case["id"]}"' in drawn
    drawn = await page(api, f"/access-log?case={case['id']}&lang=en")
    said = " ".join(re.sub(r"<[^>]+>", " ", drawn).split())
    assert f"head:T01 Disclose the identity a case …{case['number'][-5:]} shown to call them back" in said
    await signed_in(api, "head:T01")
    await page(api, "/access-log", status=403)


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


async def test_what_others_of_the_house_decide_is_there_for_its_leaders_knowledge(api: Client) -> None:
    case = await api.assigned()
    await api.ask(case, "request-extension", by="clerk:T01", days=2, reason="snow", petitioner_told=True)
    for who, told in (("leader:D-MASSWORK", True), ("adjudicator", False)):
        drawn = await page_for(api, who, "/queue")
        assert case["id"] in drawn
        assert ("供您知晓" in drawn) is told, who
