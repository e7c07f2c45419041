"""Samples (抽样回访): whom the system drew to be asked once more, and what each said."""

from __future__ import annotations

from asyncio import gather
from dataclasses import replace
from datetime import datetime

from fastapi import APIRouter, Request, Response

from domain.assessment.gate import JUDGED, may
from domain.assessment.sample import AnswerSample
from domain.decider import Act
from domain.duties import Quarter
from service.http.requests import now_at, office_of
from service.web.asking import ask, ask_if_there
from service.web.coverage import quarters
from service.web.drawing import draw
from service.web.forms import Action, fields_of
from service.web.language import speaking
from service.web.programmes import case_of
from service.web.reader import lets

router = APIRouter(prefix="/samples", include_in_schema=False)

FIELDS = {
    "case": ("事项", "Case"),
    "solved": ("是否解决", "Solved"),
    "satisfaction": ("评价", "Satisfaction"),
}


@router.get("")
async def listed(request: Request, quarter: str | None = None) -> Response:
    """Of each unit that is judged, how many were drawn and how many have answered; by default of the last quarter."""
    now = Quarter.of(now_at(request).date())
    past = quarters(now.year, now.number)[1:]
    wanted = quarter or past[0]
    units = [one.id for one in office_of(request).org.units.values() if one.kind in JUDGED]
    drawn = await gather(*(ask_if_there(request, f"/v1/samples/{unit}/{wanted}") for unit in units))
    return draw(request, "samples.html", items=[one for one in drawn if one], quarters=past, wanted=wanted)


@router.get("/{unit}/{quarter}")
async def one(unit: str, quarter: str, request: Request) -> Response:
    """Each case that was drawn, as far as the reader may see it; with a form as long as somebody may be asked."""
    drawn, say = await ask(request, f"/v1/samples/{unit}/{quarter}"), speaking(request)
    cases = await gather(*(case_of(request, each["case"]) for each in drawn["cases"]))
    form = Action(
        verb="answer",
        label=say("登记回访", "Write down what he said"),
        fields=tuple(
            replace(field, unsaid=say("没有接通", "nobody answered")) if field.name == "solved" else field
            for field in fields_of(AnswerSample, say, FIELDS, {}, {})
            if field.name != "case"
        ),
    )
    return draw(
        request,
        "sample.html",
        sampled=drawn,
        items=[(each, case) for each, case in zip(drawn["cases"], cases, strict=True) if case],
        asks=lets(request, lambda act: asking(unit, act, drawn["open_until"])),
        form=form,
    )


def asking(unit: str, act: Act, until: str) -> bool:
    """Whether he asks citizens, and the time for it is not over."""
    return act.at < datetime.fromisoformat(until) and may(unit, act, "answer-sample")
