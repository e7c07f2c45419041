"""The register is kept on its pages: each form for whom it is, filled in with what is known, and nothing decided in it."""

from __future__ import annotations

import re

from api_tests.client import Client
from api_tests.households.register import CADRE, HEAD, ask, poor, registered
from api_tests.pages.reading import page, page_for, signed_in
from domain.household import COMMANDS
from service.web.home_labels import VERBS

HOME = "/households/HH-1"


def form(drawn: str, verb: str) -> str:
    """A form of a page; nothing, where it is not offered."""
    return "".join(re.findall(rf'<form [^>]*data-verb="{verb}".*?</form>', drawn, re.DOTALL))


def chosen(drawn: str) -> list[str]:
    return re.findall(r'<option value="([^"]*)" selected', drawn)


def options(drawn: str) -> list[tuple[str, str]]:
    return re.findall('<option value="(.*?)">([^<]*)', drawn)


def written(drawn: str) -> list[str]:
    return re.findall(r'<input[^>]* value="([^"]*)"', drawn)


async def test_nothing_is_known_of_a_household_before_somebody_says_it(api: Client) -> None:
    await registered(api)
    facts = form(await page_for(api, CADRE, HOME), "record-facts")
    assert facts
    assert (written(facts), chosen(facts)) == ([], [])
    assert facts.count('<option value="">请选择') == 2, "neither its home nor its protection"


async def test_what_was_last_known_of_a_household_stands_in_its_form(api: Client) -> None:
    await poor(api)
    hardships = [{"kind": "illness", "severity": 2}, {"kind": "illness", "severity": 0}]
    await ask(
        api, "record-facts", members=5, income_per_head=3400.5, debt_total=26000, housing="C", hardships=hardships
    )
    drawn = await page_for(api, CADRE, HOME)
    facts = form(drawn, "record-facts")
    assert written(facts) == ["5", "3400.5", "26000"]
    assert chosen(facts) == ["C", "none", "illness", "2", "illness", "0"]
    for said in (
        "住房</dt><dd>C级（局部危险）",
        "大病慢病</dt><dd>中度",
        "大病慢病</dt><dd>不影响生活",
        "负债</dt><dd>26,000 元",
    ):
        assert f"{said}</dd>" in drawn


async def test_how_a_household_lives_is_written_down_by_those_alone_who_may(api: Client) -> None:
    await poor(api)
    for who, may in ((HEAD, True), ("organiser", False), ("auditor", False)):
        assert bool(form(await page_for(api, who, HOME), "record-facts")) is may, who


async def test_whether_a_visit_counts_is_told_as_the_household_says_on_the_telephone(api: Client) -> None:
    await registered(api)
    for signed, said in ((True, "电话核实不属实，不计入"), (False, "电话核实<")):
        visited = await ask(api, "record-visit", met=["son"], countersigned=signed)
        await ask(api, "audit-visit", HEAD, visit=visited["version"], happened=not signed)
        assert said in await page_for(api, CADRE, HOME)


async def test_a_household_is_registered_by_those_who_keep_the_register_of_a_village(api: Client) -> None:
    keep = {CADRE: ["V0101"], HEAD: ["", "V0101", "V0102"], "organiser": [], "auditor": []}
    for who, villages in keep.items():
        drawn = await page_for(api, who, "/households")
        offered = "".join(re.findall(r'<select required data-name="village".*?</select>', drawn, re.DOTALL))
        assert re.findall('<option value="(.*?)"', offered) == villages, who


async def test_whoever_keeps_every_register_tells_villages_apart_by_their_towns(api: Client) -> None:
    assert ">T02 · V0201<" in await page_for(api, "admin", "/households")


async def test_somebody_leaves_a_household_who_is_in_it(api: Client) -> None:
    await registered(api)
    drawn = await page_for(api, CADRE, HOME)
    assert (bool(form(drawn, "join-member")), form(drawn, "leave-member")) == (True, "")
    await ask(api, "join-member", member="m-1", relation="长女", name="甲")
    drawn = await page_for(api, CADRE, HOME)
    assert re.findall('<option value="(.*?)">([^（<]*)', form(drawn, "leave-member")) == [
        ("", "请选择"),
        ("m-1", "长女"),
    ]
    assert "在册成员</dt><dd>长女<" in drawn
    assert form(await page_for(api, "auditor", HOME), "join-member") == ""


