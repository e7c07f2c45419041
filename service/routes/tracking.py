"""What a citizen sees and does by the code on his receipt, without sign-in: words about the status, and his own say.

A code has 60 bits, and who tries many is slowed down (`front/pace`). A wrong one looks like none at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from annotated_types import MaxLen
from fastapi import APIRouter, Depends, Path, Request, Response
from starlette.datastructures import URL

from domain.case import Case, CaseCommand
from domain.case.outcome import Feedback
from domain.case.terms import FeedbackResult, Satisfaction, Status
from domain.case.timing import ProvideInformation
from domain.case.withdrawal import Withdraw
from domain.decider import Actor, command
from domain.refusals import NotFound
from projections.cases.case_file import by_receipt
from service.front.answering import answered, in_zone, json_response
from service.front.bodies import CommandRoute, StrictRoute
from service.front.here import office_of
from service.front.parameters import WRITING
from service.front.writing_desk import WritingDesk, writing_desk
from service.office import Office
from service.record.aggregates import case_stream
from service.record.orders import VersionConflict
from service.telling.standing import WORDS

router = APIRouter(prefix="/v1/track", tags=["citizens"], route_class=StrictRoute)

Code = Annotated[str, Path(max_length=32)]


@router.get("/{query_code}")
async def track(query_code: Code, request: Request) -> Response:
    """Where it stands, in words."""
    office = office_of(request)
    own = await found(office, query_code)
    return json_response(status_words(own, await joined_to(office, own), request))


@dataclass(frozen=True)
class Window:
    """Where somebody acts who shows his code instead of signing in."""

    request: Request

    @property
    def url(self) -> URL:
        return self.request.url

    def in_zone(self, value: Any) -> Any:
        return in_zone(value, self.office.rules(self.office.clock.now()).zone)

    @property
    def office(self) -> Office:
        office = office_of(self.request)
        return office

    async def ask(self, own: Case, case: Case, command: CaseCommand) -> Response:
        """Ask something of a case as the reporter of one's own; answers words about it, and so does a refusal."""
        try:
            receipt = await self._desk(own).settle(case_stream(case.id), command)
        except VersionConflict as conflict:
            conflict.more.pop("events", None)
            raise
        return answered(receipt, status_words(own, receipt.state, self.request))

    def _desk(self, own: Case) -> WritingDesk:
        """His receipt stands for his code in the stored mark of what he asks, so that none can be guessed from it."""
        assert own.report is not None
        verb = self.request.scope["path"].rpartition("/")[2]
        place = f"/v1/track/{own.report.receipt}/{verb}"
        return writing_desk(self.request, Actor(id=own.report.reporter), place=place)


async def open_window(request: Request) -> Window:
    return Window(request)


class WindowRoute(CommandRoute):
    desk = staticmethod(open_window)


by_code = APIRouter(prefix="/v1/track", tags=["citizens"], route_class=WindowRoute)

AtWindow = Annotated[Window, Depends(open_window)]

WRITING_BY_CODE: dict[str, Any] = {
    "parameters": [header for header in WRITING["parameters"] if header["name"] != "Authorization"]
}
NO_NOTE = ProvideInformation()
NO_REASON = Withdraw()


@command
class CitizensVerdict:
    """What the citizen says of the result."""

    solved: bool
    satisfaction: Satisfaction | None = None
    comment: Annotated[str, MaxLen(4000)] | None = None


@dataclass(frozen=True, kw_only=True)
class StatusWords:
    """Where a report stands, and nothing of what is in it."""

    number: str
    status: Status
    status_words: str
    reported_at: datetime | None
    updated_at: datetime | None


@by_code.post("/{query_code}/feedback", response_model=StatusWords, openapi_extra=WRITING_BY_CODE)
async def feedback(query_code: Code, desk: AtWindow, body: CitizensVerdict) -> Response:
    """Judge the result. Whose report was joined with an earlier one judges that one, for himself."""
    verdict = Feedback(
        result=FeedbackResult.ANSWERED, solved=body.solved, satisfaction=body.satisfaction, comment=body.comment
    )
    own = await found(desk.office, query_code)
    return await desk.ask(own, await joined_to(desk.office, own), verdict)


@by_code.post("/{query_code}/answer", response_model=StatusWords, openapi_extra=WRITING_BY_CODE)
async def answer(query_code: Code, desk: AtWindow, body: ProvideInformation = NO_NOTE) -> Response:
    """Say that what was asked for is here."""
    own = await found(desk.office, query_code)
    return await desk.ask(own, own, body)


@by_code.post("/{query_code}/withdraw", response_model=StatusWords, openapi_extra=WRITING_BY_CODE)
async def withdraw(query_code: Code, desk: AtWindow, body: Withdraw = NO_REASON) -> Response:
    """Ask to take it back; the follow-up centre finds out whether that is meant."""
    own = await found(desk.office, query_code)
    return await desk.ask(own, own, body)


def status_words(own: Case, standing: Case, request: Request) -> dict[str, Any]:
    """Where a report stands. One that was joined with an earlier one stands where that one does."""
    office = office_of(request)
    local = office.rules(office.clock.now()).local
    chinese = request.headers.get("accept-language", "zh").lower().startswith("zh")
    status, words = standing.status, WORDS[standing.status][chinese]
    if standing.id == own.id:
        own = standing
    else:
        status, words = Status.MERGED, f"{WORDS[Status.MERGED][chinese]}{'：' if chinese else ': '}{words}"
    return {
        "number": own.number,
        "status": status,
        "status_words": words,
        "reported_at": local(own.reported_at) if own.reported_at else None,
        "updated_at": local(standing.updated_at) if standing.updated_at else None,
    }


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


async def state_of(office: Office, case_id: str) -> Case:
    case: Case = await office.in_thread(lambda: office.ledger.state(case_stream(case_id)))
    return case
