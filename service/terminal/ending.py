"""Why nothing comes of a command, in one line: what settings or the database are to blame for, and no fault of ours."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from pydantic import ValidationError
from pydantic_core import ErrorDetails
from sqlalchemy import exc

from service.keeping.damage import Damaged, spoilt
from service.keeping.leadership import Occupied
from service.storage.database import OUT_OF_REACH, UnsafeSettings

SILENT = "sanji: the database does not answer; sanji doctor says why"


@contextmanager
def in_one_line() -> Iterator[None]:
    """Ends the process so; any other error stays what it is."""
    try:
        yield
    except ValidationError as error:
        sys.exit(f"sanji: {'; '.join(map(_told, error.errors()))}")
    except (UnsafeSettings, Damaged, Occupied) as reason:
        sys.exit(f"sanji: {reason}")
    except PermissionError as denied:
        sys.exit(f"sanji: {denied.filename} is not for this user: {denied.strerror}")
    except exc.DatabaseError as error:
        if spoilt(error.orig):
            sys.exit(
                f"sanji: the database is damaged ({error.orig}): bring back the backup, alone, without what lies beside"
            )
        if not isinstance(error, OUT_OF_REACH):
            raise
        sys.exit(SILENT)
    except OUT_OF_REACH:
        sys.exit(SILENT)


def _told(wrong: ErrorDetails) -> str:
    """What is wrong, and with which setting, as it stands in the environment."""
    said = wrong["msg"].removeprefix("Value error, ")
    name = "_".join(("SANJI", *(str(part).upper() for part in wrong["loc"])))
    return said if name in said or not wrong["loc"] else f"{name}: {said}"
