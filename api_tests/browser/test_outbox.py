"""A phone without signal: what is tapped waits, over a reload, and is done exactly once when the signal is back."""

from __future__ import annotations

import asyncio
from base64 import b64decode
from collections import Counter
from collections.abc import Iterator
from itertools import count

import pytest
from playwright.async_api import FilePayload, Page, Route, expect

from api_tests.browser.conftest import PHONE, Reader
from api_tests.browser.demonstration import Demonstration
from api_tests.browser.watching import Watched
from service.demo.district import HOME

pytestmark = pytest.mark.asyncio(loop_scope="session")

NUMBERS = count(1)
WAITING: list[str] = []


@pytest.fixture(autouse=True)
def put_away(demo: Demonstration) -> Iterator[None]:
    """What waited is resolved after each test: a page of the queue has room for twenty."""
    yield
    solved = {"outcome": "solved", "proof": [{"kind": "photo", "ref": "照片 1"}]}
    while WAITING:
        case = WAITING.pop()
        demo.post(f"/v1/cases/{case}/resolve", solved, "town_head", key=f"{case}-put-away")


def waiting(demo: Demonstration) -> str:
    """A case that the town head has just got; urgent, so that it stands on the first page of his queue."""
    number = next(NUMBERS)
    body = {"title": f"第{number}处水管漏水", "kind": "request", "village": HOME, "grade": "I"}
    case: str = demo.post("/v1/cases", body, "integrator", key=f"outbox-{number}")["id"]
    demo.post(f"/v1/cases/{case}/accept", {}, "town_clerk", key=f"outbox-{number}-accept")
    demo.post(f"/v1/cases/{case}/assign", {"unit": demo.town}, "town_clerk", key=f"outbox-{number}-assign")
    WAITING.append(case)
    return case


def done(demo: Demonstration, case: str) -> Counter[str]:
    """What happened to it after it was assigned."""
    return Counter(event["type"] for event in demo.history(case)[3:])


async def at_the_queue(reader: Reader) -> Watched:
    """The town head's phone, on which the queue is kept."""
    watched = await reader("town_head", **PHONE)
    await watched.open("/queue")
    await watched.page.locator("html[data-kept]").wait_for(state="attached")
    return watched


async def start(page: Page, case: str) -> None:
    """Without signal: one tap, and another by a trembling hand."""
    await tap(page, case, "start")
    await tremble(page, case)


async def tremble(page: Page, case: str) -> None:
    button = page.locator(f"[data-case='{case}'] [data-verb=start]")
    await expect(button).to_have_attribute("aria-disabled", "true")
    await button.dispatch_event("click")
    await button.evaluate("button => (button.removeAttribute('aria-disabled'), button.click())")  # as if drawn anew


async def contact(page: Page, case: str, note: str) -> None:
    """One tap, and a form."""
    await tap(page, case, "contact")
    form = page.locator("#act form")
    await form.locator("[data-name=outcome]").select_option("reached")
    await form.locator("[data-name=note]").fill(note)
    await form.locator("button.main").tap()


async def tap(page: Page, case: str, verb: str) -> None:
    card = page.locator(f"[data-case='{case}']")
    button = card.locator(f"[data-verb={verb}]")
    if not await button.is_visible():
        await card.locator("summary").first.tap()
    await button.tap()


async def test_without_signal_taps_wait_over_a_reload_and_each_is_delivered_once(
    reader: Reader, demo: Demonstration
) -> None:
    one, other = waiting(demo), waiting(demo)
    page = (await at_the_queue(reader)).page
    await page.context.set_offline(True)
    await start(page, one)
    await contact(page, other, "电话联系")
    await expect(page.locator("#outbox")).to_have_text("2 项待发送")
    assert done(demo, one) == done(demo, other) == {}
    await page.reload()
    await expect(page.locator(f"[data-case='{one}']")).to_be_visible()
    await expect(page.locator("#outbox")).to_have_text("2 项待发送")
    await expect(page.locator(f"[data-case='{one}'] .to-send")).to_be_visible()
    await tremble(page, one)
    await page.context.set_offline(False)
    await expect(page.locator("#outbox")).to_be_hidden()
    assert done(demo, one) == {"case.work_started": 1}
    assert done(demo, other) == {"case.citizen_contacted": 1}
    await page.reload()
    await expect(page.locator("#outbox")).to_be_hidden()
    assert done(demo, one) == {"case.work_started": 1}
    assert done(demo, other) == {"case.citizen_contacted": 1}


