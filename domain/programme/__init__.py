"""Programmes: one remedy for many cases, such as moving a hamlet, a village service centre, a road."""

from domain.programme.commands import (
    COMMANDS,
    ApproveProgramme,
    JoinCase,
    JoinHousehold,
    ProgrammeCommand,
    ProposeProgramme,
)
from domain.programme.state import (
    NO_SUCH_PROGRAMME,
    Programme,
    ProgrammeEvent,
    ProgrammeStatus,
    Remedy,
    sees,
    suggested,
)

__all__ = [
    "COMMANDS",
    "NO_SUCH_PROGRAMME",
    "ApproveProgramme",
    "JoinCase",
    "JoinHousehold",
    "Programme",
    "ProgrammeCommand",
    "ProgrammeEvent",
    "ProgrammeStatus",
    "ProposeProgramme",
    "Remedy",
    "sees",
    "suggested",
]
