"""Scorecards at the desk: what is asked about a unit's year, and the appeals that come with a card."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fastapi import Response
from sqlalchemy import Connection

from domain.assessment.appeals import Against, Appeal
from domain.assessment.findings import Exclude
from domain.assessment.gate import YearCommand, may
from domain.assessment.year import AppealState, UnitYear
from domain.decider import Act
from domain.refusals import Invalid, NotFound
from domain.streams import assessment_stream
from projections.cards import proofs
from service.http.answering import answered
from service.http.desk import Desk
from service.http.disclosing import asked_again
from service.http.writing_desk import WritingDesk
from service.record.codec import to_recorded
from service.telling.caused import EventName, caused

FIRST, LAST = 2000, 2199
"""Years that have scorecards."""


@dataclass(frozen=True, kw_only=True)
class AppealView:
    """An appeal as far as one may see it. `panel` says who found the same when it was decided."""

    appeal: int
    figure: str
    mark: str
    event: int
    case: str | None
    grounds: str | None
    by: str
    made_at: datetime
    due_at: datetime
    votes: int
    decided_at: datetime | None
    upheld: bool | None
    panel: list[str]


@dataclass(frozen=True, kw_only=True)
class YearAnswer:
    """A unit's year after something was asked about it."""

    unit: str
    year: int
    version: int
    appeals: list[AppealView]
    events: list[EventName]


async def ask(desk: WritingDesk, unit: str, year: int, command: YearCommand) -> Response:
    """Ask something about a unit's year; answers the appeals there are after it."""
    if not FIRST <= year <= LAST:
        raise NotFound("there are no scorecards of that year", "没有该年度的考核卡")
    asked: YearCommand = command
    if isinstance(command, Appeal | Exclude) and may(unit, desk.act(), command.verb):
        asked = await _known(desk, unit, year, command)
    receipt = await desk.settle(assessment_stream(unit, year), asked)
    state: UnitYear = receipt.state
    act = desk.act()
    appeals = await desk.office.read(lambda db: shown(db, act, state))
    body = YearAnswer(unit=unit, year=year, version=state.version, appeals=appeals, events=caused(receipt))
    return answered(receipt, desk.in_zone(body))


async def _known(desk: WritingDesk, unit: str, year: int, command: Appeal | Exclude) -> YearCommand:
    """The same with what the views know: what the mark rests on, that the case counts there at all."""
    act = desk.act()
    if await asked_again(desk):
        return Against(appeal=command, case=None, given_at=act.at) if isinstance(command, Appeal) else command

    office = desk.office
    await office.views_catch_up()
    if isinstance(command, Exclude):
        case = command.case
        if not await office.read(lambda db: proofs.counts_in(db, act, unit, year, case)):
            raise NotFound("this case does not count there", "该事项未计入该单位考核")
        return command
    line, event = proofs.Line(unit, year, command.figure, command.mark), command.event
    given = await office.read(lambda db: proofs.mark_at(db, act, line, event))
    if given is None:
        raise Invalid("that event gave the unit no such mark", "该事件未给该单位此项计分")
    [stored] = await office.in_thread(lambda: office.recorder.at([event]))
    # not from when it took effect: a deadline that passed while nothing ran was told later
    return Against(appeal=command, case=given.case, given_at=to_recorded(stored.state).recorded_at)


async def years(desk: Desk, units: Collection[str], year: int, at: datetime | None) -> Mapping[str, UnitYear]:
    """What was said and decided about these units' year, as it stands or stood."""
    ledger = desk.office.ledger
    streams = {assessment_stream(unit, year): unit for unit in units}

    def look() -> dict[str, Any]:
        return ledger.states(streams) if at is None else ledger.as_they_stood(streams, at)

    found = await desk.office.in_thread(look)
    return {unit: found[stream] for stream, unit in streams.items()}


def shown(db: Connection, act: Act, year: UnitYear) -> list[AppealView]:
    """The appeals somebody may know of; which case it is about and why, he reads where he sees the case or decides."""
    seen, known = proofs.known_cases(db, act, {one.case for one in year.appeals.values() if one.case})
    judges = may(year.unit, act, "decide-appeal")
    return [
        _view(one, sees=one.case is None or one.case in seen, judges=judges)
        for one in year.appeals.values()
        if one.case is None or one.case in known
    ]


def _view(one: AppealState, *, sees: bool, judges: bool) -> AppealView:
    return AppealView(
        appeal=one.number,
        figure=one.figure,
        mark=one.mark,
        event=one.event,
        case=one.case if sees else None,
        grounds=one.grounds if sees or judges else None,
        by=one.by,
        made_at=one.made_at,
        due_at=one.due_at,
        votes=len(one.votes),
        decided_at=one.decided_at,
        upheld=one.upheld,
        panel=[vote.by for vote in one.votes if vote.upheld is one.upheld],
    )
