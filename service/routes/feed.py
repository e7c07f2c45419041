"""The ordered feed of what happened, for other systems: for ever, in batches of CloudEvents."""

from collections.abc import AsyncIterator
from functools import partial
from time import monotonic
from typing import Annotated

import orjson
from fastapi import APIRouter, Header, Query, Response
from pydantic import AfterValidator

from domain.refusals import Refused
from service.audit.access_log import LookOutcome
from service.http.bodies import StrictRoute
from service.http.desk import AtDesk, Desk, desk_of
from service.http.parameters import FURTHEST
from service.http.streams import AT_ONCE, BEAT, ServerSentEvents
from service.routes.pages import Limit
from service.telling.feed import CloudEvent, events_after
from service.webhooks.asking import known

router = APIRouter(prefix="/v1/events", tags=["feed"], route_class=StrictRoute)


def chosen(types: str) -> str:
    """Raises ValueError for a name that no event has."""
    return ",".join(known(name.strip()) for name in types.split(",")) if types else ""


Types = Annotated[
    str, Query(max_length=2000, description="names of events, with commas between"), AfterValidator(chosen)
]

After = Annotated[int, Query(ge=0, le=FURTHEST, description="`Sanji-Position` of the answer before")]

BATCH = "application/cloudevents-batch+json"
WAITED = 30.0

PAGE = 200
"""Events that are read at once for a stream."""
TURN = 1.0
"""Seconds between two looks whether a stream shall end."""
SELDOM = 5.0
"""Seconds between two looks into the log where nothing rings: thousands may wait for what comes."""


class Batch(Response):
    media_type = BATCH


@router.get("", response_class=Batch, responses={200: {"model": list[CloudEvent]}})
async def feed(
    desk: AtDesk,
    after: After = 0,
    limit: Limit = 50,
    types: Types = "",
    wait: Annotated[float, Query(ge=0, le=WAITED, description="seconds to wait where nothing has come yet")] = 0,
) -> Response:
    """Events after a position that one may see, in order. `Sanji-Position` is where to go on from.

    Who waits is answered with the first that he may see and asked for.
    """
    office = desk.office
    wanted = tuple(types.split(",")) if types else ()

    def ask(now: Desk, after: int) -> tuple[list[CloudEvent], int]:
        return events_after(office.ledger, now.act(), after, limit, wanted)

    until = monotonic() + wait
    items, reached = await office.in_thread(partial(ask, desk, after))
    while not items and reached >= after and (left := until - monotonic()) > 0:
        if not await office.recorded_up_to(reached + 1, left):
            break
        items, reached = await office.in_thread(partial(ask, await desk_of(desk.request), reached))
    return Batch(orjson.dumps(items), 200, {"Sanji-Position": str(reached)})


@router.get("/stream", response_class=ServerSentEvents)
async def feed_stream(
    desk: AtDesk,
    after: After = 0,
    types: Types = "",
    last_event_id: Annotated[int | None, Header(alias="Last-Event-ID", ge=0, le=FURTHEST)] = None,
) -> Response:
    """The feed without end: one CloudEvent after the other. It goes on after `Last-Event-ID`.

    Each heartbeat names its position, too, so that who may see little does not come back to the last event he saw.
    """
    wanted = tuple(types.split(",")) if types else ()
    desk.request.scope["deadline"].reschedule(None)
    after = last_event_id if last_event_id is not None else after
    return ServerSentEvents(sent_events(desk, after, wanted), headers=AT_ONCE)


async def sent_events(desk: Desk, after: int, wanted: tuple[str, ...]) -> AsyncIterator[bytes]:
    """Every event after a position that the reader may see at the moment it is told. Ends when his key does."""
    office, hub, spoken = desk.office, desk.request.app.state.hub, monotonic()
    bell, heard, look_at = office.recorded, -1, 0.0
    while not hub.closing:
        try:
            now = await desk_of(desk.request)
        except Refused:
            return
        items, reached = list[CloudEvent](), after
        if bell.heard != heard or monotonic() >= look_at:
            heard, look_at = bell.heard, monotonic() + SELDOM
            page = partial(events_after, office.ledger, now.act(), after, PAGE, wanted)
            items, reached = await office.in_thread(page)
        if items:
            await now.look(LookOutcome.SHOWN)
        for item in items:
            yield b"id: %d\nevent: %s\ndata: %s\n\n" % (
                item["sanjiposition"],
                item["type"].encode(),
                orjson.dumps(item),
            )
            spoken = monotonic()
        if reached == after:
            await bell.heard_after(heard, TURN)
        else:
            look_at = 0.0
        if monotonic() - spoken >= BEAT:
            yield b": still here\nid: %d\n\n" % reached
            spoken = monotonic()
        after = reached
