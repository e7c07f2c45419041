"""Which cases somebody asks for, as parameters of the address: one reading for lists and files."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Query

from domain.case.terms import Grade, Kind, Status
from domain.org import Tier
from projections.cases import Wanted
from service.moments import Moment

Id = Annotated[str | None, Query(max_length=64)]


async def wanted(
    status: Status | None = None,
    tier: Tier | None = None,
    unit: Id = None,
    village: Id = None,
    kind: Kind | None = None,
    category: Annotated[str | None, Query(max_length=200)] = None,
    grade: Grade | None = None,
    overdue: bool | None = None,
    due_before: Moment | None = None,
    reported_after: Moment | None = None,
    reported_before: Moment | None = None,
    household: Id = None,
    q: Annotated[str | None, Query(max_length=100, description="words of the title or the description")] = None,
) -> Wanted:
    return Wanted(
        status=status,
        tier=tier,
        unit=unit,
        village=village,
        kind=kind,
        category=category,
        grade=grade,
        overdue=overdue,
        due_before=due_before,
        reported_after=reported_after,
        reported_before=reported_before,
        household=household,
        q=q,
    )


Asked = Annotated[Wanted, Depends(wanted)]
