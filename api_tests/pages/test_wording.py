"""What a case went through is told in names and sentences, and what is stored as it is stored."""

from __future__ import annotations

import re

from api_tests.client import Client
from api_tests.district import DONE, SOLVED
from api_tests.pages.reading import page


async def test_pages_say_names_and_not_codes(browser: Client) -> None:
    case = await browser.assigned()
    await browser.ask(case, "contact", by="head:T01", outcome="reached")
    for address in (f"/cases/{case['id']}", f"/cases/{case['id']}/replay?version=3"):
        drawn = await page(browser, address)
        said = re.sub(r"<details><summary>原始记录.*?</details>|<[^>]+>", " ", drawn, flags=re.DOTALL)
        assert "citizen:1" not in said
        assert "反映人" in said


async def test_a_case_that_was_merged_leads_to_the_other_by_a_link_and_not_by_a_code(browser: Client) -> None:
    one, other = await browser.assigned(), await browser.assigned()
    await browser.ask(one, "merge", by="clerk:T01", into=other["id"], basis="same_person_same_matter")
    drawn = await page(browser, f"/cases/{one['id']}")
    assert f'<a href="/cases/{other["id"]}">另一件事项</a>' in drawn
    assert "并入另一件事项" in drawn
    assert "另一件事项并入本件" in await page(browser, f"/cases/{other['id']}")


async def test_a_page_speaks_as_the_browser_asks_until_its_reader_chooses(api: Client) -> None:
    async def spoken(address: str, wanted: str) -> str:
        answer = await api.http.get(address, headers={"Accept": "text/html", "Accept-Language": wanted})
        return answer.text.split('<html lang="')[1].split('"')[0]

    for wanted, told in {"en-GB,en;q=0.9": "en", "zh-CN,zh;q=0.9,en;q=0.8": "zh-CN"}.items():
        assert [await spoken(address, wanted) for address in ("/sign-in", "/nowhere")] == [told, told]
    assert await spoken("/sign-in?lang=zh", "en") == "zh-CN"
    assert await spoken("/track", "en") == "zh-CN"


async def test_what_is_stored_is_shown_as_it_is_stored(browser: Client) -> None:
    case = await browser.assigned(title="村口水管漏水")
    drawn = await page(browser, f"/cases/{case['id']}/replay?version=1")
    assert "&#34;title&#34;: &#34;村口水管漏水&#34;" in drawn


async def test_what_follows_by_itself_is_not_laid_to_a_deadline_and_sentences_begin_as_such(browser: Client) -> None:
    case = await browser.assigned()
    await browser.ask(case, "resolve", by="head:T01", **DONE)
    await browser.ask(case, "feedback", by="follow-up", **SOLVED)
    drawn = await page(browser, f"/cases/{case['id']}?lang=en")
    assert "· the system</small><br>Closed: the reporter says it is solved." in drawn
    assert "The citizen gave feedback" in drawn
