"""Photos, receipts and letters: sent once, then quoted by their hash; served to those who see a case that quotes them.

A file is its content, so sending it again is the same thing without an Idempotency-Key.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Path, Response
from pydantic import AfterValidator

from domain.case import sees
from domain.org import Role
from domain.refusals import NotFound
from domain.streams import case_stream
from projections.cases.quoted_files import quoted_by
from service.audit.access_log import LookOutcome
from service.http.answering import json_response
from service.http.bodies import KnowingRoute
from service.http.desk import AtDesk, Desk
from service.http.problems import UnknownMedia
from service.http.unchanged import UNLESS_KNOWN, named
from service.http.uploads import BINARY, IN_A_FORM, attached_file
from service.incoming.media import EXTENSIONS, media_type
from service.storage.attachments import Attachment, keep, kept, senders

router = APIRouter(prefix="/v1/attachments", tags=["attachments"], route_class=KnowingRoute)

SENT: dict[str, Any] = {"requestBody": {"required": True, "content": IN_A_FORM}}
FILES: dict[int | str, dict[str, Any]] = {200: {"content": dict.fromkeys(EXTENSIONS, BINARY)}}


@dataclass(frozen=True, kw_only=True)
class Stored:
    sha256: str
    media_type: str
    size: int


@router.post("", status_code=201, response_model=Stored, openapi_extra=SENT)
async def upload(desk: AtDesk) -> Response:
    """Send a picture, a PDF, a document or plain text of at most 10 MB. What it is, its content decides."""
    content = await attached_file(desk.request)
    office = desk.office

    def store() -> Attachment:
        kind = media_type(content)
        if kind is None:
            raise UnknownMedia(
                "a file is a picture, a PDF, a docx, an xlsx or plain text in UTF-8",
                "文件须为图片、PDF、docx、xlsx 或 UTF-8 纯文本",
            )
        return keep(office.engine, content, kind, desk.by.id, office.clock.now())

    stored = await office.in_thread(store)
    body = Stored(sha256=stored.sha256, media_type=stored.media_type, size=len(content))
    return json_response(body, 201, {"Location": f"/v1/attachments/{stored.sha256}"})


@router.get("/{sha256}", response_class=Response, responses=FILES, openapi_extra=UNLESS_KNOWN)
async def download(sha256: Annotated[str, Path(max_length=64), AfterValidator(str.lower)], desk: AtDesk) -> Response:
    """A file one sent oneself, or one that a case quotes which one may see. Any other is not there."""
    office = desk.office
    case_id = await served(desk, sha256)
    file = await office.read(lambda db: kept(db, sha256)) if case_id is not None else None
    if case_id is None or file is None:
        await desk.on_record("attachment", sha256, LookOutcome.NOT_FOUND)
        raise NotFound("there is no such file", "没有这个文件")
    if case_id and desk.holds(Role.AUDITOR):
        await desk.on_record("attachment", case_id, LookOutcome.SHOWN, detail=sha256)
    etag = f'"{sha256}"'
    if named(desk.request.headers.get("if-none-match", ""), etag):
        return Response(status_code=304, headers={"ETag": etag})
    return Response(
        file.content,
        headers={
            "Content-Disposition": f'attachment; filename="{sha256[:16]}.{EXTENSIONS[file.media_type]}"',
            "X-Content-Type-Options": "nosniff",
            "ETag": etag,
        },
        media_type=file.media_type,
    )


async def served(desk: Desk, sha256: str) -> str | None:
    """The case that gives this actor the file, "" if it is his own; None if nothing does.

    A case that quoted it a moment ago counts.
    """
    office = desk.office
    sent_by = await office.read(lambda db: senders(db, sha256))
    if desk.by.id in sent_by:
        return ""
    if not sent_by:
        return None
    quoting = await quoted_to(desk, sha256, sent_by)
    return await quoted_to(desk, sha256, sent_by) if quoting is None and await office.views_catch_up() else quoting


async def quoted_to(desk: Desk, sha256: str, sent_by: frozenset[str]) -> str | None:
    """A case quoting it that this actor sees today, whatever the views still show."""
    act, office = desk.act(), desk.office
    cases = await office.read(lambda db: quoted_by(db, act, sha256, sent_by))
    states = await office.in_thread(lambda: office.ledger.states(case_stream(case_id) for case_id in cases))
    return next((case.id for case in states.values() if sees(case, act)), None)
