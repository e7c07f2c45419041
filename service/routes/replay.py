"""How a case came to be as it is: its history, what changed between two moments, and why it is here and red."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Query, Response
from typing_extensions import TypedDict

from domain.case import Case
from domain.decider import Act
from domain.refusals import Invalid
from domain.streams import case_stream
from service.exporting.dossier import dossier
from service.http.aggregates import CASE
from service.http.answering import json_response
from service.http.bodies import StrictRoute
from service.http.desk import AtDesk
from service.http.moments import At, parsed
from service.http.uploads import BINARY
from service.record.codec import to_line
from service.record.recorder import Recorder
from service.routes.pages import PathId
from service.telling.case_view import case_fields
from service.telling.explaining import Explanation, explanation
from service.telling.history import Telling
from service.telling.patching import patch

router = APIRouter(prefix="/v1/cases", tags=["audit"], route_class=StrictRoute)

When = Annotated[str, Query(max_length=40, description="a version, or an instant")]


@dataclass(frozen=True, kw_only=True)
class Said:
    version: int
    type: str
    at: datetime
    sentence: str


Difference = TypedDict("Difference", {"from": int, "to": int, "patch": list[dict[str, Any]], "sentences": list[Said]})
"""`from` and `to` are versions. The patch (RFC 6902) turns the case as it stood at the one into the other."""


@router.get("/{case_id}/diff", response_model=Difference)
async def diff(
    case_id: PathId, desk: AtDesk, since: Annotated[When, Query(alias="from")] = "1", to: When | None = None
) -> Response:
    """What changed between two versions or instants: a JSON Patch, and the events between them in plain sentences."""
    moments = moment("from", since), moment("to", to) if to is not None else (None, None)
    (before, then), (after, now) = await desk.as_it_stood(CASE, case_id, "diff", *moments)
    if before.version > after.version:
        raise Invalid("from lies after to", "from 晚于 to")
    telling = Telling.of(after, now, desk.chinese)
    between = await desk.office.in_thread(lambda: events_between(desk.office.recorder, before.version, after, telling))
    body = {
        "from": before.version,
        "to": after.version,
        "patch": list(patch(plain(before, then), plain(after, now))),
        "sentences": [asdict(one) for one in between],
    }
    return json_response(body)


def moment(name: str, text: str) -> tuple[int | None, datetime | None]:
    if text.isascii() and text.isdigit() and 0 < len(text) < 10:
        return int(text), None
    try:
        return None, parsed(text)
    except ValueError:
        raise Invalid(
            f"{name} must be a version, or an instant with its offset", f"{name} 须为版本号或带时区的时间"
        ) from None


def plain(case: Case, act: Act) -> Any:
    """The case as its reader gets it."""
    return orjson.loads(orjson.dumps(case_fields(case, act)))


def events_between(recorder: Recorder, after: int, case: Case, telling: Telling) -> list[Said]:
    lines = [to_line(one.state) for one in recorder.select_events(case_stream(case.id), gt=after, lte=case.version)]
    local = telling.act.rules.local
    return [Said(version=one.version, type=one.type, at=local(one.at), sentence=telling.sentence(one)) for one in lines]


@router.get("/{case_id}/explain", response_model=Explanation, operation_id="explain_case")
async def explain(
    case_id: PathId, desk: AtDesk, version: Annotated[int | None, Query(ge=1)] = None, at: At = None
) -> Response:
    """Why it is here and why it is red: which event, which rule of which policy, and every day that was counted."""
    case, act = await desk.case(case_id, verb="explain", version=version, at=at)
    office = desk.office
    return json_response(await office.in_thread(lambda: explanation(office.ledger, case, act, desk.chinese)))


class Zip(Response):
    media_type = "application/zip"


ZIPPED: dict[int | str, dict[str, Any]] = {200: {"content": {"application/zip": BINARY}}}


@router.get("/{case_id}/dossier", response_class=Zip, responses=ZIPPED)
async def whole_dossier(case_id: PathId, desk: AtDesk) -> Response:
    """The case with its events, states, rules and proofs, as a zip that opens and verifies on a machine without a network.

    Who may not know the reporter gets the hashes of the stored lines instead of the lines.
    """
    case, act = await desk.case(case_id, verb="dossier")
    made = await desk.office.in_thread(lambda: dossier(desk.office, case, desk.by, act), long=desk.by.id)
    headers = {"Content-Disposition": f'attachment; filename="{case.number}.zip"', "Cache-Control": "no-store"}
    return Zip(made, 200, headers)
