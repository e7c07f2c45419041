"""Earlier instants that were asked for lately: what views of them are put together from is worked out once."""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime
from threading import Lock

from sqlalchemy import Connection

from domain.org import Org
from projections.cases.then import Recall, Then, as_it_stood

KEPT = 8
MOST = 20_000
"""Cases that are kept for all of these together: a few kilobytes each."""


class Earlier:
    """One page asks for the same instant many times over, and so do all who look at the same report.

    What was worked out holds for one position of the views: after that, other cases have moved.
    """

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[datetime, int, int], Then] = OrderedDict()
        self._turn = Lock()

    def as_it_stood(self, db: Connection, org: Org, at: datetime, position: int, recall: Recall) -> Then:
        key = (at, position, org.version)
        with self._turn:
            if (known := self._known.get(key)) is not None:
                self._known.move_to_end(key)
                return known
        found = as_it_stood(db, org, at, recall)
        with self._turn:
            self._known[key] = found
            while len(self._known) > KEPT or (
                len(self._known) > 1 and sum(len(one.moved) for one in self._known.values()) > MOST
            ):
                self._known.popitem(last=False)
        return found
