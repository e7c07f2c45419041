"""Telling who somebody is: allowed by the table, recorded with its purpose, and only then answered."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Protocol

from fastapi import Response
from sqlalchemy import Connection

from domain.case import Case
from domain.decider import SYSTEM, Command, S_contra, Sealed
from domain.ids import is_id
from domain.person import Person
from domain.refusals import NotFound
from domain.streams import person_stream
from service.audit.access_log import LookOutcome, fingerprint_of
from service.http.aggregates import Aggregate, S
from service.http.answering import json_response
from service.http.desk import Desk
from service.http.looking import on_record
from service.http.writing_desk import WritingDesk, since
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


class Disclosing(Command[S_contra], Protocol[S_contra]):
    """The command that is asked; nothing happens by it."""

    verb: ClassVar[str]

    @property
    def purpose(self) -> str: ...


async def disclose(
    desk: WritingDesk, kind: Aggregate[S], id: str, asked: Disclosing[S], tell: Callable[[Desk, S], dict[str, Any]]
) -> Response:
    """What `tell` finds in a case or a household.

    No event tells of it, so the key lies in the access log. Asked again under the same key it is answered again as
    things stand, and recorded again: every reading is on record, however it was asked for.
    """
    again = await asked_again(desk)

    async def record(outcome: LookOutcome) -> None:
        more = {"purpose": asked.purpose, "key": desk.key, "fingerprint": desk.fingerprint.sealed}
        await desk.on_record(kind.action(asked.verb), id, outcome, kind.of, **more)

    async with on_record(record):
        state = await permitted(desk, kind, id, asked)
        identity = await desk.office.in_thread(lambda: tell(desk, state))
    headers = {"ETag": f'"{state.version}"', "Cache-Control": "no-store"}
    return json_response(identity, 200, headers | ({"Idempotency-Replayed": "true"} if again else {}))


def asked_before(db: Connection, desk: WritingDesk) -> str | None:
    """What was asked under this key: for an identity, or of the log."""
    known = desk.office.recorder.select_commands([desk.key], db=db)
    return known[desk.key].fingerprint if known else fingerprint_of(db, desk.key)


async def asked_again(desk: WritingDesk) -> bool:
    """Whether just this was asked under the key before. Raises KeyReused if something else was."""
    before = await desk.office.read(lambda db: asked_before(db, desk))
    if before not in (None, *desk.fingerprint):
        raise KeyReused
    return before is not None


async def permitted(desk: WritingDesk, kind: Aggregate[S], id: str, asked: Disclosing[S]) -> S:
    """How it lies in the database, once the rules allow it.

    Deadlines that passed come first: they may have taken it from the asker.
    """
    if not is_id(id):
        raise NotFound(*kind.missing)
    office, stream = desk.office, kind.stream(id)
    await office.clerk.settle(Order(stream=stream, command=Tick(), by=SYSTEM))
    state: S = await office.state(stream)
    list(asked.decide(state, desk.act()))
    if desk.expected not in (None, state.version):
        conflict = VersionConflict(stream, desk.expected, state.version)
        conflict.more["events"] = await since(office, conflict)
        raise conflict
    return state


def petitioner(desk: Desk, case: Case) -> dict[str, Any]:
    """Who brought the case, and how he is reached."""
    sealed = case.report.petitioner if case.report else None
    fields = {} if sealed is None else unsealed(desk, case.id, sealed)
    return asdict(PetitionerView(erased=True) if fields is None else PetitionerView(**fields))


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