async def test_when_the_answer_is_lost_it_is_sent_again_and_done_once(reader: Reader, demo: Demonstration) -> None:
    case = waiting(demo)
    page = (await at_the_queue(reader)).page
    sent: list[str] = []

    async def lose(route: Route) -> None:
        sent.append(route.request.headers["idempotency-key"])
        await route.fetch()
        await route.abort("connectionreset")

    await page.route("**/contact", lose)
    async with page.expect_event("requestfailed"):
        await contact(page, case, "电话联系")
    await expect(page.locator("#outbox")).to_have_text("1 项待发送")
    assert done(demo, case) == {"case.citizen_contacted": 1}
    await page.unroute("**/contact")
    async with page.expect_request("**/contact") as again:
        await page.reload()
    assert sent == [(await again.value).headers["idempotency-key"]]
    await expect(page.locator("#outbox")).to_be_hidden()
    assert done(demo, case) == {"case.citizen_contacted": 1}


async def test_two_taps_are_two_deeds(reader: Reader, demo: Demonstration) -> None:
    """So one deed in the history of a tap delivered again is not the service's doing alone."""
    case = waiting(demo)
    page = (await at_the_queue(reader)).page
    await page.context.set_offline(True)
    await contact(page, case, "电话联系")
    await contact(page, case, "电话联系")
    await expect(page.locator("#outbox")).to_have_text("2 项待发送")
    await page.context.set_offline(False)
    await expect(page.locator("#outbox")).to_be_hidden()
    assert done(demo, case) == {"case.citizen_contacted": 2}


async def test_what_is_refused_is_said_and_not_sent_again(reader: Reader, demo: Demonstration) -> None:
    case = waiting(demo)
    page = (await at_the_queue(reader)).page
    await page.context.set_offline(True)
    await start(page, case)
    await expect(page.locator("#outbox")).to_have_text("1 项待发送")
    demo.post(f"/v1/cases/{case}/start", {}, "town_head", key=f"{case}-start")
    await page.context.set_offline(False)
    await expect(page.locator("#said")).to_contain_text("开始办理")
    await expect(page.locator("#outbox")).to_be_hidden()
    await page.locator("#refused button").tap()
    await expect(page.locator("#refused")).to_be_hidden()
    await tap(page, case, "resolve")
    form = page.locator("#act form")
    await form.locator("[data-name=outcome]").select_option("solved")
    await form.locator("[name=proof-kind]").select_option("photo")
    assert not await form.evaluate("form => form.checkValidity()"), "the proof itself is missing"
    await form.locator("[name=proof-ref]").fill("照片 3")
    assert await form.evaluate("form => form.checkValidity()")
    assert done(demo, case) == {"case.work_started": 1}


async def test_on_its_own_page_a_case_is_shown_as_it_is_by_now_with_what_was_done_or_refused(
    reader: Reader, demo: Demonstration
) -> None:
    case = waiting(demo)
    watched = await reader("town_head", **PHONE)
    page = watched.page
    await watched.open(f"/cases/{case}")
    demo.post(f"/v1/cases/{case}/start", {}, "town_head", key=f"{case}-start")
    await tap(page, case, "start")
    await expect(page.locator("#refused")).to_be_in_viewport()
    await expect(page.locator("dl.facts")).to_contain_text("办理中")
    await contact(page, case, "电话联系")
    await expect(page.locator("#said")).to_contain_text("已办：联系群众")
    await expect(page.locator(".story")).to_contain_text("电话联系")
    await page.context.set_offline(True)
    await contact(page, case, "上门核实")
    await tap(page, case, "resolve")
    reply = page.locator("#act [data-name=reply]")
    await reply.fill("水管已换")
    await page.context.set_offline(False)
    await expect(page.locator("#outbox")).to_be_hidden()
    await expect(reply, "it is still being written").to_have_value("水管已换")
    await page.reload()
    await tap(page, case, "resolve")
    await expect(reply, "and so after a reload").to_have_value("水管已换")
    await page.locator("#act [data-cancel]").tap()
    await tap(page, case, "resolve")
    await expect(reply, "it was given up").to_have_value("")
    assert done(demo, case) == {"case.work_started": 1, "case.citizen_contacted": 2}


DRAW_ANEW = """async () => {
    const scripts = [...document.querySelectorAll("link[rel=modulepreload], script[type=module]")].map(one => one.href ?? one.src);
    const [{ redraw }, { add }] = await Promise.all(["/ask.", "/outbox."].map(name => import(scripts.find(one => one.includes(name)))));
    const soon = new Promise(done => setTimeout(done, 300));
    window.before = document.querySelector("#live ul");
    await add({ path: "/", label: "联系群众", refused: "现在不行" });
    window.drawn = redraw(document.getElementById("live"), "/queue/cards");
    await fetch("/queue/cards");
    await Promise.race([window.drawn, soon]);
    return window.before.isConnected && document.getElementById("refused").hidden;
}"""


