"""Where somebody stands who does not sign in: a citizen with his code, or whoever reads the notice board."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Path, Request

from domain.case import Case, CaseCommand
from domain.case.feedback import Feedback
from domain.case.timing import ProvideInformation
from domain.decider import Actor
from domain.refusals import NotFound
from domain.streams import case_stream
from projections.cases.case_file import by_receipt
from service.http.bodies import CommandRoute
from service.http.requests import office_of
from service.http.writing_desk import WritingDesk, writing_desk
from service.office import Office
from service.record.orders import Receipt, VersionConflict
from service.telling.case_view import next_actions

OF_THE_JOINED = frozenset({Feedback.verb, ProvideInformation.verb})
"""What one asks of the case that goes on, where one's report was joined with it."""

Code = Annotated[str, Path(max_length=32)]


@dataclass(frozen=True)
class Window:
    request: Request

    @property
    def office(self) -> Office:
        return office_of(self.request)

    async def settle(self, own: Case, case: Case, command: CaseCommand) -> Receipt:
        """Ask something of a case as the reporter of one's own; a refusal tells nothing of what happened to it."""
        try:
            return await self._desk(own).settle(case_stream(case.id), command)
        except VersionConflict as conflict:
            conflict.more.pop("events", None)
            raise

    def _desk(self, own: Case) -> WritingDesk:
        """His receipt stands for his code in the stored fingerprint of what he asks, so that none can be guessed from it."""
        assert own.report is not None
        verb = self.request.scope["path"].rpartition("/")[2]
        place = f"/v1/track/{own.report.receipt}/{verb}"
        return writing_desk(self.request, Actor(id=own.report.reporter), place=place)


async def open_window(request: Request) -> Window:
    return Window(request)


class WindowRoute(CommandRoute):
    desk = staticmethod(open_window)


AtWindow = Annotated[Window, Depends(open_window)]


async def found(office: Office, query_code: str) -> Case:
    """The case of a code. A wrong code and no code look alike."""
    receipts = office.seals.receipt(query_code), office.seals.older_receipt(query_code)
    case_id = await office.read(lambda db: by_receipt(db, receipts))
    if case_id is None and await office.views_catch_up():
        case_id = await office.read(lambda db: by_receipt(db, receipts))
    if case_id is None:
        raise NotFound("there is no case with this code", "没有与该查询码对应的事项")
    return await state_of(office, case_id)


async def joined_to(office: Office, case: Case) -> Case:
    """The case a report has become part of, however often; itself, if it stands alone."""
    while case.merged_into is not None:
        case = await state_of(office, case.merged_into)
    return case


async def may_ask(office: Office, own: Case) -> set[str]:
    """What the holder of a code may ask now: of his own report, and of the one it was joined with."""
    assert own.report is not None
    act = office.act(Actor(id=own.report.reporter))
    joined = await joined_to(office, own)
    return {*next_actions(own, act)} - OF_THE_JOINED | ({*next_actions(joined, act)} & OF_THE_JOINED)


async def state_of(office: Office, case_id: str) -> Case:
    case: Case = await office.state(case_stream(case_id))
    return case
