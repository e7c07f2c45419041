"""Midnight, when all deadlines of a day fall due at one instant: each lapses once, the oldest case first."""

import random
from dataclasses import replace
from datetime import timedelta

import pytest

from api_tests.client import Client, done
from api_tests.district import UNITS, instant, organisation
from domain.case import Report
from domain.case.clocks import ClockKind
from domain.case.terms import Kind
from domain.decider import SYSTEM, Actor
from domain.rules.policy import PerTier
from domain.streams import case_stream
from domain.tests.hanbin import RULES
from domain.tests.road import assigned_to, clock
from domain.tests.story import ORG, at
from service.keeping.timekeeper import Tick
from service.office import Office
from service.record.clock import ManualClock
from service.record.codec import to_line
from service.record.drafting import Draft, Page
from service.record.orders import Order, Receipt

pytestmark = pytest.mark.both

MORNING = instant("2025-03-03 08:00")
MIDNIGHT = instant("2025-03-05 00:00")
"""The end of the working day after the one on which all was reported: by then it should have been taken on."""


def report_all(office: Office, count: int) -> None:
    """Reports of one Monday, written down in the evening in any order."""
    moments = [MORNING + timedelta(seconds=2 * number) for number in range(count)]
    random.Random(count).shuffle(moments)
    orders = [
        Order(
            stream=case_stream(f"case-{number}"),
            command=Report(title=f"Report {number}", kind=Kind.REQUEST, occurred_at=moment),
            by=Actor(id="citizen:1"),
            fresh=True,
        )
        for number, moment in enumerate(moments)
    ]
    for some in range(0, count, 1000):
        assert all(isinstance(one, Receipt) for one in office.clerk.settle_all(orders[some : some + 1000]))


@pytest.mark.parametrize("count", [200, pytest.param(10_000, marks=pytest.mark.soak)])
async def test_all_deadlines_of_one_midnight_lapse_in_one_pass(api: Client, office: Office, count: int) -> None:
    evening = MORNING + timedelta(seconds=2 * count) + timedelta(hours=8)
    assert evening < MIDNIGHT
    await api.set_clock(evening.isoformat())
    report_all(office, count)
    before = office.recorder.max_notification_id() or 0

    await api.set_clock("2025-03-05 00:05")
    lines = [to_line(one.state) for one in office.recorder.select_notifications(before + 1, 2 * count)]
    assert [line.type for line in lines] == ["case.supervised"] * count
    assert {line.at for line in lines} == {MIDNIGHT}
    assert len({line.stream for line in lines}) == count
    reported = {
        stream: case.reported_at for stream, case in office.ledger.states(line.stream for line in lines).items()
    }
    order = [reported[line.stream] for line in lines]
    assert order == sorted(order)

    last = office.recorder.max_notification_id()
    await api.set_clock("2025-03-05 00:05")
    assert office.background.timekeeper.lapse(office.clock.now()) == 0
    again = [Order(stream=line.stream, command=Tick(), by=SYSTEM, until=MIDNIGHT) for line in lines[:1000]]
    assert all(isinstance(one, Receipt) for one in office.clerk.settle_all(again))
    assert office.recorder.max_notification_id() == last
    assert not office.background.timekeeper.stuck


def test_a_deadline_that_lapses_late_does_so_by_the_rules_of_its_own_instant() -> None:
    """The timer was away while another policy came into force."""
    story, since = assigned_to("T01"), at("03-14 00:00")
    hurried = replace(RULES, policy=replace(RULES.policy, hold_wd=PerTier(V=1, T=1, D=1)), policy_label="hurried.1")
    for now in ("03-13 00:00", "03-20 09:00"):
        act = replace(story.act(SYSTEM, at(now)), rules=RULES if at(now) < since else hurried)
        draft = Draft(
            order=Order(stream=case_stream("case-1"), command=Tick(), by=SYSTEM, until=at("03-13 00:00")),
            act=act,
            look=lambda _: Page(story.case),
            known=lambda moment: (ORG, RULES if moment < since else hurried),
            found=[],
        )
        draft.decide()
        assert clock(draft.pages[case_stream("case-1")].state, ClockKind.HOLD).policy == RULES.policy_label


async def test_a_deadline_that_lapses_late_goes_by_the_units_of_its_own_instant(api: Client, office: Office) -> None:
    """The timer was away while another department took over mass work."""
    case = await api.assigned()
    assert isinstance(office.clock, ManualClock)
    office.clock.set(instant("2025-03-13 09:00"))
    other = {"D-MASSWORK": (), "D-ROADS": ("mass_work",)}
    units = [(id, kind, parent, other.get(id, duties)) for id, kind, parent, duties in UNITS]
    done(await api.send("PUT", "/v1/org", by="admin", body=organisation(units)))
    await api.set_clock("2025-03-13 09:05")
    risen = await api.case(case)
    assert (risen["tier"], risen["unit"]) == ("district", "D-MASSWORK")