async def test_nothing_moves_beneath_a_finger_and_what_it_opens_stays_open(reader: Reader, demo: Demonstration) -> None:
    case = waiting(demo)
    page = (await at_the_queue(reader)).page
    more = page.locator(f"[data-case='{case}'] details")
    await more.locator("summary").hover()
    await page.mouse.down()
    assert await page.evaluate(DRAW_ANEW), "it waits"
    await page.mouse.up()
    assert await page.evaluate("async () => (await window.drawn, !window.before.isConnected)")
    await expect(more).to_have_attribute("open", "")
    await expect(page.locator("#refused")).to_contain_text("现在不行")


COMES_BACK = """button => {
    const look = () => (window.cameBack ||= document.querySelector(button) !== null);
    new MutationObserver(look).observe(document.getElementById("live"), { childList: true });
}"""


async def test_how_the_queue_stood_before_what_was_done_is_not_drawn_any_more(
    reader: Reader, demo: Demonstration
) -> None:
    case = waiting(demo)
    page = (await at_the_queue(reader)).page
    button = f"[data-case='{case}'] [data-verb=start]"
    asked, done_since, arrived = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def late(route: Route) -> None:
        answer = await route.fetch()
        asked.set()
        await done_since.wait()
        await route.fulfill(response=answer)
        arrived.set()

    await page.route("**/queue/cards", late, times=1)
    waiting(demo)
    await asked.wait()
    await tap(page, case, "start")
    await expect(page.locator(button)).to_have_count(0)
    await page.evaluate(COMES_BACK, button)
    done_since.set()
    await arrived.wait()
    await page.wait_for_timeout(300)
    assert not await page.evaluate("window.cameBack")


async def test_what_a_card_offers_since_it_changed_can_be_done_too(reader: Reader, demo: Demonstration) -> None:
    body = {"title": "桥面有坑", "kind": "request", "village": HOME, "grade": "I"}
    case: str = demo.post("/v1/cases", body, "integrator", key="offered")["id"]
    watched = await reader("town_clerk", **PHONE)
    page = watched.page
    await watched.open("/queue")
    await tap(page, case, "accept")
    await page.locator("#act form button.main").tap()
    await page.route("**/choices/units", lambda route: route.abort())
    async with page.expect_event("requestfailed"):
        await tap(page, case, "assign")
    await page.unroute("**/choices/units")
    unit = page.locator("#act [data-name=unit]")
    await unit.fill("晏坝镇")
    await page.locator("#offer-units [data-id]").first.wait_for(state="attached")
    await page.locator("#act form button.main").tap()
    await expect(page.locator("#said")).to_contain_text("派单")
    assert [event["type"] for event in demo.history(case)] == ["case.reported", "case.accepted", "case.assigned"]


async def attach(page: Page, case: str, file: FilePayload) -> None:
    """A file, sent for a case."""
    await tap(page, case, "attach")
    form = page.locator("#act form")
    await form.locator("[data-name=kind]").select_option("photo")
    await form.locator("input[type=file]").set_input_files(files=[file])
    await form.locator("button.main").tap()


async def test_what_will_never_be_taken_is_told_and_holds_nothing_up(reader: Reader, demo: Demonstration) -> None:
    case, other = waiting(demo), waiting(demo)
    page = (await at_the_queue(reader)).page
    await page.route("**/v1/attachments", lambda route: route.fulfill(status=413, json={"detail": "太大"}))
    await attach(page, case, {"name": "p.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4 " + b"0" * 1000})
    await tap(page, other, "start")
    await expect(page.locator("#outbox")).to_be_hidden()
    await expect(page.locator("#refused")).to_contain_text("太大")
    assert done(demo, case) == {}
    assert done(demo, other) == {"case.work_started": 1}
    await page.unroute("**/v1/attachments")
    await page.reload()
    await page.get_by_role("button", name="改正").tap()
    form = page.locator("#act form")
    await expect(form.locator("[data-name=kind]")).to_have_value("photo")
    await form.locator("button.main").tap()
    await expect(page.locator("#refused")).to_be_hidden()
    await expect(page.locator("#said")).to_contain_text("已办")
    assert done(demo, case) == {"case.evidence_attached": 1}


