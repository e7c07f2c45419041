"""Who may learn who brought a case, and for what: the name and the telephone number lie apart from the matter."""

from collections.abc import Iterator
from typing import Annotated

from annotated_types import MaxLen, MinLen

from domain.case import events as e
from domain.case.gate import CaseCommand, may
from domain.case.stand_in import calls_back_instead
from domain.case.state import Case
from domain.case.terms import Confidentiality, Status
from domain.decider import Act, command

HIDDEN = frozenset({Confidentiality.IDENTITY_HIDDEN, Confidentiality.ANONYMOUS})
"""Whoever handles such a case sees the matter, not the person."""


@command
class DiscloseIdentity(CaseCommand):
    """Read the name, the telephone number and the address. It is recorded who did and why; the case does not change."""

    verb = "disclose-identity"
    when = frozenset(Status) - {Status.UNKNOWN}

    purpose: Annotated[str, MinLen(2), MaxLen(500)]

    @classmethod
    def usual_right(cls, case: Case, act: Act, /) -> str:
        if case.sealed:
            return "disclose-identity:sealed"
        instead = "disclose-identity:instead"
        if calls_back_instead(case, act) and may(case, act, instead):
            return instead
        return "disclose-identity:hidden" if case.confidentiality in HIDDEN else cls.verb

    def rule(self, _case: Case, _act: Act, /) -> Iterator[e.Happening]:
        yield from ()
