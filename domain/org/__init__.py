"""The organisation: its units, who holds which post when, and whom a complaint must never reach."""

from domain.org.drafts import OfficialDraft, PostDraft, UnitDraft
from domain.org.events import (
    STREAM,
    OfficialRegistered,
    OfficialRenamed,
    OrgEvent,
    PostExtended,
    PostLeft,
    PostTaken,
    UnitChanged,
    UnitClosed,
    UnitOpened,
)
from domain.org.posts import LOCAL, Official, Post, Role
from domain.org.reorganise import ReorganiseDistrict
from domain.org.state import Org, Taint
from domain.org.units import Duty, Tier, Unit, UnitKind

__all__ = [
    "LOCAL",
    "STREAM",
    "Duty",
    "Official",
    "OfficialDraft",
    "OfficialRegistered",
    "OfficialRenamed",
    "Org",
    "OrgEvent",
    "Post",
    "PostDraft",
    "PostExtended",
    "PostLeft",
    "PostTaken",
    "ReorganiseDistrict",
    "Role",
    "Taint",
    "Tier",
    "Unit",
    "UnitChanged",
    "UnitClosed",
    "UnitDraft",
    "UnitKind",
    "UnitOpened",
]
