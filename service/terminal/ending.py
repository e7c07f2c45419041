"""Why nothing comes of a command, in one line: what settings, files or the database are to blame for, and no fault of ours."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from service.keeping.damage import Damaged, spoilt
from service.keeping.leadership import Occupied
from service.storage.database import OUT_OF_REACH, UnsafeSettings

DAMAGED = "bring back the backup, alone, without what lies beside"


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
    except OSError as error:
        if error.filename is None:
            raise
        sys.exit(f"sanji: {error.filename}: {error.strerror}")
    except Exception as error:
        if spoilt(getattr(error, "orig", None)):
            sys.exit(f"sanji: the database is damaged: {DAMAGED}")
        if not isinstance(error, OUT_OF_REACH) and not isinstance(error.__cause__, OUT_OF_REACH):
            raise
        sys.exit("sanji: the database does not answer; sanji doctor says why")


def _told(wrong: ErrorDetails) -> str:
    """What is wrong, and with which setting, as it stands in the environment."""
    said = wrong["msg"].removeprefix("Value error, ")
    name = "_".join(("SANJI", *(str(part).upper() for part in wrong["loc"])))
    return said if name in said or not wrong["loc"] else f"{name}: {said}"
