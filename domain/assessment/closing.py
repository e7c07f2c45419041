"""Closing a quarter: the visits owed and paid in it are counted once, and the count is final."""

from collections.abc import Iterator
from datetime import datetime

from domain.assessment.events import DutyCounted, QuarterClosed
from domain.assessment.year import UnitYear
from domain.decider import Act, Entry, command
from domain.duties import Quarter, TargetKind


@command
class CloseQuarter:
    """Write down what a town owed in a quarter and what of it was done. Done once, whoever asks how often."""

    quarter: Quarter
    duties: tuple[DutyCounted, ...]
    accountable: str | None
    closes_at: datetime

    def decide(self, year: UnitYear, _act: Act, /) -> Iterator[Entry[QuarterClosed]]:
        quarter = str(self.quarter)
        if quarter not in year.closed:
            closed = QuarterClosed(quarter=quarter, duties=self.duties, accountable=self.accountable)
            yield Entry(event=closed, at=self.closes_at)


def counted_in(quarter: Quarter, kind: TargetKind) -> bool:
    """Whether a kind's period ends with this quarter."""
    return kind.quarterly or quarter.number % 2 == 0
