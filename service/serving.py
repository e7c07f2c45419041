"""Running the service under uvicorn: one process, or several on one database."""

from __future__ import annotations

import os
import sys

import uvicorn
from fastapi import FastAPI

from service.app import create_app
from service.front.heads import Bounded
from service.keeper import has_keeper, keeping
from service.logs import log_as_json
from service.office import Office
from service.settings import Settings
from service.storage.database import OUT_OF_REACH, UnsafeSettings


def run(settings: Settings, workers: int = 1) -> None:
    """Serve until told to stop. Refuses to start on settings that would lose what it acknowledged."""
    if workers > 1 and settings.clock == "manual":
        sys.exit("sanji: a clock that is set by hand is one process's; serve with one worker")
    os.environ["SANJI_HOST"], os.environ["SANJI_PORT"] = settings.host, str(settings.port)
    app = application(settings) if workers == 1 else "service.serving:application"
    with keeping(settings):
        uvicorn.run(
            app,
            factory=workers > 1,
            workers=workers,
            host=settings.host,
            port=settings.port,
            http=Bounded,
            log_config=None,
            access_log=False,
        )


def application(settings: Settings | None = None) -> FastAPI:
    log_as_json()
    try:
        settings = settings or Settings()
        return create_app(Office(settings), background=not has_keeper(settings))
    except UnsafeSettings as unsafe:
        sys.exit(f"sanji: {unsafe}")
    except OUT_OF_REACH:
        sys.exit("sanji: the database does not answer; sanji doctor says why")
