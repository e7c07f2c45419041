"""Every page in a real browser: it complains of nothing, asks nobody else, and keeps nobody out."""

from __future__ import annotations

import re
from typing import Any

import pytest

from api_tests.browser.conftest import DESK, PHONE, Reader
from api_tests.browser.demonstration import Demonstration
from api_tests.browser.watching import Watched
from service.demo.district import HOME

pytestmark = pytest.mark.asyncio(loop_scope="session")

ON_A_PHONE: dict[str, Any] = {"dark": True, **PHONE}

CODES = re.compile(r"key:[\w-]+|p-[0-9a-f]{6,}|[（(](?:\d{6,}|[a-z_]+:\d+)[）)]")
"""What machines call people and places; people read names."""

PAGES: dict[str, tuple[str | None, str]] = {
    "sign-in": (None, "/sign-in"),
    "track": (None, "/track"),
    "tracked": (None, "/track/{code}"),
    "overview": ("auditor", "/"),
    "overview of a town": ("town_head", "/?unit={town}"),
    "overview as it stood": ("auditor", "/?at={then}"),
    "queue": ("town_head", "/queue"),
    "cases": ("auditor", "/cases"),
    "overdue": ("town_head", "/cases?overdue=true&sort=due_at"),
    "case": ("town_head", "/cases/{open}"),
    "replay": ("auditor", "/cases/{case}/replay?version=5"),
    "report": ("cadre", "/report"),
    "households": ("town_head", "/households"),
    "key support": ("town_head", "/households?class=priority"),
    "household": ("town_head", "/households/{household}"),
    "scorecards": ("auditor", "/scorecards"),
    "scorecard": ("town_head", "/scorecards/{town}/{year}"),
    "evidence": ("auditor", "/scorecards/{town}/{year}/evidence?figure=first_response&mark=yes"),
    "coverage": ("auditor", "/coverage"),
    "coverage of a town": ("town_head", "/coverage?unit={town}"),
    "organisation": ("auditor", "/organisation"),
    "unit": ("auditor", "/organisation/{town}"),
    "policy": ("admin", "/policies/hanbin-default-1"),
    "what if": ("auditor", "/policies/hanbin-default-1/what-if?from={year}-01-01&to={year}-12-31&version=1"),
    "calendar": ("admin", "/calendars/cn/{year}"),
    "calendar of no notice": ("auditor", "/calendars/cn/2099"),
    "imports": ("admin", "/jobs"),
    "programmes": ("town_head", "/programmes"),
    "programme": ("town_head", "/programmes/{programme}"),
    "visits": ("cadre", "/visits"),
    "more": ("auditor", "/more"),
    "find a person": ("privacy_officer", "/persons"),
    "webhooks": ("admin", "/webhooks"),
    "webhook": ("admin", "/webhooks/{webhook}"),
    "who looked": ("auditor", "/access-log"),
    "who looked at a case": ("privacy_officer", "/access-log?case={case}"),
    "weekly report": ("town_head", "/reports/weekly"),
    "weekly report of a department": ("auditor", "/reports/weekly?unit=dept-ecology"),
    "monthly report": ("auditor", "/reports/monthly"),
}


@pytest.fixture(scope="session")
def known(demo: Demonstration) -> dict[str, str]:
    """What the addresses of pages are made of."""
    pasted = "https://example.invalid/" + "a" * 120
    body = {"title": f"校门口路灯不亮 {pasted}", "description": pasted, "kind": "request", "village": HOME}
    reported = demo.post("/v1/cases", body, "integrator", key="tracked")
    [first, *_] = demo.get("/v1/me/queue", "town_head")["items"]
    [household] = demo.get("/v1/households?class=priority&limit=1", "town_head")["items"]
    [programme, *_] = demo.get("/v1/programmes", "town_head")["items"]
    webhook = demo.post("/v1/webhooks", {"url": "https://hotline.example/told"}, "integrator", key="webhook")
    then = demo.history(demo.case)[4]["at"][:16]
    return {
        "code": reported["query_code"],
        "case": demo.case,
        "open": first["id"],
        "town": demo.town,
        "then": then,
        "year": then[:4],
        "household": household["id"],
        "programme": programme["id"],
        "webhook": webhook["id"],
    }


