"""How it is said that what came in cannot be read."""

from domain.refusals import Refused


class Malformed(Refused):
    """The request cannot be read."""