async def test_who_joined_and_left_is_told_by_what_he_is_and_not_by_his_code(api: Client) -> None:
    await registered(api)
    await ask(api, "join-member", member="m-1", relation="长女", name="甲")
    await ask(api, "leave-member", member="m-1", reason="出嫁")
    drawn = await page_for(api, CADRE, HOME)
    assert "增加成员（“长女”）" in drawn
    assert "减少成员长女" in drawn
    assert "m-1" not in drawn


async def test_a_class_is_contested_once_and_decided_by_the_town_head_who_finds_no_verdict_in_his_form(
    api: Client,
) -> None:
    await poor(api)
    assert form(await page_for(api, CADRE, HOME), "contest")
    assert form(await page_for(api, HEAD, HOME), "decide-contest") == ""
    await ask(api, "contest", reason="乙说他家不困难")
    drawn = await page_for(api, CADRE, HOME)
    assert (form(drawn, "contest"), form(drawn, "decide-contest")) == ("", "")
    assert "类别有异议，待处理" in drawn
    decides = form(await page_for(api, HEAD, HOME), "decide-contest")
    assert chosen(decides) == []
    assert re.findall('<option value="(.*?)">([^<]*)', decides) == [
        ("", "请选择"),
        ("no", "异议不成立，维持连心户"),
        ("secure", "异议成立，改为放心户"),
        ("attention", "异议成立，改为关心户"),
    ]


def test_whatever_may_be_asked_of_a_household_has_a_form() -> None:
    own = {"record-visit", "record-facts", "join-member", "decide-contest", "disclose-identity"}
    assert {kind.verb for kind in COMMANDS} == own | VERBS.keys()


async def test_what_is_done_once_in_years_is_offered_when_it_can_be_and_chosen_by_name(api: Client) -> None:
    await poor(api)
    drawn = await page_for(api, CADRE, HOME)
    rare = {verb for verb in ("split", "merge", "move", "override-class", "post-notice") if form(drawn, verb)}
    assert rare == {"merge", "post-notice"}, "nobody can live apart, and he keeps no other village's register"
    await ask(api, "join-member", member="m-1", relation="长女", name="甲")
    drawn = await page_for(api, HEAD, HOME)
    assert 'value="m-1"><span>长女' in form(drawn, "split")
    assert options(form(drawn, "move")) == [("", "请选择"), ("V0102", "V0102")]
    assert options(form(drawn, "override-class")) == [("", "请选择"), ("secure", "放心户"), ("attention", "关心户")]
    await ask(api, "override-class", by=HEAD, to="attention", minutes="纪要3号", reason="村民会议认为已好转")
    assert form(await page_for(api, HEAD, HOME), "sign-override") == "", "another person signs"
    drawn = await page_for(api, "head:V0101", HOME)
    assert options(form(drawn, "sign-override")) == [("attention", "关心户"), ("纪要3号", "纪要3号")]
    assert "待另一人签字" in drawn
    waits = "特别认定，待另一人签字"
    listed = {who: waits in await page_for(api, who, "/households") for who in (CADRE, HEAD, "head:V0101", "head:T02")}
    assert [who for who in listed if listed[who]] == [HEAD, "head:V0101"]
    await ask(api, "sign-override", by="head:V0101", to="attention", minutes="纪要3号")
    assert waits not in await page_for(api, HEAD, "/households")


async def test_a_household_is_looked_for_by_its_number_however_many_there_are_in_the_village(api: Client) -> None:
    for n in range(3):
        await registered(api, f"HH-{n}")
    await signed_in(api, CADRE)
    found = await page(api, "/choices/households?household=HH-1&q=HH-2")
    assert re.findall('value="(.*?)" data-id="(.*?)"', found) == [("放心户 HH-2", "HH-2")]
    assert "HH-1" not in await page(api, "/choices/households?household=HH-1")
