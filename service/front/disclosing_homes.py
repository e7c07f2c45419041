"""Telling who lives in a household and what was told there: recorded with its purpose, and only then answered."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NotRequired

from fastapi import Response
from typing_extensions import TypedDict

from domain.decider import Sealed
from domain.household import DiscloseHousehold, Household
from domain.household.events import VisitRecorded
from domain.household.told import place
from domain.streams import household_stream
from service.audit.access_log import LookOutcome, Of
from service.front.aggregates import HOUSEHOLD
from service.front.answering import json_response
from service.front.desk import Desk
from service.front.disclosing import asked_again, unsealed
from service.front.looking import on_record
from service.front.registering import action
from service.front.writing_desk import WritingDesk
from service.record.codec import to_recorded
from service.telling.opened import kept_from


class MemberIdentity(TypedDict):
    """A member of the household; `erased` where he was, and then without a name."""

    id: str
    relation: str
    name: NotRequired[str]
    id_number: NotRequired[str]
    erased: NotRequired[bool]


class ToldWords(TypedDict):
    """What was told with an event, in people's own words, as far as something was said; `erased` where it was."""

    version: int
    at: datetime
    by: str
    met: NotRequired[str]
    notes: NotRequired[str]
    needs: NotRequired[str]
    reason: NotRequired[str]
    relation: NotRequired[str]
    finding: NotRequired[str]
    erased: NotRequired[bool]


class HomeIdentity(TypedDict):
    """Who lives in a household, how it is reached, and what was told there."""

    head: str | None
    address: str | None
    phone: str | None
    erased: NotRequired[bool]
    members: list[MemberIdentity]
    told: list[ToldWords]


async def disclose(desk: WritingDesk, household_id: str, asked: DiscloseHousehold) -> Response:
    """Who lives there, and what was told there: on record before it is answered, and again when asked again."""
    again = await asked_again(desk)

    async def record(outcome: LookOutcome) -> None:
        more = {"purpose": asked.purpose, "key": desk.key, "mark": desk.mark.sealed}
        await desk.on_record(action(asked.verb), household_id, outcome, Of.HOUSEHOLD, **more)

    async with on_record(record):
        household, act = await desk.found(HOUSEHOLD, household_id)
        list(asked.decide(household, act))
        told = await desk.office.in_thread(lambda: identities(desk, household))
    headers = {"ETag": f'"{household.version}"', "Cache-Control": "no-store"}
    return json_response(told, 200, headers | ({"Idempotency-Replayed": "true"} if again else {}))


def identities(desk: Desk, household: Household) -> dict[str, Any]:
    """Who lives there, and in their own words what was told on visits and in meetings, each under its event."""
    stream, local = household_stream(household.id), desk.act().rules.local
    lines = desk.office.recorder.select_streams([stream])[stream]

    def said(where: str, sealed: Sealed | None) -> dict[str, Any]:
        return {} if sealed is None else unsealed(desk, where, sealed) or {"erased": True}

    own = said(place(household), household.identity)
    members = [
        {
            "id": one.id,
            "relation": one.relation,
            **said(one.sealed_at or f"{place(household)}:{one.id}", one.identity),
        }
        for one in household.members.values()
    ]
    words = f"{place(household)}/told"
    events = [to_recorded(line) for line in lines[: household.version]]
    opened = {case for one in events if isinstance(one.event, VisitRecorded) for case in one.event.cases}
    kept = kept_from(desk.office.ledger, desk.act(), opened)
    told = [
        {"version": one.version, "at": local(one.at), "by": one.by, **said(words, sealed)}
        for one in events
        if (sealed := getattr(one.event, "told", None)) is not None
        and not (isinstance(one.event, VisitRecorded) and kept.intersection(one.event.cases))
    ]
    return {**dict.fromkeys(("head", "address", "phone")), **own, "members": members, "told": told}
