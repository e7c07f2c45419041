"""Persons found again by a number they told, or by their household: with a case, or in the register."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, select

from domain.household import Household
from domain.ids import is_id
from domain.streams import household_stream
from service.record.ledger import Ledger
from service.secrecy.seals import REALMS, Seals, household_of
from service.storage.tables import person_index


@dataclass(frozen=True, kw_only=True)
class Found:
    """Somebody who was found by a number or his household: where he told it."""

    person: str
    place: str


def find(db: Connection, seals: Seals, field: str, value: str) -> list[Found]:
    """Whoever told this number, wherever he may be found by it; or whoever is of this household."""
    tokens = list(filter(None, (seals.token(realm, field, value) for realm in REALMS)))
    c = person_index.c
    query = select(c.person, c.place).where(c.token.in_(tokens)).order_by(c.person)
    return [Found(person=person, place=place) for person, place in db.execute(query)]


def brought(ledger: Ledger, seals: Seals, household: str) -> list[Found]:
    """Whoever lives in a household and came with another one: his name lies where it was sealed."""
    if not is_id(household):
        return []
    home: Household = ledger.state(household_stream(household))
    sealed = {one.identity.person: one.sealed_at for one in home.members.values() if one.sealed_at is not None}
    elsewhere = {person: place for person, place in sealed.items() if household_of(place) != household}
    return [Found(person=person, place=elsewhere[person]) for person in seals.keys.known(sorted(elsewhere))]
