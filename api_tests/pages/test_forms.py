"""Forms offer names and words to choose from, and what was already reported."""

from __future__ import annotations

import re
from dataclasses import MISSING, fields
from typing import Any

import pytest

from api_tests.client import Client, done, refused
from api_tests.district import DONE, SOLVED, Json
from api_tests.pages.reading import page, page_for, signed_in
from domain.case import COMMANDS, CaseCommand
from service.web.forms import action


async def test_forms_ask_for_names_and_choices_where_the_command_asks_for_ids_and_seconds(browser: Client) -> None:
    case = await browser.assigned(title="Pipe")
    other = await browser.assigned(title="Pipe again")
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
    await browser.set_clock("2025-03-03 09:00")
    later = await browser.assigned(title="Pipe once more")
    assert later["id"] not in await page(browser, f"/choices/cases?q=Pipe&case={case['id']}")
    assert case["id"] in await page(browser, f"/choices/cases?q=Pipe&case={later['id']}")
    for beyond in ("cases?case", "reporters?case", "households?case", "households?household"):
        refused(await browser.http.get(f"/choices/{beyond}={case['id']}/history"), 422, "invalid")


async def test_who_was_chosen_with_his_post_is_still_offered(browser: Client) -> None:
    """A browser asks once more with what it put into the field."""
    [(said, id), *_] = re.findall('value="(.*?)" data-id="(.*?)"', await page(browser, "/choices/people?q=head:T01"))
    assert (id, " · " in said) == ("head:T01", True)
    assert said in await page(browser, f"/choices/people?q={said}")


async def test_whose_answer_it_was_is_chosen_where_several_brought_the_matter(api: Client) -> None:
    case = await api.assigned("citizen:1")
    other = await api.report(by="citizen:2", village="V0101")
    asks = 'data-name="reporter" data-kind="pick" list="offer-reporters"'
    await api.ask(case, "resolve", by="head:T01", **DONE)
    assert asks not in await page_for(api, "follow-up", f"/cases/{case['id']}")
    await api.ask(other, "merge", by="clerk:T01", into=case["id"], basis="same_matter_other_person")
    assert asks in await page(api, f"/cases/{case['id']}")
    await api.ask(case, "feedback", by="follow-up", result="answered", solved=True, reporter="citizen:2")
    offered = dict(
        re.findall('value="(.*?)" data-id="(.*?)"', await page(api, f"/choices/reporters?case={case['id']}"))
    )
    assert sorted(offered.values()) == ["citizen:1", "citizen:2"]
    assert [id for said, id in offered.items() if "已答复" in said] == ["citizen:2"]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.verb)
def test_every_choice_in_a_form_has_a_word(command: type[CaseCommand]) -> None:
    for field in action(command.verb, "zh").fields:
        assert [code for code, said in field.options if said == code] == []


async def test_a_citizen_is_offered_what_he_may_ask_now_and_no_verdict_is_chosen_for_him(api: Client) -> None:
    first, second = await api.assigned("citizen:1"), await api.report(by="citizen:2", village="V0101")
    await api.ask(second, "merge", by="clerk:T01", into=first["id"], basis="same_matter_other_person")

    async def offered(case: Json) -> list[str]:
        return re.findall(r'data-then="[?]said=([a-z]+)"', await page(api, f"/track/{case['query_code']}"))

    assert (await offered(first), await offered(second)) == (["withdraw"], [])
    await api.ask(first, "request-information", by="head:T01", items=["the deed"], delivered="sms")
    assert (await offered(first), await offered(second)) == (["answer", "withdraw"], ["answer"])
    await api.ask(first, "provide-information", by="citizen:1")
    await api.ask(first, "resolve", by="head:T01", **DONE)
    assert (await offered(first), await offered(second)) == (["feedback"], ["feedback"])
    drawn = await page(api, f"/track/{second['query_code']}")
    chosen = re.findall(r'<select data-name="(solved|satisfaction)"[^>]*><option value="">', drawn)
    assert chosen == ["solved", "satisfaction"]
    await api.ask(first, "feedback", by="follow-up", **SOLVED)
    await api.ask(first, "feedback", by="follow-up", **SOLVED)
    assert await offered(first) == ["feedback"], "he may say once more that it is not"
    await api.set_clock("2025-05-20 09:00")
    assert await offered(first) == []


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.verb)
def test_what_must_be_said_either_way_is_no_box_that_says_no_when_left_alone(command: Any) -> None:
    said = {one.name: one.default is MISSING for one in fields(command) if one.type in ("bool", bool)}
    drawn = {one.name: (one.kind, one.required) for one in action(command.verb, "zh").fields}
    assert {name: drawn[name] for name in said} == {
        name: ("maybe", True) if must else ("yes", False) for name, must in said.items()
    }


