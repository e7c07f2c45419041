"""What changes, told as it happens (server-sent events): the queues and the problem bank."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Header, Response

from projections.banks.problem_bank import counted_under
from projections.cases.guard import Known, counts_for
from service.http.bodies import StrictRoute
from service.http.desk import AtDesk, Desk, desk_of
from service.http.reach import own_place, own_queues, queue_of
from service.http.streams import Hub, ServerSentEvents, Stream
from service.routes.pages import OfId, PathId

router = APIRouter(prefix="/v1", tags=["queues"], route_class=StrictRoute)

LastEvent = Annotated[str | None, Header(alias="Last-Event-ID", max_length=40)]
"""The id of the last event one was told."""


@router.get("/me/queue/stream", response_class=ServerSentEvents)
async def my_queue(desk: AtDesk, last_event_id: LastEvent = None) -> Response:
    """`queue.changed` whenever what waits for one's own units has changed. Fetch the queue again then."""
    return stream(desk, "queue", own_queues, last_event_id)


@router.get("/units/{unit_id}/queue/stream", response_class=ServerSentEvents)
async def unit_queue(unit_id: PathId, desk: AtDesk, last_event_id: LastEvent = None) -> Response:
    """`queue.changed` whenever what waits for a unit has changed. Fetch the queue again then."""
    return stream(desk, "queue", lambda desk: queue_of(desk, unit_id), last_event_id)


@router.get("/problem-bank/stream", response_class=ServerSentEvents)
async def bank(desk: AtDesk, unit: OfId = None, last_event_id: LastEvent = None) -> Response:
    """`problem-bank.changed` whenever a bank has changed, or something in it has become late."""
    return stream(desk, "problem-bank", lambda desk: places(desk, unit), last_event_id)


def places(desk: Desk, unit: str | None) -> frozenset[str]:
    """Whose counters make up the bank one may look into."""
    return frozenset(counted_under(desk.office.org, own_place(desk, unit)))


def stream(desk: Desk, sort: str, watched: Callable[[Desk], frozenset[str]], last: str | None) -> Response:
    names = watched(desk)

    async def knows() -> Known:
        """What he may know of at this moment; whoever has other posts by now has to ask anew."""
        now = await desk_of(desk.request)
        same = watched(now) == names
        known = counts_for(now.act())
        return lambda guard: same and known(guard)

    hub: Hub = desk.request.app.state.hub
    return Stream(hub, sort, names, knows, last)
