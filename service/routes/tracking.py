"""What a citizen sees and does by the code on his receipt, without sign-in: words about the status, and his own say.

A code has 60 bits, and who tries many is slowed down (`http/pace`). A wrong one looks like none at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from annotated_types import MaxLen
from fastapi import APIRouter, Request, Response

from domain.case import Case, CaseCommand
from domain.case.feedback import Feedback
from domain.case.terms import FeedbackResult, Satisfaction, Status
from domain.case.timing import ProvideInformation
from domain.case.withdrawal import Withdraw
from domain.decider import command
from service.http.answering import answered, json_response
from service.http.bodies import StrictRoute
from service.http.parameters import WRITING
from service.http.requests import office_of, reads_chinese
from service.http.window import AtWindow, Code, Window, WindowRoute, found, joined_to
from service.telling.standing import WORDS

router = APIRouter(prefix="/v1/track", tags=["citizens"], route_class=StrictRoute)


@dataclass(frozen=True, kw_only=True)
class StatusWords:
    """Where a report stands, and nothing of what is in it. `joined_status` is that of the case it was joined with."""

    number: str
    status: Status
    joined_status: Status | None
    status_words: str
    reported_at: datetime | None
    updated_at: datetime | None


@router.get("/{query_code}", response_model=StatusWords)
async def track(query_code: Code, request: Request) -> Response:
    """The status of the report, in words."""
    office = office_of(request)
    own = await found(office, query_code)
    return json_response(status_words(own, await joined_to(office, own), request))


by_code = APIRouter(prefix="/v1/track", tags=["citizens"], route_class=WindowRoute)

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


@by_code.post("/{query_code}/feedback", response_model=StatusWords, openapi_extra=WRITING_BY_CODE)
async def feedback(query_code: Code, desk: AtWindow, body: CitizensVerdict) -> Response:
    """Judge the result. Whose report was joined with an earlier one judges that one, for himself."""
    verdict = Feedback(
        result=FeedbackResult.ANSWERED, solved=body.solved, satisfaction=body.satisfaction, comment=body.comment
    )
    own = await found(desk.office, query_code)
    return await asked(desk, own, await joined_to(desk.office, own), verdict)


@by_code.post("/{query_code}/answer", response_model=StatusWords, openapi_extra=WRITING_BY_CODE)
async def answer(query_code: Code, desk: AtWindow, body: ProvideInformation = NO_NOTE) -> Response:
    """Say that what was asked for is here. Whose report was joined with an earlier one answers for that one."""
    own = await found(desk.office, query_code)
    return await asked(desk, own, await joined_to(desk.office, own), body)


@by_code.post("/{query_code}/withdraw", response_model=StatusWords, openapi_extra=WRITING_BY_CODE)
async def withdraw(query_code: Code, desk: AtWindow, body: Withdraw = NO_REASON) -> Response:
    """Ask to take it back; the follow-up centre finds out whether that is meant."""
    own = await found(desk.office, query_code)
    return await asked(desk, own, own, body)


async def asked(desk: Window, own: Case, case: Case, command: CaseCommand) -> Response:
    """Ask something of a case; answers words about one's own."""
    receipt = await desk.settle(own, case, command)
    return answered(receipt, status_words(own, receipt.state, desk.request))


def status_words(own: Case, standing: Case, request: Request) -> dict[str, Any]:
    """Where a report stands. One that was joined with an earlier one stands where that one does."""
    zone = office_of(request).zone
    chinese = reads_chinese(request, unsaid=True)
    status, joined_status, words = standing.status, None, WORDS[standing.status][chinese]
    if standing.id == own.id:
        own = standing
    else:
        status, joined_status = Status.MERGED, standing.status
        words = f"{WORDS[Status.MERGED][chinese]}{'：' if chinese else ': '}{words}"
    return {
        "number": own.number,
        "status": status,
        "joined_status": joined_status,
        "status_words": words,
        "reported_at": own.reported_at.astimezone(zone) if own.reported_at else None,
        "updated_at": standing.updated_at.astimezone(zone) if standing.updated_at else None,
    }
