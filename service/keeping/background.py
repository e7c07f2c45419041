"""What goes on by itself: the views follow the log, deadlines that passed lapse, and what was recorded is signed."""

from __future__ import annotations

import logging
from datetime import datetime
from threading import Event, Lock, Thread
from time import monotonic
from typing import TYPE_CHECKING

from sqlalchemy import exc

from projections.following.follower import Superseded
from service.keeping.leadership import leadership
from service.keeping.quarters import Quarters
from service.keeping.renewing import Renewal
from service.keeping.rounds import Rounds
from service.keeping.rulesets import Rulesets
from service.keeping.timekeeper import Timekeeper
from service.storage.bell import PATIENCE

if TYPE_CHECKING:
    from service.office import Office

REST = 5.0
"""After each batch it rests this many times as long as that took, 0.3 s at most: what comes meanwhile is read together.
"""

log = logging.getLogger("sanji.background")


class Stopping(Exception):
    """The service stops; what goes on by itself goes on when it starts again."""


class Background:
    """A thread in every process that keeps; only the leader's moves the views and the time, each signs in its own folder."""

    def __init__(self, office: Office) -> None:
        engine, clerk = office.engine, office.clerk
        self.follower = office.follower
        self.timekeeper = Timekeeper(engine, clerk)
        self.quarters = Quarters(engine, clerk)
        self.rulesets = Rulesets(engine, clerk)
        self.leadership = leadership(engine)
        self.leads = False
        self._superseded = False
        self._clock = office.clock
        self._recorded = office.recorded
        self._viewed = office.tell_viewers
        self._sign = office.notary.follow
        self._renewal = Renewal(office.settings.database, engine, office.recorder, office.follower)
        self._rounds = Rounds(engine, office.recorder)
        self._turn = Lock()
        self._stopped = Event()
        self._thread = Thread(target=self._work, name="background", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._recorded.ring()
        self._thread.join()
        self.leadership.release()

    def settle(self, until: datetime) -> None:
        """Bring the views up to the log, and let deadlines lapse and quarters close up to this instant, in due order."""
        with self._turn:
            calendars, org = self.timekeeper.reference
            self._follow()
            if self.timekeeper.confirm(calendars):
                self._follow()
            while (closes := self.quarters.due()) is not None and closes <= until:
                self._lapse(closes)
                self.quarters.close()
                self._follow()
                if self.quarters.due() == closes:
                    break
            self._lapse(until)
            if self.timekeeper.take_away(org, until):
                self._follow()
            while self.rulesets.keep(until):
                self._follow()
                self._lapse(until)
            self._follow()

    def _work(self) -> None:
        while not self._stopped.is_set():
            heard, began, more = self._recorded.heard, monotonic(), False
            try:
                self.leads = not self._superseded and self.leadership.held()
                if self.leads:
                    # deadlines first: they lapse though views that changed cannot be built
                    self.settle(self._clock.now())
                    self._renewal.renew(lambda: self.settle(self._clock.now()))
                more = self._sign()
                if self.leads:
                    self._rounds.done(self.timekeeper.stuck)
            except Stopping:
                return
            except Superseded as newer:
                log.warning("%s: a newer service is to keep the views and the time", newer)
                self.leads, self._superseded = False, True
                self.leadership.release()
            except Exception:
                # a thread that ended would go on leading, and nobody else would keep the views and the time
                log.exception("the views could not be brought up, or the log not signed; trying again")
                self._stopped.wait(PATIENCE)
            if not more:
                self._stopped.wait(min(0.3, REST * (monotonic() - began)))
                self._recorded.wait(heard, self._patience())

    def _patience(self) -> float:
        """Until the next deadline, or a second: whichever comes first."""
        try:
            due = self.timekeeper.next_due()
        except exc.SQLAlchemyError:
            return PATIENCE
        if due is None:
            return PATIENCE
        return min(PATIENCE, max(0.01, (due - self._clock.now()).total_seconds()))

    def _lapse(self, until: datetime) -> None:
        while self.timekeeper.lapse(until):
            self._follow()

    def _follow(self) -> None:
        """Raises Stopping, for nothing may be decided by views that are behind."""
        while not self._stopped.is_set():
            if not self.follower.advance():
                return
            self._viewed()
            self._rounds.done(self.timekeeper.stuck)
        raise Stopping
