"""Does the imports that wait, one after the other, in the process that keeps; after a crash the next one goes on."""

from __future__ import annotations

import logging
from threading import Event, Thread
from typing import TYPE_CHECKING

from domain.refusals import Refused
from domain.rules.authority import AUTHORITY, IMPORT
from service.importing import jobs
from service.importing.faults import Fault
from service.importing.jobs import State
from service.importing.reports import Errand, Progress, report_all
from service.importing.sheets import NoTable
from service.secrecy.person_keys import Unreadable

if TYPE_CHECKING:
    from service.office import Office

log = logging.getLogger("sanji.importer")

PATIENCE = 0.5
"""Seconds between two looks for a job when nobody calls."""
NO_LONGER = "whoever sent it may not any more; the rest was not read", "发送者的密钥或岗位已失效，其余行未处理"
TOO_OFTEN = "it was interrupted too often; send the file again", "任务多次中断，请重新上传"


class GivenUp(Refused):
    """The sender may not import any more: the rest of the file is not read."""


class Stopped(Exception):
    """The process ends; the next one goes on with the job."""


class Importer:
    """Runs import jobs. The log of the service says what kind of failure happened, never what a file holds."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._called, self._stopped = Event(), Event()
        self._thread = Thread(target=self._work, name="importer", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._called.set()
        self._thread.join()

    def call(self) -> None:
        """Wake the importer of this process; that of another looks for itself."""
        self._called.set()

    def _work(self) -> None:
        while not self._stopped.is_set():
            try:
                while self._office.background.leads and self._next():
                    pass
            except Stopped:
                return
            except Exception as error:  # noqa: BLE001 - its words may be those of the file; some tries, and it is given up
                log.warning("imports stand still and will go on: %s", type(error).__name__)
            self._called.wait(PATIENCE)
            self._called.clear()

    def _next(self) -> bool:
        """Run the next job to its end. False: there is none."""
        engine, seals = self._office.engine, self._office.seals
        job = self._office.read_now(jobs.next_unended)
        if job is None:
            return False
        progress = Progress()
        try:
            begun = jobs.taken_up(engine, seals, job, self._office.recorder.max_notification_id() or 0)
            if begun is None:
                raise GivenUp(*TOO_OFTEN)
            errand, progress = begun
            self._may_still(errand)
            report_all(self._office, errand, progress, lambda: self._further(job, errand, progress), self._pause)
        except (NoTable, GivenUp, Unreadable) as error:
            message = UNSEALED if isinstance(error, Unreadable) else (error.english, error.chinese)
            progress.faults.insert(0, (0, (Fault("", *message),)))
            self._end(job, State.FAILED, progress)
        else:
            self._end(job, State.DONE, progress)
        return True

    def _further(self, job: str, errand: Errand, progress: Progress) -> None:
        if self._stopped.is_set():
            raise Stopped
        jobs.got_further(self._office.engine, job, progress)
        self._may_still(errand)

    def _may_still(self, errand: Errand) -> None:
        """Raises GivenUp if the key of the sender was revoked, or his posts give him no right to import any more."""
        office = self._office
        now = office.clock.now()
        actor = office.read_now(lambda db: office.identity.by_now(db, errand.by.id, errand.key, office.org, now))
        if actor is None or all(post.role not in AUTHORITY[IMPORT] for post in actor.posts):
            raise GivenUp(*NO_LONGER)

    def _pause(self) -> None:
        if self._stopped.wait(PATIENCE):
            raise Stopped

    def _end(self, job: str, state: State, progress: Progress) -> None:
        jobs.ended(self._office.engine, job, state, progress, self._office.clock.now())
        log.info("import %s is %s: %d rows, %d refused", job, state, progress.rows or 0, progress.refused)


UNSEALED = (
    "another service put the file away, or the job was changed; send the file again",
    "文件由其他系统保存或任务已被更改，请重新上传",
)
