"""Running the service under uvicorn: one process, or several on one database."""

from __future__ import annotations

import os
import resource
import signal
import socket
import sys
from multiprocessing.process import BaseProcess, parent_process
from threading import Thread

import uvicorn
from fastapi import FastAPI

from service.app import create_app
from service.http.connections import Bounded
from service.keeper import has_keeper, keeping
from service.keeping.damage import GLANCE, put_aside
from service.logs import log_as_json
from service.office import Office
from service.settings import Settings
from service.terminal.ending import in_one_line

FAREWELL = 3
"""Seconds for which requests under way are waited for when the service ends."""
DESCRIPTORS = 65_536
"""File descriptors of a process, as far as this machine allows."""


def run(settings: Settings, workers: int = 1) -> None:
    """Serve until told to stop. Refuses to start on settings that would lose what it acknowledged."""
    if workers > 1 and settings.clock == "manual":
        sys.exit("sanji: a clock that is set by hand is one process's; serve with one worker")
    put_aside(settings.database, GLANCE)
    if workers > 1:
        # a worker that refuses would be begun again for ever
        Office(settings).open(background=False).close()
    _take_room()
    must_be_free(settings.host, settings.port)
    os.environ["SANJI_HOST"], os.environ["SANJI_PORT"] = settings.host, str(settings.port)
    # uvicorn ends by the signal it was told to end by; so that the keeper has ended before, it must not be deadly
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    app = application(settings) if workers == 1 else "service.serving:application"
    with keeping(settings):
        uvicorn.run(
            app,
            factory=workers > 1,
            workers=workers,
            host=settings.host,
            port=settings.port,
            http=Bounded,
            timeout_graceful_shutdown=FAREWELL,
            log_config=None,
            access_log=False,
        )


def _take_room() -> None:
    """Raise the soft limit of file descriptors to the hard one, at most DESCRIPTORS: the usual 1,024 are few for many
    who watch.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = DESCRIPTORS if hard == resource.RLIM_INFINITY else min(DESCRIPTORS, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))


def must_be_free(host: str, port: int) -> None:
    """End here if the address cannot be listened on: uvicorn would only log it, and several processes would say
    nothing.
    """
    try:
        [(family, *_, address), *_] = socket.getaddrinfo(
            host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
        socket.create_server(address, family=family).close()
    except OSError as error:
        reason = str(error.strerror).partition(" (")[0]
        sys.exit(f"sanji: nobody can listen on {host}:{port}: {reason}; choose with --host and --port")


def application(settings: Settings | None = None) -> FastAPI:
    """The application of one process. Workers that uvicorn starts have not come through the command line."""
    log_as_json()
    if settings is None and (whole := parent_process()) is not None:
        Thread(target=end_with, args=(whole,), name="lifeline", daemon=True).start()
    with in_one_line():
        settings = settings or Settings()
        return create_app(Office(settings), background=not has_keeper(settings))


def end_with(whole: BaseProcess) -> None:
    """End this worker when the process that started it is gone: nobody would keep the views and the time any more."""
    whole.join()
    os.kill(os.getpid(), signal.SIGTERM)
