"""The queue page counts as one's own what it lists as one's own, says of what other numbers are, and calls late what is late."""

from __future__ import annotations

import html
import re

from api_tests.client import Client
from api_tests.pages.reading import page, page_for
from service.web.queue import ALWAYS


def heading(drawn: str) -> str:
    """What the queue says of itself before its cards, in one line."""
    [said] = re.findall(r'<p class="row" aria-live="polite">(.*?)</p>', drawn, re.DOTALL)
    return " ".join(re.sub("<[^>]+>", " ", said).split())


async def test_what_is_there_for_ones_knowledge_is_not_counted_among_what_one_has_to_do(api: Client) -> None:
    case = await api.assigned()
    await api.ask(case, "request-extension", by="clerk:T01", days=2, reason="snow", petitioner_told=True)
    assert heading(await page_for(api, "adjudicator", "/queue")) == "1 件待办 0 件逾期 0 件将到期"
    told = heading(await page_for(api, "leader:D-MASSWORK", "/queue"))
    assert told == "0 件待办 队列共 1 件，其中 0 件逾期 0 件将到期"


async def test_of_a_queue_of_several_pages_each_says_that_it_counts_itself(api: Client) -> None:
    for n in range(21):
        await api.report(by="citizen:1", village="V0101", title=f"Pipe {n}")
    first = await page_for(api, "clerk:T01", "/queue")
    [following] = re.findall(r'href="(/queue\?cursor=[^"]+)"', first)
    assert heading(first).startswith("本页 20 件待办 队列共 21 件，其中 ")
    assert heading(await page(api, html.unescape(following))).startswith("本页 1 件待办 队列共 21 件，其中 ")


async def test_a_right_that_ran_out_unused_is_over_and_not_late(api: Client) -> None:
    case = await api.assigned()
    [window] = [clock for clock in case["clocks"] if clock["kind"] == "dispute_window"]
    await api.set_clock(window["due_at"])
    assert re.findall("退单</span><span>.* · (.*)</span></li>", await page_for(api, "head:T01", "/queue")) == ["已过"]


async def test_what_may_be_done_with_every_case_is_offered_last(api: Client) -> None:
    await api.assigned()
    verbs = re.findall('<button.* data-verb="([a-z-]+)"', await page_for(api, "head:T01", "/queue"))
    last = [verb for verb in ALWAYS if verb in verbs]
    assert (verbs[0], verbs[-len(last) :]) == ("contact", last)
