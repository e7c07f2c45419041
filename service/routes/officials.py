"""Officials: what is known of one in a year. It is for people to weigh, and decides on nobody by itself."""

from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter, Response

from domain.assessment.gate import reads_dossier
from domain.refusals import NotFound, NotPermitted
from projections.cards import dossiers
from service.audit.access_log import LookOutcome, Of
from service.http.answering import json_response
from service.http.bodies import StrictRoute
from service.http.desk import AtDesk
from service.http.moments import At
from service.routes.pages import PathId
from service.routes.scorecards import Year, moment, then

router = APIRouter(prefix="/v1/officials", tags=["assessment"], route_class=StrictRoute)


@dataclass(frozen=True, kw_only=True)
class OfficialDossier(dossiers.Dossier):
    """A dossier as of an instant, and the policy that weighs its terms of office."""

    at: datetime
    policy: str


@router.get("/{official_id}/dossier", response_model=OfficialDossier)
async def dossier(official_id: PathId, desk: AtDesk, year: Year, at: At = None) -> Response:
    """An official's year: visits paid and signed for, needs found, cases brought in, and what people say of it.

    How long cases took is not in it: that is judged at whoever answered for a unit, in his terms of office.
    """
    act = desk.act()
    if not reads_dossier(act, official_id, year):
        raise NotPermitted("this needs another post", "您的岗位无权查看该干部档案")
    now, rules = moment(desk, year, at)
    org = await then(desk, at) or act.org
    found, headers = await desk.view(
        lambda db, act: dossiers.dossier(db, act, org, official_id, year, rules.policy.assessment, at)
    )
    if found is None:
        raise NotFound("there was no such official", "当时没有这名干部")
    await desk.on_record("official:dossier", official_id, LookOutcome.SHOWN, Of.PERSON)
    body = {"at": now, "policy": rules.policy_label, **vars(found)}
    return json_response(desk.in_zone(body), 200, headers)
