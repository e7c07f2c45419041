"""Why nothing comes of a command, in one line: what settings or the database are to blame for, and no fault of ours."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from pydantic import ValidationError

from service.keeping.damage import Damaged
from service.storage.database import OUT_OF_REACH, UnsafeSettings


@contextmanager
def in_one_line() -> Iterator[None]:
    """Ends the process so; any other error stays what it is."""
    try:
        yield
    except ValidationError as error:
        said = "; ".join(str(one["msg"]).removeprefix("Value error, ") for one in error.errors())
        sys.exit(f"sanji: {said}")
    except (UnsafeSettings, Damaged) as unsafe:
        sys.exit(f"sanji: {unsafe}")
    except OUT_OF_REACH:
        sys.exit("sanji: the database does not answer; sanji doctor says why")
