"""Views that changed with the service are built beside, before it answers from them; the others go on meanwhile."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import cache, partial

from sqlalchemy import Connection, Engine, select

from projections import PROJECTIONS
from projections.following.follower import Follower, read_from
from projections.following.schema import progress
from service.keeping.leadership import Occupied
from service.keeping.rebuilding import CLOSE, Rebuilding
from service.record.reading import Reading
from service.record.recorder import Recorder

log = logging.getLogger("sanji.renewing")


def unbuilt(db: Connection, recorder: Recorder) -> frozenset[str]:
    """The views that cannot answer yet: kept by an older service, of another log, or not at all though it is long."""
    last, kept = recorder.last(db), db.execute(select(progress)).all()
    read = cache(partial(read_from, Reading(recorder)))
    found = {row.projection: row.version if read(row.position, row.mark) else 0 for row in kept}
    return frozenset(
        one.name for one in PROJECTIONS if found.get(one.name, 0) < one.version and (one.name in found or last > CLOSE)
    )


class Renewal:
    """Has the follower leave alone what is not built yet, and builds it when this process leads."""

    def __init__(self, url: str, engine: Engine, recorder: Recorder, follower: Follower) -> None:
        self._url = url
        self._engine = engine
        self._recorder = recorder
        self._follower = follower
        self._follower.waiting = self.needed()

    def needed(self) -> frozenset[str]:
        with self._engine.connect() as db:
            return unbuilt(db, self._recorder)

    def renew(self, meanwhile: Callable[[], object]) -> None:
        """Build what needs it; `meanwhile` is done again and again, so that nothing else stands still."""
        if not self._follower.waiting:
            return
        self._follower.waiting = names = self.needed()
        if not names:
            return
        try:
            building = Rebuilding(self._url, sorted(names))
        except Occupied:
            return
        log.warning("building %s beside what serves", ", ".join(sorted(names)))
        try:
            building.run(lambda _far, _last: meanwhile())
        finally:
            building.close()
        self._follower.waiting = self.needed()
