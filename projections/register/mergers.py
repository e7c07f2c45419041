"""Merged households: in which one each stands now, and which all stand in one."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import Connection, select

from projections.following.bulk import chunks
from projections.register.households import household_file

c = household_file.c


def standing_in(db: Connection, households: Collection[str]) -> Mapping[str, str]:
    """For each household the one it stands in now: itself, unless it was merged into another."""
    found = {id: id for id in households}
    while moved := _merged(db, set(found.values())):
        found = {id: moved.get(home, home) for id, home in found.items()}
    return found


def _merged(db: Connection, households: Collection[str]) -> dict[str, str]:
    return {
        id: into
        for some in chunks(households)
        for id, into in db.execute(
            select(c.household_id, c.merged_into).where(c.household_id.in_(some), c.merged_into.is_not(None))
        )
    }


def with_merged(db: Connection, household: str) -> set[str]:
    """A household and all that were merged into it, directly or not."""
    found, more = {household}, [household]
    while more:
        more = [
            one for some in chunks(more) for one in db.scalars(select(c.household_id).where(c.merged_into.in_(some)))
        ]
        found.update(more)
    return found
