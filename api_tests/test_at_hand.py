"""What the ledger keeps at hand: the streams that were asked for last, and at every moment what each decision rests on."""

from collections import OrderedDict

import pytest

from domain.case import Report
from domain.case.terms import Kind
from domain.decider import Actor
from domain.streams import case_stream
from service.office import Office
from service.record import ledger
from service.record.drafting import Page
from service.record.orders import Order, Receipt

MANY = 12


def test_the_organisation_is_at_hand_while_streams_are_forgotten(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    class Pages(OrderedDict[str, Page]):
        def popitem(self, last: bool = True) -> tuple[str, Page]:
            """A request that comes at this very moment asks for the organisation, too."""
            forgotten = super().popitem(last)
            asked.append(office.org.version)
            return forgotten

    monkeypatch.setattr(ledger, "REMEMBERED", MANY // 2)
    office.ledger.pages = Pages(office.ledger.pages)
    reports = [
        Order(
            stream=case_stream(f"asked-{number}"),
            command=Report(title=f"Report {number}", kind=Kind.REQUEST),
            by=Actor(id="citizen:1"),
        )
        for number in range(MANY)
    ]
    assert all(isinstance(outcome, Receipt) for outcome in office.clerk.settle_all(reports))
    assert len(asked) >= MANY // 2
    assert set(asked) == {office.org.version}
    assert len(office.ledger.pages) == MANY // 2
