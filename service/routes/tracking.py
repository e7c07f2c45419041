"""What a citizen sees by the code on his receipt: words about the status, and nothing else. No sign-in."""

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from domain.case import Case
from domain.case.terms import Status
from domain.refusals import NotFound
from projections.case_file import by_receipt
from service.aggregates import case_stream
from service.bodies import StrictRoute
from service.desk import json_response
from service.office import Office

router = APIRouter(prefix="/v1/track", tags=["citizens"], route_class=StrictRoute)

Code = Annotated[str, Path(max_length=32)]

WORDS: dict[Status, tuple[str, str]] = {
    Status.REPORTED: ("received", "已登记"),
    Status.ACCEPTED: ("accepted", "已受理"),
    Status.ASSIGNED: ("with the unit that solves it", "已派单"),
    Status.IN_PROGRESS: ("being worked on", "办理中"),
    Status.AWAITING_INFORMATION: ("waiting for your information", "等待您补充材料"),
    Status.DISPUTED: ("being worked on; which unit is being settled", "办理中（承办单位核定中）"),
    Status.SUSPENDED: ("on the pending list, with a plan", "挂账待办"),
    Status.RESOLVED: ("settled; tell us whether it is", "已办结，请您评价"),
    Status.UNDER_REVIEW: ("under review", "复查复核中"),
    Status.CLOSED: ("closed", "已结案"),
    Status.DECLINED: ("not accepted", "不予受理"),
    Status.DIVERTED: ("transferred to the competent body", "已转送有权处理机关"),
    Status.WITHDRAWN: ("withdrawn", "已撤回"),
    Status.MERGED: ("joined with an earlier report of the same matter", "已并案办理"),
    Status.FINALISED: ("closed for good", "已终结"),
}


@router.get("/{query_code}")
async def track(query_code: Code, request: Request) -> Response:
    """Where it stands, in words."""
    office: Office = request.app.state.office
    case = await found(office, query_code)
    chinese = request.headers.get("accept-language", "zh").lower().startswith("zh")
    words = WORDS[case.status]
    local = office.rules(office.clock.now()).local
    body = {
        "number": case.number,
        "status": case.status,
        "status_words": words[1] if chinese else words[0],
        "reported_at": local(case.reported_at) if case.reported_at else None,
        "updated_at": local(case.updated_at) if case.updated_at else None,
    }
    return json_response(body)


async def found(office: Office, query_code: str) -> Case:
    """The case of a code. A wrong code and no code look alike."""
    receipt = office.seals.receipt(query_code)
    case_id = await office.read(lambda db: by_receipt(db, receipt))
    if case_id is None and await office.views_catch_up():
        case_id = await office.read(lambda db: by_receipt(db, receipt))
    if case_id is None:
        raise NotFound("there is no case with this code", "没有与该查询码对应的事项")
    stream = case_stream(case_id)
    case: Case = await office.in_thread(lambda: office.ledger.state(stream))
    return case
