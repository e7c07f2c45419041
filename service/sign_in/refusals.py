"""Refusals of requests whose sender is not known."""

from domain.refusals import Refused


class Unauthenticated(Refused):
    """This needs a valid key."""


class IssuerSilent(Refused):
    """The issuer of tokens is out of reach.

    Nobody can tell whether this one is valid.
    """
