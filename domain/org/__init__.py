"""The organisation: its units, who holds which post when, and whom a complaint must never reach."""

from domain.org.drafts import OfficialDraft, PostDraft, UnitDraft
from domain.org.events import OrgEvent
from domain.org.posts import LOCAL, Official, Post, Role
from domain.org.reorganise import ReorganiseDistrict
from domain.org.state import Org
from domain.org.units import Duty, Tier, Unit, UnitKind

__all__ = [
    "LOCAL",
    "Duty",
    "Official",
    "OfficialDraft",
    "Org",
    "OrgEvent",
    "Post",
    "PostDraft",
    "ReorganiseDistrict",
    "Role",
    "Tier",
    "Unit",
    "UnitDraft",
    "UnitKind",
]
