"""How a command ends in one line where settings, files or the database are to blame, and not the service."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from eventsourcing.persistence import PersistenceError
from pydantic import ValidationError
from pydantic_core import ErrorDetails
from sqlalchemy import exc

from service.keeping.damage import Damaged
from service.keeping.leadership import Occupied
from service.storage.database import UnsafeSettings, does_not_answer
from service.storage.sqlite import Mixed, spoilt

NO_TABLE, NO_RIGHT = "42P01", "42501"
"""What PostgreSQL calls these."""


@contextmanager
def in_one_line() -> Iterator[None]:
    """Ends the process so; any other error stays what it is."""
    try:
        yield
    except ValidationError as error:
        sys.exit(f"sanji: {'; '.join(map(_in_words, error.errors()))}")
    except (UnsafeSettings, Mixed, Damaged, Occupied) as reason:
        sys.exit(f"sanji: {reason}")
    except PermissionError as denied:
        sys.exit(f"sanji: {denied.filename} is not for this user: {denied.strerror}")
    except OSError as error:
        if error.strerror is None:
            raise
        where = f"{error.filename}: " if error.filename is not None else ""
        sys.exit(f"sanji: {where}{error.strerror}")
    except (exc.SQLAlchemyError, PersistenceError) as error:
        if (message := _of_the_database(error)) is None:
            raise
        sys.exit(f"sanji: {message}; sanji doctor says why")
    except Exception as error:
        # loaded by whoever raised one of them: a command that does neither begins in half the time
        from projections.following.follower import Superseded
        from service.record.codec import UnknownEvent

        if not isinstance(error, (Superseded, UnknownEvent)):
            raise
        sys.exit(f"sanji: a newer version of the service is at work here: {error}")


def _of_the_database(error: Exception) -> str | None:
    """What it has to say; None where the fault is ours."""
    cause = error if isinstance(error, exc.SQLAlchemyError) else error.__cause__
    orig = getattr(cause, "orig", None)
    if spoilt(orig):
        return "the database is damaged: bring back the backup, alone, without what lies beside"
    if does_not_answer(cause):
        return "the database does not answer"
    if isinstance(cause, exc.ProgrammingError) and getattr(orig, "sqlstate", "") in (NO_TABLE, NO_RIGHT):
        return f"the database says: {str(orig).partition(chr(10))[0]}"
    return None


def _in_words(wrong: ErrorDetails) -> str:
    """What is wrong, and with which setting, as it stands in the environment."""
    message = wrong["msg"].removeprefix("Value error, ")
    name = "_".join(("SANJI", *(str(part).upper() for part in wrong["loc"])))
    return message if name in message or not wrong["loc"] else f"{name}: {message}"
