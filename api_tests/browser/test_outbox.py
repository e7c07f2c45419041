"""A phone without signal: what is tapped waits, over a reload, and is done exactly once when the signal is back."""

from __future__ import annotations

from base64 import b64decode

import pytest
from playwright.async_api import FilePayload, Page, Route, expect

from api_tests.browser.conftest import Reader
from api_tests.browser.demonstration import Demonstration
from api_tests.browser.tapping import at_the_queue, contact, tap
from api_tests.browser.waiting import done, waiting

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def start(page: Page, case: str) -> None:
    """Without signal: one tap, and another by a trembling hand."""
    await tap(page, case, "start")
    await tremble(page, case)


async def tremble(page: Page, case: str) -> None:
    button = page.locator(f"[data-case='{case}'] [data-verb=start]")
    await expect(button).to_have_attribute("aria-disabled", "true")
    await button.dispatch_event("click")
    await button.evaluate("button => (button.removeAttribute('aria-disabled'), button.click())")  # as if drawn anew


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
    kept = await page.evaluate("caches.match('/queue').then(Boolean)")
    assert kept, "by its address alone, so that the next one takes its place"


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


async def test_a_photo_does_not_tell_where_it_was_taken_however_small_it_is(
    reader: Reader, demo: Demonstration
) -> None:
    case = waiting(demo)
    page = (await at_the_queue(reader)).page
    drawn = await page.evaluate(
        """async () => {
            const canvas = Object.assign(document.createElement("canvas"), { width: 40, height: 30 });
            canvas.getContext("2d").fillRect(0, 0, 20, 30);
            const blob = await new Promise(done => canvas.toBlob(done, "image/jpeg"));
            return btoa(String.fromCharCode(...new Uint8Array(await blob.arrayBuffer())));
        }"""
    )
    place = b"Exif\x00\x00 32.6877 N 109.0293 E"
    plain = b64decode(drawn)
    photo = plain[:2] + b"\xff\xe1" + (len(place) + 2).to_bytes(2) + place + plain[2:]
    await attach(page, case, {"name": "p.jpg", "mimeType": "image/jpeg", "buffer": photo})
    await expect(page.locator("#said")).to_contain_text("已办")
    [event] = demo.history(case)[3:]
    kept = await page.evaluate(
        "async sha => await (await fetch('/v1/attachments/' + sha)).text()", event["data"]["sha256"]
    )
    assert "JFIF" in kept
    assert "Exif" not in kept


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
