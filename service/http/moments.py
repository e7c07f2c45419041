"""Instants as clients write them: with an offset, and between the years 2000 and 2200."""

import re
from datetime import UTC, datetime
from typing import Annotated, Any

from annotated_types import Ge, Lt
from fastapi import Query
from pydantic import AwareDatetime, BeforeValidator, TypeAdapter

PASTED = re.compile(r"(:\d\d(?:\.\d+)?) (\d\d:\d\d)$")


def _written_out(value: Any) -> Any:
    """A number is no instant: whoever counts seconds or milliseconds would be understood by a guess.

    A `+` that was not written `%2B` is a space in an address, and before an offset a space can mean nothing else.
    """
    if isinstance(value, int | float) or (isinstance(value, str) and "-" not in value[1:]):
        raise ValueError("Input should be an instant with its offset")
    return PASTED.sub(r"\1+\2", value) if isinstance(value, str) else value


Stated = Annotated[AwareDatetime, Ge(datetime(2000, 1, 1, tzinfo=UTC)), Lt(datetime(2200, 1, 1, tzinfo=UTC))]
"""An instant in a body, where a number is none anyway."""

Moment = Annotated[Stated, BeforeValidator(_written_out)]
"""An instant in an address."""

_MOMENT: TypeAdapter[datetime] = TypeAdapter(Moment)


def parsed(text: str) -> datetime:
    """The instant a text says. Raises ValueError for any other text."""
    return _MOMENT.validate_python(text)


Renamed = Annotated[Stated, BeforeValidator(parsed)]
"""An instant in a body under another name than that of its field, where whoever reads bodies does not look for it."""

At = Annotated[Moment | None, Query(description="as it stood at this instant")]
