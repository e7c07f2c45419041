"""The refusal of what came in and cannot be read."""

from domain.refusals import Refused


class Malformed(Refused):
    """The request cannot be read."""
