"""Caches which cases have moved since an earlier instant, for views that are asked for with the same `at=`."""

from __future__ import annotations

from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Collection
from concurrent.futures import Future
from datetime import datetime
from threading import Lock

from sqlalchemy import Connection

from domain.case import Case
from domain.household import Household
from domain.org import Org
from domain.streams import ORG, case_stream, household_stream
from projections.cases.then import Then, as_it_stood
from service.record.codec import to_line
from service.record.reading import folded, states_of
from service.record.recorder import Recorder

KEPT = 8
MOST = 20_000
"""Cases that are kept at most, of all instants together; each takes a few kilobytes."""


class Earlier:
    """A page asks for the same instant many times over, and so does everybody who looks at the same report.

    What was worked out is right for one position of the views only: by the next, other cases have moved.
    """

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._kept: OrderedDict[tuple[datetime, int, int | None], Future[Then]] = OrderedDict()
        self._turn = Lock()
        self._org = Org()
        self._org_changed: list[datetime] = []

    def as_it_stood(self, db: Connection, at: datetime, position: int, known: int | None = None) -> Then:
        """Worked out by whoever asks first; whoever asks meanwhile waits for that."""
        key = (at, position, known)
        with self._turn:
            begun = key in self._kept
            found = self._kept.setdefault(key, Future())
            self._kept.move_to_end(key)
        if not begun:
            try:
                found.set_result(as_it_stood(db, at, self.recall, known))
            except BaseException as error:
                with self._turn:
                    del self._kept[key]
                found.set_exception(error)
                raise
            self._make_room()
        return found.result()

    def org(self, at: datetime, today: Org) -> Org:
        """The organisation as it stood then. That of one earlier version is kept at hand: it takes long to work out."""
        known = self._org_changed
        new = self._recorder.select_events(ORG, gt=len(known))
        known = self._org_changed = [*known, *(to_line(one.state).at for one in new)]
        version = bisect_right(known, at)
        if version >= today.version:
            return today
        org = self._org
        if org.version != version:
            org = self._org = folded(ORG, self._recorder.select_streams([ORG])[ORG], version=version)
        return org

    def _make_room(self) -> None:
        with self._turn:
            cases = {key: len(one.result().moved) for key, one in self._kept.items() if one.done()}
            while len(cases) > KEPT or (len(cases) > 1 and sum(cases.values()) > MOST):
                oldest = next(iter(cases))
                del cases[oldest], self._kept[oldest]

    def recall(self, cases: Collection[str], position: int, until: datetime | None = None) -> dict[str, Case]:
        """Cases by what the log tells up to a position, and an instant."""
        found = states_of(self._recorder, map(case_stream, cases), upto=position, at=until)
        return {case.id: case for case in found.values()}

    def households(self, homes: Collection[str], position: int) -> dict[str, Household]:
        """Households by what the log tells up to a position."""
        found = states_of(self._recorder, map(household_stream, homes), upto=position)
        return {home.id: home for home in found.values()}