async def test_nothing_is_decided_before_one_chooses(api: Client) -> None:
    case = await api.assigned()
    drawn = await page_for(api, "head:T01", f"/cases/{case['id']}")
    [contact] = re.findall(r'<template data-form="contact".*?</template>', drawn, re.DOTALL)
    assert '<select data-name="outcome" data-kind="choice" required><option value="">请选择</option>' in contact
    await api.ask(case, "dispute", by="head:T01", ground="not ours", evidence=[])
    drawn = await page_for(api, "adjudicator", f"/cases/{case['id']}")
    [rule] = re.findall(r'<template data-form="rule".*?</template>', drawn, re.DOTALL)
    assert '<select data-name="upheld" data-kind="maybe" required><option value="">请选择</option>' in rule


async def test_a_household_is_asked_for_of_those_alone_who_have_a_register(api: Client) -> None:
    case = await api.assigned()
    for who, offered in (("clerk:T01", True), ("dispatcher", False), ("adjudicator", False)):
        drawn = await page_for(api, who, f"/cases/{case['id']}")
        assert ('data-verb="link-household"' in drawn) is offered, who


async def test_whoever_sits_at_the_district_tells_villages_apart_by_their_towns(api: Client) -> None:
    for who, said in (("dispatcher", ">T02 · V0201<"), ("head:T01", ">V0101<")):
        await signed_in(api, who)
        assert said in await page(api, "/report")


async def test_a_photo_and_whom_it_is_about_are_asked_for_of_officials_alone(api: Client) -> None:
    """Somebody without a post has no hold on his case once it is on record without his name, nor may a photo tell it."""
    for who, asked in (("cadre:V0101", True), ("citizen:1", False)):
        drawn = await page_for(api, who, "/report")
        assert [name in drawn for name in ('name="photo"', 'data-name="subjects"')] == [asked, asked], who


async def test_what_sounds_alike_in_the_village_is_shown_while_one_writes(browser: Client) -> None:
    case = await browser.assigned(title="村口水管漏水三天没人管")
    for q, village, found in (
        ("村口水管漏", "V0101", True),
        ("村口的水管漏水了没有人管", "V0101", True),
        ("村口水管漏", "V0102", False),
        ("低保申请", "V0101", False),
    ):
        assert (case["id"] in await page(browser, f"/report/alike?q={q}&village={village}")) is found, q


async def test_how_far_back_something_sounds_alike_is_said_by_the_policy(browser: Client) -> None:
    case = await browser.assigned(title="村口水管漏水三天没人管")
    await browser.set_clock("2025-03-06 09:00")
    alike = "/report/alike?q=村口水管漏&village=V0101"
    assert case["id"] in await page(browser, alike)
    policy = done(await browser.get("/v1/policies/hanbin-default-1"))["policy"]
    shorter = {**policy, "limits": {**policy["limits"], "repeat_report_nd": 2}}
    done(await browser.send("PUT", "/v1/policies/hanbin-default-1", by="admin", body=shorter))
    assert case["id"] not in await page(browser, alike)
