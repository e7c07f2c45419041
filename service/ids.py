"""New ids: by time, so that neighbours in time are neighbours in the index, and by chance, so that nobody guesses one."""

from __future__ import annotations

import secrets
from datetime import datetime
from uuid import UUID

VERSION_7 = 0x7 << 76
VARIANT = 0x2 << 62


def new_id(now: datetime) -> str:
    """A UUID of version 7 (RFC 9562): 48 bits of milliseconds, the rest chance."""
    chance = secrets.randbits(74)
    high, low = chance >> 62, chance & ((1 << 62) - 1)
    return str(UUID(int=(int(now.timestamp() * 1000) << 80) | VERSION_7 | (high << 64) | VARIANT | low))