async def test_a_photo_is_made_small_before_it_is_sent(reader: Reader, demo: Demonstration) -> None:
    case = waiting(demo)
    page = (await at_the_queue(reader)).page
    drawn = await page.evaluate(
        """async () => {
            const canvas = Object.assign(document.createElement("canvas"), { width: 4000, height: 3000 });
            const at = canvas.getContext("2d");
            for (let n = 0; n < 4000; n++) (at.fillStyle = `hsl(${n} 80% 50%)`), at.fillRect((n * 97) % 4000, (n * 61) % 3000, 60, 60);
            const blob = await new Promise(done => canvas.toBlob(done, "image/png"));
            return btoa([...new Uint8Array(await blob.arrayBuffer())].map(one => String.fromCharCode(one)).join(""));
        }"""
    )
    photo = b64decode(drawn)
    await attach(page, case, {"name": "p.png", "mimeType": "image/png", "buffer": photo})
    await expect(page.locator("#said")).to_contain_text("已办")
    [event] = demo.history(case)[3:]
    kept = await page.evaluate(
        """async sha => {
            const file = await (await fetch("/v1/attachments/" + sha)).blob(), picture = await createImageBitmap(file);
            return [file.type, picture.width, picture.height];
        }""",
        event["data"]["sha256"],
    )
    assert kept == ["image/jpeg", 1600, 1200]


async def test_it_is_sent_only_in_the_name_of_whoever_did_it(reader: Reader, demo: Demonstration) -> None:
    case = waiting(demo)
    page = (await at_the_queue(reader)).page
    await page.context.set_offline(True)
    await start(page, case)
    await expect(page.locator(f"[data-case='{case}'] .to-send")).to_contain_text("待发送")
    await expect(page.locator("#offline")).to_contain_text("离线")
    kept = await page.context.cookies()
    await page.context.clear_cookies(name="sanji_session")
    await page.context.set_offline(False)
    await expect(page.locator("#outbox-note a")).to_be_visible()
    own = {"Sec-Fetch-Site": "same-origin"}
    await page.context.request.post("/sign-in", form={"role": "town_clerk", "next": "/track"}, headers=own)
    await page.goto("/track")
    await expect(page.locator("#outbox-note")).to_contain_text("另一账号")
    await expect(page.locator("#outbox")).to_be_hidden()
    assert done(demo, case) == {}
    async with page.expect_event("dialog") as asked:
        await page.locator("#sign-out button").tap()
    await (await asked.value).dismiss()
    await page.context.add_cookies(
        [{"name": one["name"], "value": one["value"], "domain": one["domain"], "path": one["path"]} for one in kept]
    )
    await page.goto("/track")
    await expect(page.locator("#held")).to_be_hidden()
    assert done(demo, case) == {"case.work_started": 1}


async def test_signing_out_warns_of_what_would_be_lost(reader: Reader, demo: Demonstration) -> None:
    case = waiting(demo)
    page = (await at_the_queue(reader)).page
    await page.context.set_offline(True)
    await start(page, case)
    await expect(page.locator("#outbox")).to_be_visible()
    async with page.expect_event("dialog") as asked:
        page.once("dialog", lambda dialog: dialog.dismiss())
        await page.locator("#sign-out button").tap()
    assert "1 项" in (await asked.value).message
    await expect(page.locator("#outbox")).to_have_text("1 项待发送")


async def test_where_there_is_no_signal_a_page_that_was_not_kept_says_so(reader: Reader) -> None:
    page = (await at_the_queue(reader)).page
    await page.evaluate("navigator.serviceWorker.ready")
    await page.context.set_offline(True)
    await page.goto("/cases")
    await expect(page.locator("h1")).to_have_text("没有信号")
    await expect(page.locator("#offline")).to_contain_text("离线")
    await page.get_by_role("link", name="看已存下的待办").tap()
    await expect(page.locator("#live")).to_be_visible()
    await expect(page.locator("#offline")).to_contain_text("离线 显示的是")
    await page.context.set_offline(False)
    await page.get_by_role("link", name="看现在").tap()
    await expect(page.locator("#offline")).to_be_hidden()


async def test_who_signs_in_is_not_shown_what_was_kept_for_another(reader: Reader) -> None:
    page = (await at_the_queue(reader)).page
    await page.goto("/track")
    head = str(await page.locator("body").get_attribute("data-me"))
    await page.locator("details.me summary").tap()
    await page.locator("details.me button[value=town_clerk]").tap()
    await expect(page.locator("body")).not_to_have_attribute("data-me", head)
    await page.locator("html[data-kept]").wait_for(state="attached")
    await page.context.set_offline(True)
    await page.goto("/queue")
    await expect(page.locator("h1")).to_have_text("待办")
    await expect(page.locator("body")).not_to_have_attribute("data-me", head)
