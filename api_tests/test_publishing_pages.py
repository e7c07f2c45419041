"""The administrator publishes calendars and policies on pages; what is wrong is said there, and others have no form."""

from __future__ import annotations

import json
import re

import httpx
from markupsafe import escape

from api_tests.client import Client, done
from api_tests.pages.reading import page_for, signed_in

OWN = {"Sec-Fetch-Site": "same-origin"}
POLICY = "/policies/hanbin-default-1"


async def sent(api: Client, path: str, form: dict[str, str], headers: dict[str, str] = OWN) -> httpx.Response:
    return await api.http.post(path, data=form, headers=headers)


async def test_a_years_notice_is_published_in_versions(api: Client) -> None:
    await api.set_clock("2026-11-01 09:00")
    assert "该年度放假安排尚未发布" in await page_for(api, "admin", "/calendars/cn/2027")
    form = {"holidays": "2027-01-01\n2027-01-04", "makeup_workdays": "2027-01-09", "source": "State Council"}
    for path, refused in (("/calendars/cn/2027", {**form, "holidays": "2027-13-01"}), ("/calendars/cn/1900", form)):
        answer = await sent(api, path, refused)
        assert answer.status_code == 422
        assert ('role="alert"' in answer.text) is path.endswith("2027"), "1900 has no page to say it on"
    assert (await sent(api, "/calendars/cn/2027", form)).status_code == 303
    drawn = await page_for(api, "admin", "/calendars/cn/2027")
    assert 'title="2027-01-04 放假"' in drawn
    assert 'title="2027-01-09 调休上班"' in drawn
    assert done(await api.get("/v1/calendars/cn/2027"))["version"] == 1


async def test_a_policy_is_published_and_what_changed_is_marked(api: Client) -> None:
    drawn = await page_for(api, "admin", POLICY)
    assert "首次响应" in drawn
    values = done(await api.get(f"/v1{POLICY}"))["policy"]
    answer = await sent(api, POLICY, {"values": "{"})
    assert answer.status_code == 422
    assert "<b>不是有效的 JSON</b> 第1行第2字<" in answer.text
    answer = await sent(api, POLICY, {"values": json.dumps({**values, "first_response_wd": -1, "colour": "red"})})
    assert answer.status_code == 422
    assert "<code>colour</code>" in answer.text
    answer = await sent(api, POLICY, {"values": json.dumps({**values, "first_response_wd": -1})})
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    answer = await sent(api, POLICY, {"values": json.dumps({**values, "first_response_wd": 3})})
    assert (answer.status_code, answer.headers["location"]) == (303, f"{POLICY}?version=2")
    drawn = await page_for(api, "admin", f"{POLICY}?version=2")
    assert "3个工作日 <small>原 1个工作日</small>" in drawn


async def test_a_draft_that_was_refused_is_still_a_draft(api: Client) -> None:
    await signed_in(api, "admin")
    values = done(await api.get(f"/v1{POLICY}"))["policy"]
    for wrong in ("{", json.dumps({**values, "colour": "red"}), json.dumps({**values, "first_response_wd": -1})):
        form = {"values": wrong, "effective_from": "2031-01-01T00:00", "draft": "true"}
        answer = await sent(api, POLICY, form)
        assert answer.status_code == 422
        assert 'name="draft" value="true" checked>' in answer.text
        assert 'name="effective_from" value="2031-01-01T00:00">' in answer.text


async def test_of_two_who_publish_the_second_is_told_and_keeps_what_he_wrote(api: Client) -> None:
    values = done(await api.get(f"/v1{POLICY}"))["policy"]
    for path, first, second in (
        (POLICY, {"values": json.dumps({**values, "first_response_wd": 3})}, {"values": json.dumps(values, indent=7)}),
        ("/calendars/cn/2027", {"holidays": "2027-01-01"}, {"holidays": "2027-01-04"}),
    ):
        seen = version_in(await page_for(api, "admin", path))
        assert (await sent(api, path, {**first, "seen": seen})).status_code == 303
        refused = await sent(api, path, {**second, "seen": seen})
        assert (refused.status_code, "他人已先行更改" in refused.text) == (412, True)
        assert escape(next(iter(second.values()))) in refused.text
        assert (await sent(api, path, {**second, "seen": version_in(refused.text)})).status_code == 303


def version_in(page: str) -> str:
    [found] = re.findall('name="seen" value="(.*?)"', page)
    return str(found)


async def test_others_read_and_publish_nothing(api: Client) -> None:
    for path, form in (("/calendars/cn/2025", {"holidays": ""}), (POLICY, {"values": "{}"})):
        drawn = await page_for(api, "auditor", path)
        assert 'id="publish"' not in drawn
        assert (await sent(api, path, form)).status_code in (403, 422)
        await page_for(api, "admin", path)
        assert (await sent(api, path, form, {"Sec-Fetch-Site": "cross-site"})).status_code in (303, 401)
    assert done(await api.get(f"/v1{POLICY}"))["policy"]["first_response_wd"] == 1


async def test_what_if_is_answered_on_the_page(api: Client) -> None:
    await api.set_clock("2025-03-03 09:00")
    await api.assigned()
    drawn = await page_for(api, "auditor", f"{POLICY}/what-if?from=2025-03-01&to=2025-04-01&version=1")
    assert "期限改变" in drawn
    assert "镇级" in drawn
    answer = await api.http.get(f"{POLICY}/what-if?from=2025-04-01&to=2025-03-01")
    assert answer.status_code == 422
    assert "from 须早于 to" in answer.text


async def test_who_takes_a_post_and_leaves_it_is_written_down_on_the_page_of_its_unit(api: Client) -> None:
    page, post = "/organisation/T01", {"role": "town_officer", "since": "2025-03-03"}
    assert 'name="since"' not in await page_for(api, "head:T01", page)
    await signed_in(api, "admin")
    assert (await sent(api, page, {**post, "name": "新来的"})).status_code == 303
    [new] = [one for one in done(await api.get("/v1/org"))["officials"] if one["name"] == "新来的"]
    assert new["posts"] == [{"unit": "T01", "role": "town_officer", "from": "2025-03-03", "to": None}]
    answer = await sent(api, page, {**post, "official": new["id"], "until": "2025-03-01"})
    assert answer.status_code == 422
    assert "</b> 任职结束早于开始<" in answer.text, "where it stands in the whole document nobody asked"
    assert (await sent(api, page, {**post, "official": new["id"], "until": "2025-03-08"})).status_code == 303
    assert (await sent(api, page, {**post, "role": "town_clerk", "name": "新来的"})).status_code == 303
    posts = {(one["role"], one["to"]) for one in done(await api.get("/v1/org"))["officials"][-1]["posts"]}
    assert posts == {("town_officer", "2025-03-08"), ("town_clerk", None)}, "he is known by now"
