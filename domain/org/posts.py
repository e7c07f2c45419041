"""Who holds which post, from which day until which day."""

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Self


class Role(StrEnum):
    """What a post entitles to. Citizens hold no post, so there is no role for them."""

    CADRE = "cadre"
    VILLAGE_HEAD = "village_head"
    TOWN_CLERK = "town_clerk"
    TOWN_OFFICER = "town_officer"
    TOWN_HEAD = "town_head"
    DISPATCHER = "dispatcher"
    ADJUDICATOR = "adjudicator"
    DEPARTMENT_OFFICER = "department_officer"
    DISTRICT_LEADER = "district_leader"
    FOLLOW_UP = "follow_up"
    DISCIPLINE = "discipline"
    PRIVACY_OFFICER = "privacy_officer"
    ORGANISATION_OFFICER = "organisation_officer"
    AUDITOR = "auditor"
    INTEGRATOR = "integrator"
    ADMIN = "admin"


LOCAL = frozenset({Role.CADRE, Role.VILLAGE_HEAD, Role.TOWN_CLERK, Role.TOWN_OFFICER, Role.TOWN_HEAD})
"""The posts of villages and towns."""


@dataclass(frozen=True, kw_only=True)
class Post:
    """A role at a unit, held from the day `since` up to, but not including, the day `until`."""

    unit: str
    role: Role
    since: date
    until: date | None = None

    def held_on(self, day: date) -> bool:
        return self.since <= day and self.outlasts(day)

    @property
    def entry(self) -> tuple[str, Role, date]:
        """The key of a post among those of an official; its end may still change."""
        return self.unit, self.role, self.since

    def outlasts(self, day: date) -> bool:
        """Whether it ends after that day, or not at all."""
        return self.until is None or day < self.until


@dataclass(frozen=True, kw_only=True)
class Official:
    """A person in office, with every post ever held in the order of being recorded."""

    id: str
    name: str
    posts: tuple[Post, ...] = ()

    def with_post(self, post: Post) -> Self:
        return replace(self, posts=(*self.posts, post))

    def with_term(self, post: Post) -> Self:
        """The same posts, this one ending as it now says."""
        return replace(self, posts=tuple(post if known.entry == post.entry else known for known in self.posts))

    def posts_on(self, day: date) -> tuple[Post, ...]:
        return tuple(post for post in self.posts if post.held_on(day))
