"""The service's own log: lines of JSON, with nothing personal in them."""

from __future__ import annotations

import logging
import sys

import structlog
from structlog.typing import EventDict

from service.storage.database import does_not_answer


def log_as_json(level: int = logging.INFO) -> None:
    """One line of JSON for each thing that happened, from that level on. Nothing personal is ever given to the log."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(in_json())
    logging.basicConfig(handlers=[handler], level=level, force=True)
    for noisy in ("uvicorn.access", "uvicorn.error", "httpx"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def in_json() -> logging.Formatter:
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[
            structlog.stdlib.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            briefly,
            structlog.processors.format_exc_info,
            structlog.stdlib.add_logger_name,
            structlog.stdlib.ExtraAdder(),
        ],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
    )


def briefly(_logger: object, _method: str, line: EventDict) -> EventDict:
    """While a database does not answer, all who ask it say so again and again: in a line each, where a trace tells no more."""
    _, error, _ = line.get("exc_info") or (None, None, None)
    if does_not_answer(error):
        line["exception"] = f"{type(error).__name__}: {str(error).partition(chr(10))[0]}"
        del line["exc_info"]
    return line
