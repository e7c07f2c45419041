"""The log that nobody can change unseen: signed checkpoints, tiles of its Merkle tree, and proofs. They are for everybody."""

import re
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import PlainTextResponse

from domain.refusals import Invalid, NotFound
from domain.rules.authority import READ_ACCESS_LOG
from domain.streams import case_stream
from service.audit.hash_tree import HEIGHT, WIDTH
from service.audit.transparency import Transparency
from service.audit.verifier import HASH
from service.http.answering import json_response
from service.http.bodies import StrictRoute
from service.http.desk import AtDesk
from service.http.parameters import FURTHEST
from service.http.requests import office_of
from service.http.uploads import BINARY
from service.http.window import Code, found
from service.office import Office

router = APIRouter(prefix="/v1", tags=["audit"], route_class=StrictRoute)

TILE = re.compile(r"(?P<number>(?:x[0-9]{3}/){0,6}[0-9]{3})(?:\.p/(?P<width>[1-9][0-9]{0,2}))?")
LEVEL = re.compile(r"[0-9]|[1-5][0-9]|6[0-3]")
FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}
NOT_THERE = ("the log has no such position yet", "日志中尚无此位置")

Position = Annotated[int, Query(ge=1, le=FURTHEST)]


class Hashes(Response):
    media_type = "application/octet-stream"


OCTETS: dict[int | str, dict[str, Any]] = {200: {"content": {"application/octet-stream": BINARY}}}


@dataclass(frozen=True, kw_only=True)
class Inclusion:
    """That a line is in the log. Hashes in hexadecimal; `leaf_hash` is over the stored bytes, as RFC 9162 says."""

    position: int
    leaf_hash: str
    proof: list[str]
    checkpoint: str
    key: str


@dataclass(frozen=True, kw_only=True)
class CitizensReceipt(Inclusion):
    """The same of a citizen's report; `verifier.py receipt` checks it.

    `line` is the report as it is stored, in plain words but for what is sealed: show it to whom you would show the report.
    `opening` proves that the query code is its own; empty for the oldest reports.
    """

    number: str
    query_code: str
    opening: str
    line: str


@dataclass(frozen=True, kw_only=True)
class Consistency:
    """That the log of the size `to` begins with all of the log of the size `from`. Hashes in hexadecimal."""

    proof: list[str]
    checkpoint: str
    key: str


@router.get("/log/checkpoint", response_class=PlainTextResponse)
async def checkpoint(request: Request) -> Response:
    """How long the log is and the root of its tree, signed (C2SP tlog-checkpoint). Keep it: it binds the log for ever."""
    return await signed(office_of(request), office_of(request).notary.events)


@router.get("/log/key", response_class=PlainTextResponse)
async def key(request: Request) -> Response:
    """The key that signs checkpoints (C2SP signed-note), for those who have no safer way to get it."""
    return PlainTextResponse(f"{office_of(request).notary.events.key}\n")


@router.get("/log/tile/{level}/{number:path}", response_class=Hashes, responses=OCTETS)
async def tile(level: str, number: str, request: Request) -> Response:
    """Hashes of the tree, 256 at a time (C2SP tlog-tiles). The lines themselves are not served here."""
    wanted = TILE.fullmatch(number)
    if wanted is None or not LEVEL.fullmatch(level):
        raise NotFound("there is no such tile", "没有此分片")
    office, at = office_of(request), int("0" + re.sub(r"[x/]", "", wanted["number"]))
    width = int(wanted["width"] or WIDTH)
    log = office.notary.events

    def ask() -> bytes:
        there = log.signed()[1].size >> (HEIGHT * int(level))
        return log.tree.tile(int(level), at, width) if width <= WIDTH and at * WIDTH + width <= there else b""

    hashes = await office.in_thread(ask)
    if len(hashes) != width * HASH:
        raise NotFound("there is no such tile", "没有此分片")
    return Hashes(hashes, headers=FOR_EVER)


@router.get("/log/inclusion", response_model=Inclusion)
async def inclusion(request: Request, position: Position) -> Response:
    """The proof that the line at a position is in the log that was signed."""
    return json_response(await proven(office_of(request), position))


@router.get("/log/consistency", response_model=Consistency)
async def consistency(
    request: Request, since: Annotated[int, Query(alias="from", ge=1, le=FURTHEST)], to: Position | None = None
) -> Response:
    """The proof that nothing was changed between two sizes of the log, only added; `to` is the size signed last."""
    return await grown(office_of(request), office_of(request).notary.events, since, to)


@router.get("/track/{query_code}/receipt", tags=["citizens"], response_model=CitizensReceipt)
async def receipt(query_code: Code, request: Request) -> Response:
    """That this report is in the log, in a form that can be kept and checked years later, with nobody's help."""
    office, seals = office_of(request), office_of(request).seals
    own = await found(office, query_code)
    stream, code = case_stream(own.id), seals.query_code(own.id)
    [position, *_] = await office.in_thread(lambda: office.recorder.positions(stream))
    [first] = await office.in_thread(lambda: office.recorder.select_events(stream, lte=1))
    committed = own.report is not None and own.report.receipt == seals.receipt(code)
    shown = {
        "number": own.number,
        "query_code": code,
        "opening": seals.opening(code).hex() if committed else "",
        "line": first.state.decode(),
    }
    return json_response({**shown, **await proven(office, position)}, headers={"Cache-Control": "no-store"})


@router.get("/access-log/checkpoint", response_class=PlainTextResponse)
async def access_checkpoint(desk: AtDesk) -> Response:
    """The same for the log of readings, for those who may read that."""
    desk.must_have(READ_ACCESS_LOG)
    return await signed(desk.office, desk.office.notary.accesses)


@router.get("/access-log/consistency", response_model=Consistency)
async def access_consistency(
    desk: AtDesk, since: Annotated[int, Query(alias="from", ge=1, le=FURTHEST)], to: Position | None = None
) -> Response:
    """The proof that no reading was taken out of the log of readings between two of its sizes."""
    desk.must_have(READ_ACCESS_LOG)
    return await grown(desk.office, desk.office.notary.accesses, since, to)


async def signed(office: Office, log: Transparency) -> Response:
    note, _ = await office.in_thread(log.latest)
    return PlainTextResponse(note)


async def grown(office: Office, log: Transparency, since: int, to: int | None) -> Response:
    note, last = await office.in_thread(log.latest)
    end = to or last.size
    if not since <= end <= last.size:
        wrong = "from" if since > end else "to"
        raise Invalid(
            f"{wrong} must be a size the log has had, the smaller first", f"{wrong} 须为日志曾有的长度，且先小后大"
        )
    path = await office.in_thread(lambda: log.tree.consistency(since, end))
    return json_response({"proof": [one.hex() for one in path], "checkpoint": note, "key": str(log.key)})


async def proven(office: Office, position: int) -> dict[str, Any]:
    log = office.notary.events
    proof = await office.in_thread(lambda: log.proof(position))
    if proof is None:
        raise NotFound(*NOT_THERE)
    return {**proof.in_hexadecimal(), "checkpoint": proof.checkpoint, "key": str(log.key)}
