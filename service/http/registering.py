"""Households at the desk: found as somebody may see them, asked something of, and every denied look on record."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from fastapi import Response

from domain.decider import Act
from domain.household import (
    HandOver,
    Household,
    HouseholdCommand,
    RecordVisit,
    RegisterHousehold,
    StartPairing,
    may,
)
from domain.refusals import ConflictOfInterest
from domain.streams import household_stream
from projections.register.conflicts import conflicting
from projections.register.register_then import Recall
from service.http.aggregates import HOUSEHOLD
from service.http.answering import answered, created
from service.http.desk import Desk
from service.http.disclosing import asked_again
from service.http.visiting import Visiting
from service.http.writing_desk import WritingDesk
from service.record.ids import new_id
from service.record.orders import Receipt
from service.telling.caused import caused
from service.telling.household_view import household_fields
from service.telling.opened_cases import VISIT, without_hidden_cases


async def register(desk: WritingDesk, body: RegisterHousehold) -> Response:
    """A new household; under its own id, or one that is made for it."""
    id = body.id or new_id(desk.office.clock.now())
    receipt = await desk.settle(household_stream(id), body)
    return created(receipt, await answer(receipt, desk), "/v1/households")


async def ask(desk: WritingDesk, household_id: str, command: HouseholdCommand) -> Response:
    """Ask something of a household; answers the household after it."""
    asked: Any = Visiting(command) if isinstance(command, RecordVisit) else command
    async with desk.asking(HOUSEHOLD, household_id, command.verb) as stream:
        if isinstance(command, StartPairing | HandOver):
            await without_conflict(desk, household_id, command)
        receipt = await desk.settle(stream, asked)
    return answered(receipt, await answer(receipt, desk))


async def answer(receipt: Receipt, desk: Desk) -> dict[str, Any]:
    household = await as_shown(receipt.state, desk)
    codes = desk.office.seals.query_code
    visited = any(type == VISIT for type, _ in receipt.events)
    opened = receipt.state.visits[-1].cases if visited else ()
    body: dict[str, Any] = desk.in_zone(household_fields(household, receipt.act))
    return body | {
        "events": caused(receipt),
        "opened": [{"id": case, "query_code": codes(case)} for case in opened],
    }


async def without_conflict(desk: WritingDesk, household_id: str, asked: StartPairing | HandOver) -> None:
    """Raises ConflictOfInterest for a helper whom an open case of this household is about.

    An asker who may not see that case does not learn of it by this: the pair begins, and those who may know of the case
    find it on their board. Whoever has no right to pair is refused by the command itself.
    """
    if await asked_again(desk):
        return
    household, act = await desk.found(HOUSEHOLD, household_id)
    if not may(household, act, asked.right):
        return
    await desk.office.views_catch_up()
    if await desk.office.read(lambda db: conflicting(db, act, household.id, asked.helper)):
        raise ConflictOfInterest(
            "the helper has a conflict of interest with this household", "帮扶人与该户存在利害关系"
        )


async def as_it_stood(
    desk: Desk, household_id: str, verb: str, version: int | None = None, at: datetime | None = None
) -> tuple[Household, Act]:
    """A household as he may see it, now or as it stood. On record: what is not found, and what an auditor is shown."""
    [(household, act)] = await desk.as_it_stood(HOUSEHOLD, household_id, verb, (version, at))
    return await as_shown(household, desk), act


async def as_shown(household: Household, desk: Desk) -> Household:
    """As it may be told to who asks now."""
    ledger, act = desk.office.ledger, desk.act()
    return await desk.office.in_thread(lambda: without_hidden_cases(household, ledger, act))


def as_they_stood(desk: Desk, at: datetime) -> Recall:
    """How households are folded up to an instant. Raises Invalid for one that has not come yet."""
    desk.must_have_come(at)
    ledger = desk.office.ledger

    def recall(ids: Collection[str]) -> dict[str, Household]:
        streams = {household_stream(id): id for id in ids}
        return {streams[stream]: state for stream, state in ledger.as_they_stood(streams, at).items()}

    return recall
