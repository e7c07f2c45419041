"""Who looked at what: the access log, for those who look over the readers' shoulders."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from domain.case import sees
from domain.decider import Act
from domain.rules.authority import READ_ACCESS_LOG
from projections.pages import Page
from service.access_log import Accessed, Outcome, accesses
from service.aggregates import case_stream
from service.bodies import StrictRoute
from service.desk import AtDesk
from service.ledger import Ledger
from service.routes.pages import page_of

router = APIRouter(prefix="/v1/access-log", tags=["audit"], route_class=StrictRoute)


@router.get("", response_model=Page[Accessed])
async def listed(
    desk: AtDesk,
    case: Annotated[str | None, Query(max_length=64)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str | None, Query(max_length=18, pattern=r"^\d+$")] = None,
) -> Response:
    """Every attempt on a case that found nothing, and every reading by an auditor, the newest last."""
    desk.must_have(READ_ACCESS_LOG)
    office = desk.office
    page = await office.read(lambda db: accesses(db, int(cursor or 0), limit + 1, case))
    act = desk.act()
    shown = await office.in_thread(lambda: told(page[:limit], office.ledger, act))
    following = str(page[limit - 1].position) if len(page) > limit else None
    return page_of(shown, following, {}, desk)


def told(page: list[Accessed], ledger: Ledger, act: Act) -> list[Accessed]:
    """Without what was shown of cases that this reader may not see: he would learn from it that they exist."""
    shown = {case_stream(one.subject) for one in page if one.outcome is Outcome.SHOWN}
    hidden = {stream for stream, case in ledger.states(shown).items() if not sees(case, act)}
    return [one for one in page if one.outcome is not Outcome.SHOWN or case_stream(one.subject) not in hidden]
