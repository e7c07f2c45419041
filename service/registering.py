"""Households at the desk: found as somebody may see them, asked something of, and every denied look on record."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fastapi import Response
from sqlalchemy import Connection

from domain.decider import Act
from domain.household import (
    NO_SUCH_HOUSEHOLD,
    DiscloseHousehold,
    HandOver,
    Household,
    HouseholdCommand,
    RecordVisit,
    RegisterHousehold,
    StartPairing,
    sees,
)
from domain.household.facts import place
from domain.org import Role
from domain.refusals import ConflictOfInterest, LimitReached, NotFound, NotPermitted
from projections import case_file, households
from service.access_log import Outcome
from service.aggregates import household_stream
from service.desk import ID, Desk, WritingDesk, answered, json_response
from service.disclosing import asked_before
from service.household_view import household_fields
from service.ids import new_id
from service.orders import KeyReused, Receipt
from service.seals import Unreadable
from service.visiting import Visiting

OPEN_SUBJECTS = 200


async def register(desk: WritingDesk, body: RegisterHousehold) -> Response:
    """A new household; under its own id, or one that is made for it."""
    id = body.id or new_id(desk.office.clock.now())
    receipt = await desk.settle(household_stream(id), body)
    return answered(receipt, answer(receipt, desk), 201)


async def ask(desk: WritingDesk, household_id: str, command: HouseholdCommand) -> Response:
    """Ask something of a household; answers the household after it."""
    try:
        if not ID.fullmatch(household_id):
            raise NotFound(*NO_SUCH_HOUSEHOLD)
        if isinstance(command, StartPairing | HandOver):
            await fitting(desk, household_id, command.helper)
        told: Any = Visiting(command) if isinstance(command, RecordVisit) else command
        receipt = await desk.settle(household_stream(household_id), told)
    except NotFound:
        await desk.on_record(action(command.verb), household_id, Outcome.NOT_FOUND)
        raise
    return answered(receipt, answer(receipt, desk))


def answer(receipt: Receipt, desk: Desk) -> dict[str, Any]:
    household: Household = receipt.state
    codes = desk.office.seals.query_code
    visited = any(type == "household.visit_recorded" for type, _ in receipt.events)
    opened = household.visits[-1].cases if visited else ()
    return {
        **household_fields(household, desk.office.act(desk.by, receipt.at)),
        "events": [{"type": name, "version": version} for name, version in receipt.events],
        "opened": [{"id": case, "query_code": codes(case)} for case in opened],
    }


async def fitting(desk: WritingDesk, household_id: str, helper: str) -> None:
    """Refuse a helper with too many households, or whom an open case of this household is about.

    Other streams tell of both, so this is looked up in the views before the command decides.
    """
    if await desk.office.read(lambda db: asked_before(db, desk)) is not None:
        return
    household, _ = await found(desk, household_id)
    act = desk.act()
    cap = act.rules.policy.helping.quotas.soft_cap_pct

    def look(db: Connection) -> tuple[int, bool]:
        return households.helped_by(db, helper), _tainted(db, act, household.id, helper)

    await desk.office.views_catch_up()
    helping, tainted = await desk.office.read(look)
    if tainted:
        raise ConflictOfInterest(
            "the helper has a conflict of interest with this household", "帮扶人与该户存在利害关系"
        )
    if (helping + 1) * 100 > households.room(helper, act) * cap:
        raise LimitReached("he helps as many households as one may", "该人员帮扶户数已达上限")


def _tainted(db: Connection, act: Act, household: str, helper: str) -> bool:
    official = act.org.official(helper)
    if official is None:
        return False
    subjects = case_file.subjects_of_open(db, household)
    who = act.org.actor(helper, act.at)
    return who is not None and bool(subjects) and act.org.tainted(who, subjects, act.at)


async def read(desk: Desk, household_id: str, version: int | None = None, at: datetime | None = None) -> Household:
    """A household as he may see it, now or as it stood. On record: what is not found, and what an auditor is shown."""
    kind = action("read" if version is None and at is None else "version")
    return (await on_record(desk, household_id, kind, version, at))[0]


async def on_record(
    desk: Desk, household_id: str, action: str, version: int | None = None, at: datetime | None = None
) -> tuple[Household, Act]:
    try:
        shown = await found(desk, household_id, version, at)
    except NotFound:
        await desk.on_record(action, household_id, Outcome.NOT_FOUND)
        raise
    if desk.holds(Role.AUDITOR):
        await desk.on_record(action, household_id, Outcome.SHOWN)
    return shown


async def found(
    desk: Desk, household_id: str, version: int | None = None, at: datetime | None = None
) -> tuple[Household, Act]:
    """Whether he may see it is decided on the household of today."""
    if not ID.fullmatch(household_id):
        raise NotFound(*NO_SUCH_HOUSEHOLD)
    office, act, stream = desk.office, desk.act(), household_stream(household_id)
    household: Household = await office.in_thread(lambda: office.ledger.state(stream))
    if not sees(household, act):
        raise NotFound(*NO_SUCH_HOUSEHOLD)
    if version is None and at is None:
        return household, act
    then: Household = await office.in_thread(lambda: office.ledger.as_of(stream, version=version, at=at))
    if then.version == 0 or (version is not None and then.version != version):
        raise NotFound("the household has no such version", "该户没有此版本")
    return then, office.act(desk.by, at or then.updated_at)


def action(verb: str) -> str:
    """What the access log calls it, apart from the same with a case."""
    return f"household:{verb}"


async def disclose(desk: WritingDesk, household_id: str, asked: DiscloseHousehold) -> Response:
    """Who lives there. Recorded with its purpose before it is answered, and recorded again when asked again."""
    before = await desk.office.read(lambda db: asked_before(db, desk))
    if before not in (None, desk.mark):
        raise KeyReused("the key was used with another body", "该幂等键已用于其他请求")

    async def recorded(outcome: Outcome) -> None:
        more = {"purpose": asked.purpose, "key": desk.key, "mark": desk.mark}
        await desk.on_record(action(asked.verb), household_id, outcome, **more)

    try:
        household, act = await found(desk, household_id)
        list(asked.decide(household, act))
    except (NotFound, NotPermitted) as refused:
        await recorded(Outcome.NOT_FOUND if isinstance(refused, NotFound) else Outcome.NOT_PERMITTED)
        raise
    told = await desk.office.in_thread(lambda: identities(desk, household))
    await recorded(Outcome.SHOWN)
    headers = {"ETag": f'"{household.version}"', "Cache-Control": "no-store"}
    return json_response(told, 200, headers | ({"Idempotency-Replayed": "true"} if before else {}))


def identities(desk: Desk, household: Household) -> dict[str, Any]:
    with desk.office.engine.connect() as db:

        def said(where: str, sealed: Any) -> dict[str, Any]:
            if sealed is None:
                return {}
            try:
                return desk.office.seals.unseal(db, where, sealed)
            except Unreadable:
                return {"erased": True}

        own = said(place(household), household.identity)
        members = [
            {"id": one.id, "relation": one.relation, **said(f"{place(household)}:{one.id}", one.identity)}
            for one in household.members.values()
        ]
    return {**dict.fromkeys(("head", "address", "phone")), **own, "members": members}
