"""Conflicts of interest in pairs: an open case of the household is about its helper, or about somebody over him.

The cases of a household that was merged into another count for that one. Only readers who may know of the
case are shown the conflict.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, select

from domain.decider import Act
from domain.org import Duty, Post, Role
from projections.cases.case_file import case_file, case_subject
from projections.cases.visibility import each_visible_to
from projections.following.bulk import chunks
from projections.register.households import household_file
from projections.register.mergers import standing_in, with_merged

subject = case_subject.alias()
c, h = case_file.c, household_file.c

WATCHING = (Duty.MASS_WORK, Duty.DISCIPLINE)


@dataclass(frozen=True, kw_only=True)
class Conflict:
    """A household is helped by somebody whom one of its open cases concerns. Another helper has to be found."""

    household: str
    helper: str
    case: str


def conflicts(db: Connection, act: Act, *near: ColumnElement[bool]) -> list[Conflict]:
    """For auditors, mass work and discipline, of the cases each of them may see; for everybody else there are none."""
    if not any(_watches(post, act) for post in act.by.posts):
        return []
    query = (
        select(c.household, c.case_id, subject.c.official)
        .join(subject, subject.c.case_id == c.case_id)
        .where(c.household.is_not(None), c.open, each_visible_to(act))
    )
    about: dict[tuple[str, str], list[str]] = defaultdict(list)
    for household, case, official in db.execute(query):
        about[household, case].append(official)
    homes = standing_in(db, {household for household, _ in about})
    helpers = _helpers(db, set(homes.values()), *near)
    found = [
        Conflict(household=homes[household], helper=helpers[homes[household]], case=case)
        for (household, case), officials in about.items()
        if homes[household] in helpers and _concerns(officials, helpers[homes[household]], act)
    ]
    return sorted(found, key=lambda one: (one.household, one.case))


def _helpers(db: Connection, households: Collection[str], *near: ColumnElement[bool]) -> dict[str, str]:
    helped = select(h.household_id, h.helper).where(h.helper.is_not(None), *near)
    return {id: who for some in chunks(households) for id, who in db.execute(helped.where(h.household_id.in_(some)))}


def conflicting(db: Connection, act: Act, household: str, helper: str) -> bool:
    """Whether a case that he may see, of the household or of one that joined it, speaks against this helper."""
    about = select(subject.c.official).join(case_file, c.case_id == subject.c.case_id)
    theirs = c.household.in_(sorted(with_merged(db, household)))
    officials = db.scalars(about.where(theirs, c.open, each_visible_to(act))).all()
    return _concerns(officials, helper, act)


def _concerns(officials: Sequence[str], helper: str, act: Act) -> bool:
    who = act.org.actor(helper, act.at)
    return who is not None and bool(officials) and act.org.tainted(who, officials, act.at)


def _watches(post: Post, act: Act) -> bool:
    return post.role is Role.AUDITOR or any(act.org.has_duty(post.unit, duty) for duty in WATCHING)