@pytest.mark.parametrize(
    ("page", "look"),
    [
        pytest.param(page, look, marks=pytest.mark.soak if (number + turn) % 2 else ())
        for number, page in enumerate(PAGES)
        for turn, look in enumerate(("in the dark", "by day"))
    ],
)
async def test_it_is_quiet_keeps_to_itself_and_can_be_used_by_everybody(
    walker: Reader, known: dict[str, str], page: str, look: str
) -> None:
    """On a phone, in both languages, in letters twice as large too; what keeps people out is looked for there in the
    dark, or at a desk by day."""
    role, address = PAGES[page]
    watched = await walker(role)
    await watched.open(address.format(**known))
    await said_for_people(watched)
    await watched.set_letters(32)
    assert not await watched.too_wide()
    await watched.set_letters(16)
    if look == "by day":
        await watched.page.emulate_media(color_scheme="light")
        await watched.page.set_viewport_size(DESK["viewport"])
        assert not await watched.too_wide()
    assert await watched.barriers() == []
    await watched.page.set_viewport_size(PHONE["viewport"])
    await watched.speak("en")
    await watched.open(address.format(**known))
    await said_for_people(watched)


async def said_for_people(watched: Watched) -> None:
    """It has a title and fits, names people and places by their names, complains of nothing, asks nobody else."""
    assert await watched.page.title()
    assert not await watched.too_wide()
    assert CODES.findall(await watched.page.inner_text("main")) == []
    assert watched.complaints == []
    assert watched.asked_elsewhere == []


@pytest.mark.parametrize("role", ["town_head", "dispatcher"])
async def test_every_form_fits_on_a_phone_and_can_be_used_by_everybody(
    reader: Reader, known: dict[str, str], role: str
) -> None:
    watched = await reader(role, **ON_A_PHONE)
    page = watched.page
    await watched.open(f"/cases/{known['open']}")
    await page.eval_on_selector_all("details", "all => all.forEach(one => (one.open = true))")
    verbs: list[str] = await page.eval_on_selector_all(
        "template[data-form]",
        "all => all.filter(one => one.content.querySelector('[data-name]')).map(one => one.dataset.form)",
    )
    assert len(verbs) > 5
    for verb in verbs:
        await page.locator(f"[data-verb={verb}]").tap()
        await page.locator("#act").wait_for(state="visible")
        assert await watched.barriers("#act") == [], verb
        assert await page.evaluate(
            "document.getElementById('act').scrollWidth <= document.getElementById('act').clientWidth"
        )
        assert not await watched.too_wide(), verb
        await page.keyboard.press("Escape")
    assert watched.complaints == []


async def test_a_page_that_is_not_there_says_so_and_can_be_read(reader: Reader) -> None:
    watched = await reader("auditor", **ON_A_PHONE)
    await watched.open("/cases/nothing")
    assert await watched.barriers() == []
    [said] = watched.complaints
    assert "404" in said


async def test_what_a_page_must_not_do_would_be_noticed(reader: Reader) -> None:
    """The watchers see: a script of its own, another host, a picture without words, a page too wide."""
    watched = await reader(None, **ON_A_PHONE)
    await watched.open("/sign-in")
    await watched.page.evaluate(
        """() => {
            const script = document.createElement("script");
            script.textContent = "window.ran = 1";
            const picture = document.createElement("img");
            picture.src = "http://elsewhere.example/p.png";
            const wide = document.createElement("p");
            wide.append("wide".repeat(400));
            wide.style.whiteSpace = "nowrap";
            document.querySelector("main").append(script, picture, wide);
        }"""
    )
    assert await watched.page.evaluate("window.ran === undefined")
    assert len([said for said in watched.complaints if "Content Security Policy" in said]) >= 2
    assert any("image-alt" in line for line in await watched.barriers())
    assert await watched.too_wide()
