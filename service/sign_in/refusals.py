"""The refusals of those of whom nobody knows who they are."""

from domain.refusals import Refused


class Unauthenticated(Refused):
    """This needs a valid key."""


class IssuerSilent(Refused):
    """The issuer of tokens is out of reach.

    Nobody can tell whether this one is valid.
    """
