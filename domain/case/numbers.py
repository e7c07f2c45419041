"""The number of a case: what people read out on the telephone, and write down as they heard it."""

import hashlib
import re

from domain.letters import as_meant, letters

WRITTEN = re.compile(r"\d{4}[- ][0-9a-z]{5}[- ]?[0-9a-z]{5}", re.IGNORECASE)


def number_of(id: str) -> str:
    """The ten letters of a case's number."""
    return letters(hashlib.sha256(id.encode()).digest(), 10)


def number_meant(written: str) -> str | None:
    """The number of a case, as somebody wrote it down on the telephone; None if that is none."""
    if not WRITTEN.fullmatch(written):
        return None
    meant = as_meant(written)
    return f"{meant[:4]}-{meant[4:9]}-{meant[9:]}"
