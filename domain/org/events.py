"""Everything that can happen to the organisation. Names and fields are storage: add, never rename or repurpose."""

from dataclasses import dataclass
from datetime import date

from domain.decider import event
from domain.org.posts import Post
from domain.org.units import Duty, UnitKind


@dataclass(frozen=True, kw_only=True)
class UnitTold:
    """All that is known of a unit."""

    unit: str
    name: str
    kind: UnitKind
    parent: str | None
    duties: tuple[Duty, ...]
    inhabitants: int | None = None


@event("org.unit_opened")
class UnitOpened(UnitTold):
    """A unit begins its work, or takes it up again after having been closed."""


@event("org.unit_changed")
class UnitChanged(UnitTold):
    """A unit has another name, kind, parent or duty."""


@event("org.unit_closed")
class UnitClosed:
    """A unit ends. If it was merged into another, that one takes over all it held."""

    unit: str
    on: date
    successor: str | None


@event("org.official_registered")
class OfficialRegistered:
    official: str
    name: str


@event("org.official_renamed")
class OfficialRenamed:
    official: str
    name: str


@event("org.post_taken")
class PostTaken:
    official: str
    post: Post


@event("org.post_left")
class PostLeft:
    """A post ends, or ends earlier than was said: on the day the post now carries."""

    official: str
    post: Post


@event("org.post_extended")
class PostExtended:
    """A post goes on longer than was said: until the day it now carries, or with no end."""

    official: str
    post: Post


OrgEvent = (
    UnitOpened | UnitChanged | UnitClosed | OfficialRegistered | OfficialRenamed | PostTaken | PostLeft | PostExtended
)
