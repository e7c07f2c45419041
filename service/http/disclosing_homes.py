"""What is disclosed of a household: who lives there, and in their own words what was told there."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NotRequired

from typing_extensions import TypedDict

from domain.decider import Sealed
from domain.household import Household
from domain.household.events import VisitRecorded
from domain.household.sealing import place
from domain.streams import household_stream
from service.http.desk import Desk
from service.http.disclosing import unsealed
from service.record.codec import to_recorded
from service.telling.opened_cases import hidden_among


class MemberIdentity(TypedDict):
    """A member of the household; `erased` where he was, and then without a name."""

    id: str
    relation: str
    name: NotRequired[str]
    id_number: NotRequired[str]
    erased: NotRequired[bool]


class ToldWords(TypedDict):
    """What people said with an event, in their own words; `erased` once it was erased."""

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


def identities(desk: Desk, household: Household) -> dict[str, Any]:
    """Who lives there, and in their own words what was told on visits and in meetings, each under its event."""
    stream, local = household_stream(household.id), desk.act().rules.local
    lines = desk.office.recorder.select_streams([stream])[stream]

    def fields(where: str, sealed: Sealed | None) -> dict[str, Any]:
        return {} if sealed is None else unsealed(desk, where, sealed) or {"erased": True}

    own = fields(place(household), household.identity)
    members = [
        {
            "id": one.id,
            "relation": one.relation,
            **fields(one.sealed_at or f"{place(household)}:{one.id}", one.identity),
        }
        for one in household.members.values()
    ]
    words = f"{place(household)}/told"
    events = [to_recorded(line) for line in lines[: household.version]]
    opened = {case for one in events if isinstance(one.event, VisitRecorded) for case in one.event.cases}
    hidden = hidden_among(desk.office.ledger, desk.act(), opened)
    told = [
        {"version": one.version, "at": local(one.at), "by": one.by, **fields(words, sealed)}
        for one in events
        if (sealed := getattr(one.event, "told", None)) is not None
        and not (isinstance(one.event, VisitRecorded) and hidden.intersection(one.event.cases))
    ]
    return {**dict.fromkeys(("head", "address", "phone")), **own, "members": members, "told": told}
