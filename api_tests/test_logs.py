"""The log of the service: what a database that is away leaves in it, and what a fault of ours does."""

import logging
import sys
from json import loads

import pytest
from eventsourcing.persistence import OperationalError
from sqlalchemy import exc

from service.logs import in_json


def logged(error: Exception, cause: Exception | None = None) -> str:
    try:
        raise error from cause
    except type(error):
        record = logging.LogRecord("sanji", logging.ERROR, __file__, 1, "it will be tried again", (), sys.exc_info())
    told: str = loads(in_json().format(record))["exception"]
    return told


@pytest.mark.parametrize("cause", [None, exc.OperationalError("SELECT 1", None, Exception("gone"))])
def test_a_database_that_does_not_answer_is_told_in_a_line(cause: Exception | None) -> None:
    away = OperationalError("gone") if cause else exc.OperationalError("SELECT 1", None, Exception("gone"))
    said = logged(away, cause)
    assert "gone" in said
    assert "\n" not in said


def test_a_fault_of_ours_is_told_with_its_trace() -> None:
    assert "Traceback" in logged(ValueError("ours"))
