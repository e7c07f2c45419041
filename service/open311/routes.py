"""The routes of GeoReport v2. What there is to report, anybody may read; of cases, each key what it may see of them."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BeforeValidator

from domain.case.oversight import TakeNote
from domain.streams import ORG, case_stream
from service.http.answering import headers_of
from service.http.moments import Moment
from service.http.requests import office_of
from service.open311.asking import AtDesk, GeoReportRoute, ReadsChinese, Text, to_write
from service.open311.formats import Format, answer
from service.open311.looking import MOST, followed, named, recent, reported, span
from service.open311.reporting import form, read, report_of, sent_fields
from service.open311.requests import service_request
from service.open311.services import SERVICES, definition, kind_of, service
from service.open311.shapes import (
    Definition,
    Discovery,
    Endpoint,
    Error,
    Received,
    ReceivedUpdate,
    Sent,
    SentUpdate,
    Service,
    ServiceRequest,
    Update,
)
from service.record.clock import BEGINNING
from service.record.codec import to_line
from service.record.ids import new_id
from service.routes.pages import PathId

ROOT = "/open311/v2"
SPECIFICATION = "http://wiki.open311.org/GeoReport_v2"

XML: dict[str, Any] = {"content": {"text/xml": {"schema": {"type": "string"}}}}
DESCRIBED: dict[int | str, dict[str, Any]] = {
    200: XML,
    "default": {"model": list[Error], "description": "What was wrong, in one or more descriptions.", **XML},
}
In = Annotated[Format, Path()]
When = Annotated[Moment | None, BeforeValidator(lambda text: text or None), Query()]

router = APIRouter(prefix=ROOT, tags=["open311"], route_class=GeoReportRoute, responses=DESCRIBED)


@router.get("/discovery.{format}", response_model=Discovery)
async def discovery(format: In, request: Request, chinese: ReadsChinese) -> Response:
    """Where GeoReport v2 is spoken here, in which formats, and when its services last changed."""
    office = office_of(request)
    lines = await office.in_thread(lambda: office.recorder.select_events(ORG, desc=True, limit=1))
    changed = to_line(lines[0].state).recorded_at if lines else BEGINNING
    real = office.settings.auth != "dev" and office.settings.clock == "system"
    here = Endpoint(
        specification=SPECIFICATION,
        url=str(request.base_url).rstrip("/") + ROOT,
        changeset=changed.replace(microsecond=0),
        type="production" if real else "test",
        formats=["text/xml", "application/json"],
    )
    body = Discovery(
        changeset=here.changeset,
        contact="请联系本系统管理员" if chinese else "Ask whoever runs this service",
        key_service="请向本系统管理员申请密钥" if chinese else "Whoever runs this service makes keys",
        endpoints=[here],
    )
    return answer(format, "discovery", body)


@router.get("/services.{format}", response_model=list[Service])
async def services(format: In, chinese: ReadsChinese) -> Response:
    """What can be reported."""
    return answer(format, "services", [service(kind, chinese) for kind in SERVICES])


@router.get("/services/{service_code}.{format}", response_model=Definition)
async def service_definition(service_code: PathId, format: In, request: Request, chinese: ReadsChinese) -> Response:
    """The fields of such a report beyond those that every report has."""
    body = definition(kind_of(service_code), office_of(request).org, chinese)
    return answer(format, "service_definition", body)


@router.post("/requests.{format}", response_model=list[Received], openapi_extra=form(Sent))
async def report(format: In, request: Request, chinese: ReadsChinese) -> Response:
    """Report something. The name, the telephone number and the email of who asks are sealed."""
    fields = await sent_fields(request)
    desk = await to_write(request, fields, f"{ROOT}/requests")
    office = desk.office
    stream = case_stream(new_id(office.clock.now()))
    receipt = await desk.settle(stream, report_of(read(Sent, fields), chinese), fresh=True)
    code = office.seals.query_code(receipt.state.id)
    notice = f"凭查询码 {code} 查询办理进度" if chinese else f"Follow it with the code {code}"
    received = [Received(service_request_id=receipt.state.id, service_notice=notice)]
    return answer(format, "service_requests", received, 200, headers_of(receipt))


@router.get("/requests.{format}", response_model=list[ServiceRequest])
async def requests(
    format: In,
    desk: AtDesk,
    service_request_id: Text = "",
    service_code: Text = "",
    status: Text = "",
    start_date: When = None,
    end_date: When = None,
) -> Response:
    """What was reported, the latest first: of the last 90 days, or by ids; 1,000 at most."""
    if service_request_id:
        found = await named(desk, service_request_id)
    else:
        found = await reported(desk, service_code, status, *span(start_date, end_date, desk.act().at))

    def shown() -> Response:
        act = desk.act()
        return answer(format, "service_requests", [service_request(case, act, desk.chinese) for case in found])

    return await desk.office.in_thread(shown)


@router.get("/requests/{service_request_id}.{format}", response_model=list[ServiceRequest])
async def one(service_request_id: PathId, format: In, desk: AtDesk) -> Response:
    """One request as it stands now."""
    case, act = await desk.case(service_request_id)
    return answer(format, "service_requests", [service_request(case, act, desk.chinese)])


@router.get("/servicerequestupdates.{format}", response_model=list[Update])
async def changes(
    format: In,
    desk: AtDesk,
    service_request_id: Text = "",
    start_date: When = None,
    end_date: When = None,
) -> Response:
    """How requests went on, in order: of the last 90 days, or between two instants; the last 1,000 of these."""
    since, until = span(start_date, end_date, desk.act().at)
    if service_request_id:
        ids = [case.id for case in await named(desk, service_request_id)]
        found = await followed(desk, ids, since, until)
    else:
        found = await recent(desk, since, until)
    found.sort(key=lambda one: one.updated_datetime)
    return answer(format, "service_request_updates", found[-MOST:])


@router.post("/servicerequestupdates.{format}", response_model=list[ReceivedUpdate], openapi_extra=form(SentUpdate))
async def note(format: In, request: Request, _: ReadsChinese) -> Response:
    """Add to a request what its reporter has to say. That changes no status, whichever is sent."""
    fields = await sent_fields(request)
    desk = await to_write(request, fields, f"{ROOT}/servicerequestupdates", once=("service_request_id", "update_id"))
    sent = read(SentUpdate, fields)
    receipt = await desk.ask(sent.service_request_id, TakeNote(text=sent.description))
    received = [ReceivedUpdate(update_id=f"{sent.service_request_id}.{receipt.events[-1][1]}")]
    return answer(format, "service_request_updates", received, 200, headers_of(receipt))
