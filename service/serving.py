"""Running the service under uvicorn: one process, or several on one database."""

from __future__ import annotations

import logging
import os
import sys

import orjson
import structlog
import uvicorn
from fastapi import FastAPI
from structlog.typing import Processor

from service.app import create_app
from service.database import UnsafeSettings
from service.office import Office
from service.settings import Settings


def run(settings: Settings, workers: int = 1) -> None:
    """Serve until told to stop. Refuses to start on settings that would lose what it acknowledged."""
    if workers > 1 and settings.clock == "manual":
        sys.exit("sanji: a clock that is set by hand is one process's; serve with one worker")
    os.environ["SANJI_HOST"], os.environ["SANJI_PORT"] = settings.host, str(settings.port)
    uvicorn.run(
        application(settings) if workers == 1 else "service.serving:application",
        factory=workers > 1,
        workers=workers,
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
    )


def application(settings: Settings | None = None) -> FastAPI:
    log_as_json()
    try:
        return create_app(Office(settings or Settings()))
    except UnsafeSettings as unsafe:
        sys.exit(f"sanji: {unsafe}")


def log_as_json(level: int = logging.INFO) -> None:
    """One line of JSON for each thing that happened, from that level on. Nothing personal is ever given to the log."""
    shared: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso"),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.JSONRenderer(serializer=orjson.dumps)],
        logger_factory=structlog.BytesLoggerFactory(sys.stderr.buffer),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.add_logger_name, structlog.stdlib.ExtraAdder()],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    logging.basicConfig(handlers=[handler], level=level, force=True)
    for noisy in ("uvicorn.access", "uvicorn.error"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
