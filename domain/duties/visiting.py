"""Visits to places and people: recorded by the visitor; a time given afterwards counts once a superior approves."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Annotated

from annotated_types import Ge, MaxLen, MinLen

from domain.decider import Act, command, sealed
from domain.duties.target import DISTRICT, NO_SUCH_TARGET, Late, Target, VisitApproved, Visited, is_place, knows
from domain.duties.terms import CameAs, VisitDuty
from domain.ids import Id
from domain.org import LOCAL, Post, Role
from domain.refusals import Invalid, NotFound, NotPermitted, TooLate

VISITING = LOCAL | DISTRICT | {Role.DEPARTMENT_OFFICER}


@command
class VisitTarget:
    """Write down that one was there. A visit counts for every flag of its target; of a person, if he signed for it.

    One that is written down later counts from then, unless a superior approves what it says of the hour.
    """

    target: Id
    duty: VisitDuty
    countersigned: bool = False
    """Whether the person signed for it."""
    seen_at: datetime | None = None
    notes: Annotated[str, MaxLen(4000)] = ""

    def decide(self, target: Target, act: Act, /) -> Iterator[Visited]:
        if not knows(target, act):
            raise NotFound(*NO_SUCH_TARGET)
        if not any(post.role in VISITING for post in act.by.posts):
            raise NotPermitted("visits are paid by officials", "走访须由干部进行")
        seen = self.seen_at or act.at
        if seen.utcoffset() is None or seen > act.at:
            raise Invalid("seen_at is an instant that has passed", "seen_at 须为已过去的时刻")
        within = act.rules.policy.limits.late_entry_hours
        if act.at - seen > timedelta(hours=within):
            raise TooLate(f"a visit is recorded within {within} hours", f"走访须在{within}小时内登记")
        village = target.id if is_place(target, act) else target.village
        yield Visited(
            duty=self.duty,
            visitor=act.by.id,
            roles=tuple(sorted({post.role for post in act.by.posts})),
            countersigned=self.countersigned,
            seen_at=seen,
            told=sealed(act.vault, f"target:{target.id}/told", {"notes": self.notes}),
            village=village,
            came_as=tuple(came_as(village, seen, act)),
        )


def came_as(village: str, seen: datetime, act: Act) -> Iterator[CameAs]:
    """How he stood to the village when he was there; not what he says of himself, what the organisation says."""
    posts = act.org.posts_of(act.by.id, seen)
    at_home = bool(posts) and all(act.org.acts_for(post.unit) == village for post in posts)
    yield CameAs.LOCAL if at_home else CameAs.OFFICIAL
    if act.org.head_of(village, seen) == act.by.id:
        yield CameAs.TOWN_HEAD
    if any(_leads(post, village, act) for post in posts):
        yield CameAs.DISTRICT_LEADER


@command
class ApproveVisit:
    """Answer for it, as a superior, that a visit was at the hour it says, though it was written down later.

    The head of the town for his people; a district leader for him, and for another leader. Nobody for himself.
    """

    target: Id
    visit: Annotated[int, Ge(1)]
    """The version of the target that recorded the visit."""
    reason: Annotated[str, MinLen(2), MaxLen(500)]

    def decide(self, target: Target, act: Act, /) -> Iterator[VisitApproved]:
        if not knows(target, act):
            raise NotFound(*NO_SUCH_TARGET)
        late = target.late.get(self.visit)
        if late is None:
            raise Invalid("no visit of that version waits for approval", "没有待批准的补登走访")
        if act.by.id == late.visitor or not _above(late, target.village, act):
            raise NotPermitted("a superior of the visitor approves", "须由走访人的上级批准")
        yield VisitApproved(visit=self.visit, reason=self.reason)


def _above(late: Late, village: str, act: Act) -> bool:
    leading = {CameAs.TOWN_HEAD, CameAs.DISTRICT_LEADER}
    return leads(village, act) or (heads(village, act) and leading.isdisjoint(late.came_as))


def heads(village: str, act: Act) -> bool:
    return act.org.head_of(village, act.at) == act.by.id


def leads(village: str, act: Act) -> bool:
    return any(_leads(post, village, act) for post in act.by.posts)


def _leads(post: Post, village: str, act: Act) -> bool:
    return post.role is Role.DISTRICT_LEADER and act.org.lies_in(village, post.unit)
