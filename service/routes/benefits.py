"""Benefits: which applications wait for a decision; and the village's notice board, which anybody may read."""

from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Response

from domain.household.terms import BenefitState
from projections.following.pages import Page
from projections.register.benefits import Application, benefits
from projections.register.notices import Notice, notices
from service.http.bodies import StrictRoute
from service.http.desk import AtDesk, viewed
from service.http.parameters import FURTHEST, MIN_POSITION, UP_TO
from service.http.window import AtWindow
from service.routes.pages import Cursor, Limit, OfId, SignedCursor, page_of, signed

router = APIRouter(prefix="/v1", tags=["households"], route_class=StrictRoute)


@router.get("/benefits", response_model=Page[Application])
async def listed(
    desk: AtDesk,
    state: BenefitState | None = None,
    unit: OfId = None,
    overdue: bool | None = None,
    limit: Limit = 50,
    cursor: SignedCursor = None,
) -> Response:
    """Benefits of the households one may see, what is to be decided first before all others."""
    asked: Any = {"state": state, "unit": unit, "overdue": overdue, "recall": desk.office.earlier.households}
    found, headers = await desk.view(lambda db, act: benefits(db, act, limit=limit, after=cursor, **asked))
    return page_of(found.items, signed(found.next, desk), headers, desk)


@router.get("/notices", tags=["citizens"], response_model=Page[Notice])
async def hanging(
    window: AtWindow,
    village: OfId = None,
    limit: Limit = 50,
    cursor: Cursor = None,
    min_position: Annotated[int, Query(ge=0, le=FURTHEST, description=UP_TO)] = 0,
    sanji_min_position: Annotated[int, Header(alias=MIN_POSITION, ge=0, le=FURTHEST, description=UP_TO)] = 0,
) -> Response:
    """What the village is told (公示), without sign-in: which class or benefit, since when and until when. Nobody is named."""
    office = window.office
    found, headers = await viewed(
        office,
        max(min_position, sanji_min_position),
        lambda db: notices(db, office.clock.now(), village, limit=limit, after=cursor),
    )
    return page_of(found.items, found.next, headers, window)
