"""Which cases somebody asks for, as parameters of the address: one reading for lists and files."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, TypeVar

from fastapi import Depends, Query
from pydantic import AfterValidator

from domain.case.terms import Board, Grade, Kind, Status
from domain.org import Tier
from projections.lists.case_filter import CaseFilter
from service.http.desk import AtDesk
from service.http.moments import Moment
from service.http.reach import in_reach
from service.incoming.schema import UNBEGUN
from service.routes.pages import OfId

Word = TypeVar("Word", bound=StrEnum | None)

MOVED = "^[a-z]{1,16}:[a-z]{1,16}$"


def told_of(status: Word) -> Word:
    """Raises ValueError for the status of what has no event yet: nothing that is told of has it."""
    if status == UNBEGUN:
        raise ValueError("nothing that is there has this status")
    return status


@dataclass(frozen=True, kw_only=True)
class Filters(CaseFilter):
    status: Annotated[Status | None, AfterValidator(told_of)] = None
    tier: Tier | None = None
    unit: Annotated[
        str | None,
        Query(min_length=1, max_length=64, description="has them itself; `under` asks for those below it, too"),
    ] = None
    village: OfId = None
    kind: Kind | None = None
    category: Annotated[str | None, Query(min_length=1, max_length=200)] = None
    grade: Grade | None = None
    overdue: Annotated[bool | None, Query(description="are open, and an office is late with them")] = None
    due_before: Annotated[Moment | None, Query(description="are due in an office before this instant")] = None
    reported_after: Annotated[Moment | None, Query(description="from this instant on")] = None
    reported_before: Annotated[Moment | None, Query(description="before this instant")] = None
    household: OfId = None
    open: bool | None = None
    board: Board | None = None
    bank: Annotated[Tier | None, Query(description="the bank they stand in; before anybody has it, its village's")] = (
        None
    )
    under: Annotated[
        str | None, Query(min_length=1, max_length=64, description="in the bank of this unit, as it counts")
    ] = None
    came_after: Annotated[Moment | None, Query(description="came into the bank, or moved, from then on")] = None
    came_before: Annotated[Moment | None, Query(description="came into the bank, or moved, before then")] = None
    ever: Annotated[bool | None, Query(description="were ever in the bank")] = None
    moved: Annotated[str | None, Query(pattern=MOVED, description="as /v1/flows says it: source:target")] = None
    q: Annotated[
        str | None, Query(max_length=100, description="words of the title or the description; or the number of a case")
    ] = None


async def in_his_reach(desk: AtDesk, filters: Annotated[Filters, Depends()]) -> CaseFilter:
    """Raises NotPermitted for the bank of a unit into which one may not look."""
    if filters.under is not None:
        in_reach(desk, filters.under)
    return filters


Asked = Annotated[CaseFilter, Depends(in_his_reach)]
