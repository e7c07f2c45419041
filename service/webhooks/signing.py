"""How a delivery is signed, as Standard Webhooks has it: HMAC-SHA256 over its id, its second and its body."""

from __future__ import annotations

import hmac
from base64 import b64encode
from collections.abc import Iterable


def shown(secret: bytes) -> str:
    """A secret as it is told to whoever receives, and as the libraries of receivers take it."""
    return f"whsec_{b64encode(secret).decode()}"


def signed(id: str, second: int, body: bytes, secrets: Iterable[bytes]) -> dict[str, str]:
    """The headers of a delivery, with a signature by each secret that is valid."""
    message = f"{id}.{second}.".encode() + body
    signatures = [b64encode(hmac.digest(secret, message, "sha256")).decode() for secret in secrets]
    return {
        "webhook-id": id,
        "webhook-timestamp": str(second),
        "webhook-signature": " ".join(f"v1,{signature}" for signature in signatures),
    }
