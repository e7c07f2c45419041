"""Who looked at what: for those who look over the readers' shoulders, and for the citizen whose case was read."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query, Response

from domain.case import sees
from domain.decider import Act
from domain.org import Org
from domain.refusals import NotPermitted
from domain.rules.authority import READ_ACCESS_LOG
from domain.streams import case_stream
from projections.following.pages import Page, paged
from service.audit.access_log import LookOutcome, Of
from service.audit.accessed import Accessed, AccessFilter, accesses
from service.http.bodies import StrictRoute
from service.http.desk import AtDesk
from service.http.moments import Moment
from service.http.window import AtWindow, Code
from service.http.window import found as by_code
from service.office import Office
from service.record.ledger import Ledger
from service.routes.pages import BEFORE, Limit, OfId, must_be_in_order, page_of

router = APIRouter(prefix="/v1", tags=["audit"], route_class=StrictRoute)

Cursor = Annotated[str | None, Query(max_length=18, pattern=r"^\d+$", description=BEFORE)]


@router.get("/access-log", response_model=Page[Accessed])
async def listed(
    desk: AtDesk,
    case: OfId = None,
    by: Annotated[str | None, Query(min_length=1, max_length=80)] = None,
    action: Annotated[str | None, Query(min_length=1, max_length=32)] = None,
    outcome: LookOutcome | None = None,
    since: Moment | None = None,
    until: Moment | None = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response:
    """Every disclosure of an identity, every attempt that was denied or found nothing, every reading by an auditor.

    The newest comes last. `case` is the id that was asked for.
    """
    try:
        desk.must_have(READ_ACCESS_LOG)
    except NotPermitted:
        await desk.on_record("view", desk.request.url.path, LookOutcome.NOT_PERMITTED, Of.VIEW)
        raise
    must_be_in_order(since, until, ("since", "until"))
    wanted = AccessFilter(
        subjects=[case] if case else None, by=by, action=action, outcome=outcome, since=since, until=until
    )
    shown = await desk.office.in_thread(
        lambda: visible_accesses(desk.office, desk.act(), int(cursor or 0), limit + 1, wanted)
    )
    page = paged(shown, limit, lambda one: one, lambda one: str(one.position))
    return page_of(page.items, page.next, {}, desk)


def visible_accesses(office: Office, act: Act, after: int, limit: int, wanted: AccessFilter) -> list[Accessed]:
    """So many, if there are, without what concerns cases that this reader may not see: he would learn that they exist.

    Nor does a page tell so that is not full although another follows.
    """
    shown: list[Accessed] = []
    while len(shown) < limit:
        page = office.read_now(partial(accesses, after=after, limit=limit, wanted=wanted))
        shown += seen(page, office.ledger, act)
        if len(page) < limit:
            break
        after = page[-1].position
    return shown[:limit]


def seen(page: list[Accessed], ledger: Ledger, act: Act) -> list[Accessed]:
    cases = [one for one in page if one.outcome is not LookOutcome.NOT_FOUND and one.of is Of.CASE]
    states = ledger.states({case_stream(one.subject) for one in cases})
    hidden = {one.position for one in cases if not sees(states[case_stream(one.subject)], act)}
    return [one for one in page if one.position not in hidden]


@dataclass(frozen=True, kw_only=True)
class Reading:
    """One reading, as the citizen sees it."""

    at: datetime
    by: str
    name: str | None
    units: list[str]
    action: str
    purpose: str


@router.get("/track/{query_code}/access", tags=["citizens"], response_model=Page[Reading])
async def readers(query_code: Code, window: AtWindow, limit: Limit = 50, cursor: Cursor = None) -> Response:
    """Who read his name or his case, or found him by his number: each disclosure, each reading by an auditor, and for what."""
    office = window.office
    own = await by_code(office, query_code)
    petitioner = own.report and own.report.petitioner
    wanted = AccessFilter(subjects=[own.id, *([petitioner.person] if petitioner else [])], outcome=LookOutcome.SHOWN)
    found = await office.read(lambda db: accesses(db, int(cursor or 0), limit + 1, wanted))
    page = paged(found, limit, lambda one: reading(one, office.org), lambda one: str(one.position))
    return page_of(page.items, page.next, {}, window)


def reading(access: Accessed, org: Org) -> Reading:
    """Who it was, and for which units he worked on that day."""
    official = org.official(access.by)
    units = [unit.name for post in org.posts_of(access.by, access.at) if (unit := org.unit(post.unit))]
    name = official.name if official else None
    return Reading(at=access.at, by=access.by, name=name, units=units, action=access.action, purpose=access.purpose)
