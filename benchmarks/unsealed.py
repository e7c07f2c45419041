"""Sanji without its sealing, the yardstick of what that costs: whoever reports lies in the log for all to read."""

from base64 import b64encode
from collections.abc import Mapping
from uuid import uuid4

import orjson

from domain.decider import Sealed
from service.cli import cli
from service.secrecy.seals import SealingVault


def told(self: SealingVault, place: str, fields: Mapping[str, str], *, findable: bool = False) -> Sealed:  # noqa: ARG001
    """A box as it is stored, but without a key, a cipher, and a token to be found again by."""
    return Sealed(person=f"p-{uuid4().hex[:28]}", box=b64encode(orjson.dumps(dict(fields))).decode())


if __name__ == "__main__":
    setattr(SealingVault, "seal", told)
    cli()
