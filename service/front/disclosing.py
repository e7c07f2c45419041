"""Telling somebody who brought a case: allowed by the table, recorded with its purpose, and only then answered."""

from __future__ import annotations

import logging
from dataclasses import asdict, dataclass
from typing import Any

from fastapi import Response
from sqlalchemy import Connection

from domain.case import NO_SUCH_CASE, Case, DiscloseIdentity
from domain.decider import SYSTEM, Sealed
from domain.ids import is_id
from domain.person import Person
from domain.refusals import NotFound
from domain.streams import case_stream, person_stream
from service.audit.access_log import LookOutcome, mark_of
from service.front.answering import json_response
from service.front.desk import Desk
from service.front.looking import on_record
from service.front.writing_desk import WritingDesk
from service.keeping.timekeeper import Tick
from service.record.orders import KeyReused, Order, VersionConflict
from service.secrecy.person_keys import Unreadable

log = logging.getLogger("sanji.disclosing")


@dataclass(frozen=True, kw_only=True)
class PetitionerView:
    """What the reporter said of himself; nothing, where he said nothing or was erased."""

    name: str | None = None
    phone: str | None = None
    id_number: str | None = None
    address: str | None = None
    note: str | None = None
    erased: bool = False


async def disclose(desk: WritingDesk, case_id: str, asked: DiscloseIdentity) -> Response:
    """Who brought the case, and how he is reached.

    No event tells of it, so the key lies in the access log. Asked again under the same key it is answered again as
    things stand, and recorded again: every reading is on record, however it was asked for.
    """
    again = await asked_again(desk)

    async def record(outcome: LookOutcome) -> None:
        await desk.on_record(asked.verb, case_id, outcome, purpose=asked.purpose, key=desk.key, mark=desk.mark.sealed)

    async with on_record(record):
        case = await permitted(desk, case_id, asked)
        found = await desk.office.in_thread(lambda: identity(desk, case))
    headers = {"ETag": f'"{case.version}"', "Cache-Control": "no-store"}
    return json_response(asdict(found), 200, headers | ({"Idempotency-Replayed": "true"} if again else {}))


def asked_before(db: Connection, desk: WritingDesk) -> str | None:
    """What was asked under this key: for an identity, or of the log."""
    known = desk.office.recorder.select_commands([desk.key], db=db)
    return known[desk.key].fingerprint if known else mark_of(db, desk.key)


async def asked_again(desk: WritingDesk) -> bool:
    """Whether just this was asked under the key before. Raises KeyReused if something else was."""
    before = await desk.office.read(lambda db: asked_before(db, desk))
    if before not in (None, *desk.mark):
        raise KeyReused("the key was used with another body", "该幂等键已用于其他请求")
    return before is not None


async def permitted(desk: WritingDesk, case_id: str, asked: DiscloseIdentity) -> Case:
    """The case as it lies in the database, once the rules allow it.

    Deadlines that passed come first: they may have taken it from the asker.
    """
    if not is_id(case_id):
        raise NotFound(*NO_SUCH_CASE)
    office, stream = desk.office, case_stream(case_id)
    await office.clerk.settle(Order(stream=stream, command=Tick(), by=SYSTEM))
    case: Case = await office.state(stream)
    list(asked.decide(case, desk.act()))
    if desk.expected not in (None, case.version):
        raise VersionConflict(stream, desk.expected, case.version)
    return case


def identity(desk: WritingDesk, case: Case) -> PetitionerView:
    petitioner = case.report.petitioner if case.report else None
    if petitioner is None:
        return PetitionerView()
    said = unsealed(desk, case.id, petitioner)
    return PetitionerView(**said) if said is not None else PetitionerView(erased=True)


def unsealed(desk: Desk, place: str, sealed: Sealed) -> dict[str, Any] | None:
    """What was sealed in this place; None when the person was erased. A key that is missing otherwise is an alarm."""
    office = desk.office
    try:
        return dict(office.seals.unseal(place, sealed))
    except Unreadable:
        person: Person = office.ledger.state(person_stream(sealed.person))
        if person.erased:
            return None
        log.error("the key of %s cannot be used, and nobody has erased him", sealed.person)
        raise
