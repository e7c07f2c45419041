"""New ids: by time, so that neighbours in time are neighbours in the index, and by chance, so that nobody guesses one."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from service.storage.chance import chance

VERSION_7 = 0x7 << 76
VARIANT = 0x2 << 62


def new_id(now: datetime) -> str:
    """A UUID of version 7 (RFC 9562): 48 bits of milliseconds, the rest chance."""
    bits = int.from_bytes(chance(10), "big")
    high, low = bits >> 62 & 0xFFF, bits & ((1 << 62) - 1)
    return str(UUID(int=(int(now.timestamp() * 1000) << 80) | VERSION_7 | (high << 64) | VARIANT | low))
