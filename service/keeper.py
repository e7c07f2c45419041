"""The keeper: a process of its own keeps the views and the time, so that requests have theirs."""

from __future__ import annotations

import logging
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from multiprocessing.resource_tracker import ensure_running
from threading import Event, Thread

from service.keeping.garbage import look_seldom
from service.logs import log_as_json
from service.office import Office
from service.settings import Settings

log = logging.getLogger("sanji.keeper")

PROCESSES = get_context("spawn")
PATIENCE = 1.0
FAREWELL = 5.0
"""Seconds for which a keeper may go on when the service ends; then it is killed, which breaks nothing."""


def has_keeper(settings: Settings) -> bool:
    """Whether a process of its own keeps the views and the time; with a clock set by hand the service does so itself."""
    return settings.clock == "system"


@contextmanager
def keeping(settings: Settings) -> Iterator[None]:
    """Run a keeper while the context lasts; if it dies, another is started."""
    if not has_keeper(settings):
        yield
        return
    over = Event()
    thread = Thread(target=_employ, args=(settings, over), name="keeper", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _employ(settings: Settings, over: Event) -> None:
    """Start keepers with Ctrl-C ignored from the first moment on, as it is meant for the service: their lifeline tells
    them when to end.
    """
    # where a process is first begun, this is done, too, and undone what is blocked
    ensure_running()
    signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT, signal.SIGTERM))
    while not over.is_set():
        try:
            _employ_one(settings, over)
        except OSError as error:
            log.error("no keeper could be begun, and one will be: %s", error)
        over.wait(PATIENCE)


def _employ_one(settings: Settings, over: Event) -> None:
    """Run one keeper until it ends. Raises OSError where this machine has no room for one."""
    ours, theirs = PROCESSES.Pipe()
    keeper: BaseProcess = PROCESSES.Process(target=keep, args=(settings, theirs), name="sanji keeper", daemon=True)
    with ours:
        with theirs:
            keeper.start()
        while keeper.is_alive() and not over.wait(PATIENCE):
            pass
    if not over.is_set():
        log.error("the keeper ended with %s; there will be another", keeper.exitcode)
    keeper.join(FAREWELL)
    keeper.kill()
    keeper.join()


def keep(settings: Settings, lifeline: Connection) -> None:
    """Keep the views and the time until the other end of the lifeline is closed: the service has ended, or died."""
    log_as_json()
    look_seldom()
    office = Office(settings).open()
    try:
        lifeline.recv()
    except EOFError:
        pass
    finally:
        office.close()
