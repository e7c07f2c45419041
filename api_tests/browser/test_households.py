"""A household as its cadre keeps it at the door: what changed is written down without signal, and counts once."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from api_tests.browser.conftest import PHONE, Reader
from api_tests.browser.demonstration import Demonstration
from service.demo.district import HOME

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_what_changed_in_a_household_is_written_down_without_signal(reader: Reader, demo: Demonstration) -> None:
    household = demo.post("/v1/households", {"village": HOME}, "cadre", key="fell-ill")["id"]
    path = f"/v1/households/{household}"
    known = {"members": 3, "income_per_head": 9000.5, "debt_total": 0, "housing": "B", "protected": "none"}
    demo.post(f"{path}/record-facts", known, "cadre", key="as-it-was")
    watched = await reader("cadre", **PHONE)
    page = watched.page
    await watched.open(f"/households/{household}")
    facts = page.locator("#facts")
    await facts.locator("summary").first.tap()
    assert await watched.barriers() == []
    await facts.locator("[data-name=debt_total]").fill("26000")
    await facts.locator("[data-hardship-kind]").first.select_option("illness")
    await page.context.set_offline(True)
    await facts.locator("button.main").tap()
    await expect(facts, "how grave it is was not said").to_have_attribute("open", "")
    await facts.locator("[data-hardship-severity]").first.select_option("3")
    await facts.locator("button.main").tap()
    await expect(page.locator("#said")).to_contain_text("有信号后送出")
    await expect(facts.locator("[data-name=debt_total]"), "this is known by now").to_have_value("26000")
    await page.route("**/record-facts", lambda route: route.fulfill(status=409, json={"detail": "现在不行"}))
    await page.context.set_offline(False)
    await expect(page.locator("#refused")).to_contain_text("现在不行")
    await page.unroute("**/record-facts")
    await watched.open(f"/households/{household}")
    await page.get_by_role("button", name="改正").tap()
    await facts.locator("[data-hardship-severity]").first.select_option("")
    await facts.locator("button.main").tap()
    await expect(facts.locator("[data-hardship-severity]").first, "it is to be said again").to_be_focused()
    await facts.locator("[data-hardship-severity]").first.select_option("3")
    async with page.expect_navigation():
        await facts.locator("button.main").tap()
    await expect(page.locator("dt:text-is('大病慢病') + dd")).to_have_text("重度")
    told = demo.get(path, "cadre")
    assert told["facts"] == {**known, "debt_total": 26000, "hardships": [{"kind": "illness", "severity": 3}]}
    assert len(told["assessments"]) == 2
    events = demo.get(f"{path}/history", "cadre")["items"]
    assert [one["data"]["captured_at"] is not None for one in events if one["type"].endswith("facts_recorded")] == [
        False,
        True,
    ], "it is told as of when it was written down"


async def test_a_household_registered_without_signal_is_shown_as_soon_as_it_is_in_the_register(
    reader: Reader, demo: Demonstration
) -> None:
    watched = await reader("cadre", **PHONE)
    page = watched.page
    await watched.open("/households")
    new = page.locator("#new")
    await new.locator("summary").tap()
    assert await watched.barriers() == []
    await new.locator("[data-name=id]").fill(HOME)
    await new.locator("[data-name=head]").fill("户主")
    await page.context.set_offline(True)
    await new.locator("button.main").tap()
    await expect(page.locator("#said")).to_contain_text("有信号后送出")
    await page.context.set_offline(False)
    await expect(page.locator("#refused"), "a village has this number").to_contain_text("已被使用")
    await watched.open("/visits")
    async with page.expect_navigation(url="**/households"):
        await page.get_by_role("button", name="改正").tap()
    await page.get_by_role("button", name="改正").tap()
    await expect(new.locator("[data-name=head]")).to_have_value("户主")
    await new.locator("[data-name=id]").fill("HH-NEW-01")
    async with page.expect_navigation(url="**/households/HH-NEW-01?seen=*"):
        await new.locator("button.main").tap()
    await expect(page.locator("#refused")).to_be_hidden()
    assert demo.get("/v1/households/HH-NEW-01", "cadre")["village"] == HOME


async def test_what_the_service_put_off_is_tried_again_by_itself(reader: Reader, demo: Demonstration) -> None:
    household = demo.post("/v1/households", {"village": HOME}, "cadre", key="put-off")["id"]
    page = (await reader("cadre", **PHONE)).page
    await page.clock.install()
    await page.goto(f"/households/{household}")
    joins = page.locator("details:has(form[data-verb=join-member])")
    await page.route("**/join-member", lambda route: route.fulfill(status=503, json={}), times=1)
    await joins.locator("summary").tap()
    await joins.locator("[data-name=relation]").fill("长子")
    await joins.locator("[data-name=name]").fill("甲")
    async with page.expect_response("**/join-member"):
        await joins.locator("button.main").tap()
    await expect(page.locator("#outbox")).to_have_text("1 项待发送")
    await page.clock.fast_forward(15_000)
    await expect(page.locator("dd", has_text="长子")).to_be_visible()


async def test_two_who_join_a_household_without_signal_are_two(reader: Reader, demo: Demonstration) -> None:
    household = demo.post("/v1/households", {"village": HOME}, "cadre", key="grows")["id"]
    watched = await reader("cadre", **PHONE)
    page = watched.page
    await watched.open(f"/households/{household}")
    joins, leaves = (page.locator(f"details:has(form[data-verb={verb}])") for verb in ("join-member", "leave-member"))
    await page.context.set_offline(True)
    for n, relation in enumerate(("长女", "次女"), start=1):
        await joins.locator("summary").tap()
        await joins.locator("[data-name=relation]").fill(relation)
        await joins.locator("[data-name=name]").fill("甲")
        await joins.locator("button.main").tap()
        await expect(page.locator("#outbox")).to_have_text(f"{n} 项待发送")
    await joins.locator("summary").tap()
    await joins.locator("[data-name=relation]").fill("三女")
    await page.context.set_offline(False)
    await expect(page.locator("#said")).to_contain_text("已办")
    await expect(page.locator("#outbox")).to_be_hidden()
    await expect(joins.locator("[data-name=relation]"), "it is still being written").to_have_value("三女")
    await page.reload()
    await expect(page.locator("dd", has_text="长女、次女")).to_be_visible()
    await expect(joins.locator("[data-name=relation]"), "and so after a reload").to_have_value("三女")
    await leaves.locator("summary").tap()
    await leaves.locator("select").select_option(index=1)
    await leaves.locator("[data-name=reason]").fill("出嫁")
    assert await watched.barriers() == []
    async with page.expect_navigation():
        await leaves.locator("button.main").tap()
    assert [one["relation"] for one in demo.get(f"/v1/households/{household}", "cadre")["members"]] == ["次女"]


async def test_a_contest_is_decided_in_the_town_with_the_right_class_where_it_is_upheld(
    reader: Reader, demo: Demonstration
) -> None:
    household = demo.post("/v1/households", {"village": HOME}, "cadre", key="in-doubt")["id"]
    watched = await reader("town_head", **PHONE)
    decides = watched.page.locator("details:has(form[data-verb=decide-contest])")
    for verdict, became in (("no", "secure"), ("attention", "attention")):
        reason = {"reason": "邻居说他家有困难"}
        demo.post(f"/v1/households/{household}/contest", reason, "cadre", key=f"doubt-{verdict}")
        await watched.open(f"/households/{household}")
        await decides.locator("summary").tap()
        await decides.locator("[data-verdict]").select_option(verdict)
        await decides.locator("[data-name=reason]").fill("已入户核实")
        async with watched.page.expect_navigation():
            await decides.locator("button.main").tap()
        told = demo.get(f"/v1/households/{household}", "town_head")
        assert (told["contested"], told["class"]) == (False, became)
    assert watched.complaints == []
