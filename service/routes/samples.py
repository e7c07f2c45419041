"""Samples: which citizens are asked once more by somebody else, drawn by the system, unknown to the unit till it is over."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Response
from typing_extensions import TypedDict

from domain.assessment.sample import NO_SUCH_SAMPLE, AnswerSample, Sample, reads
from domain.case.terms import Satisfaction
from domain.refusals import NotFound
from domain.streams import sample_stream
from projections.cases.visibility import visible_among
from service.http.answering import answered, json_response
from service.http.bodies import StrictRoute
from service.http.desk import AtDesk, Desk
from service.http.parameters import WRITING
from service.http.writing_desk import AtWritingDesk, DeskRoute
from service.routes.pages import PathId
from service.telling.caused import EventName, caused

router = APIRouter(prefix="/v1/samples", tags=["assessment"], route_class=StrictRoute)
commands = APIRouter(prefix="/v1/samples", tags=["assessment"], route_class=DeskRoute)

InQuarter = Annotated[str, Path(pattern=r"^20[0-9]{2}-Q[1-4]$", description="2025-Q2")]


class DrawnCase(TypedDict):
    """A case that was drawn, and what was said; `solved` is none as long as nobody answered."""

    case: str
    mandatory: bool
    asked: bool
    solved: bool | None
    satisfaction: Satisfaction | None


class SampleView(TypedDict):
    """Anybody who knows the frame can draw it again: its cases ordered by SHA-256 of seed, bar, case."""

    unit: str
    quarter: str
    version: int
    seed: str
    frame_digest: str
    frame_size: int
    drawn: int
    answered: int
    open_until: datetime
    cases: list[DrawnCase]
    withheld: int


class SampleAnswer(SampleView):
    events: list[EventName]


@router.get("/{unit_id}/{quarter}", response_model=SampleView)
async def one(unit_id: PathId, quarter: InQuarter, desk: AtDesk) -> Response:
    """Which cases of a unit and quarter were drawn, and what their citizens said; those that one may see are named."""
    sample: Sample = await desk.office.state(sample_stream(unit_id, quarter))
    if not reads(sample, desk.act()):
        raise NotFound(*NO_SUCH_SAMPLE)
    body = await _view(desk, sample)
    return json_response(body, 200, {"ETag": f'"{sample.version}"'})


@commands.post("/{unit_id}/{quarter}/answer", response_model=SampleAnswer, openapi_extra=WRITING)
async def answer(unit_id: PathId, quarter: InQuarter, desk: AtWritingDesk, body: AnswerSample) -> Response:
    """Write down what a citizen who was drawn says; without `solved`, that he could not be reached."""
    receipt = await desk.settle(sample_stream(unit_id, quarter), body)
    return answered(receipt, {**await _view(desk, receipt.state), "events": caused(receipt)})


async def _view(desk: Desk, sample: Sample) -> dict[str, Any]:
    drawn, act = sample.drawn, desk.act()
    assert drawn is not None
    seen = await desk.office.read(lambda db: visible_among(db, act, drawn.cases))
    return {
        "unit": sample.unit,
        "quarter": sample.id.rpartition(":")[2],
        "version": sample.version,
        "seed": drawn.seed,
        "frame_digest": drawn.frame_digest,
        "frame_size": drawn.frame_size,
        "drawn": len(drawn.cases),
        "answered": sum(one.solved is not None for one in sample.answers.values()),
        "open_until": act.rules.local(drawn.open_until),
        "cases": [_case(sample, case) for case in drawn.cases if case in seen],
        "withheld": sum(case not in seen for case in drawn.cases),
    }


def _case(sample: Sample, case: str) -> DrawnCase:
    answer = sample.answers.get(case)
    assert sample.drawn is not None
    return {
        "case": case,
        "mandatory": case in sample.drawn.mandatory,
        "asked": answer is not None,
        "solved": answer.solved if answer else None,
        "satisfaction": answer.satisfaction if answer else None,
    }
