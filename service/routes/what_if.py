"""What if: the past under another policy, and the register under another ruleset. It answers, and changes nothing."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, ClassVar

from fastapi import APIRouter, Response
from pydantic import Field

from domain.decider import Act
from domain.org import Role
from domain.refusals import Invalid
from domain.rules import Policy
from domain.rules.policies import SHIPPED
from projections.register.reclassified import Shadow, in_shadow
from projections.what_if.affected import Affected, Gathered
from projections.what_if.what_if import ClockDifference, clocks_then
from service.http.answering import json_response
from service.http.bodies import StrictRoute
from service.http.desk import AtDesk
from service.http.moments import Renamed
from service.office import Db
from service.routes.pages import PathId

router = APIRouter(prefix="/v1", tags=["rules"], route_class=StrictRoute)

ASKING = (Role.ADMIN, Role.AUDITOR, Role.DISTRICT_LEADER, Role.ORGANISATION_OFFICER)


@dataclass(frozen=True, kw_only=True)
class Period:
    """From an instant up to, but not including, another."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    start: Annotated[Renamed, Field(alias="from")]
    end: Annotated[Renamed, Field(alias="to")]
    version: int | None = None
    """Of the policy; its latest, drafts included, if not said otherwise."""
    limit: Annotated[int, Field(ge=1, le=200)] = 50
    """Of the cases that are told one by one."""
    cursor: Annotated[str | None, Field(max_length=64)] = None


@dataclass(frozen=True, kw_only=True)
class WhatIf:
    """What would have been otherwise."""

    policy: str
    version: int
    clocks: list[ClockDifference]
    households: Shadow
    cases: list[Affected]
    """One by one, those one may see whose clocks would have been due at another instant."""
    next: str | None
    """The cursor of the cases after these."""


@router.post("/policies/{policy_id}/what-if", response_model=WhatIf, operation_id="what_if_policy")
async def what_if(policy_id: PathId, body: Period, desk: AtDesk) -> Response:
    """The clocks that started in the period, as they would have been under this policy, and whose class would change.

    Cases one may not know of are not counted; households only those one may see.
    """
    desk.must_be(*ASKING)
    if not body.start < body.end:
        raise Invalid("from must lie before to", "from 须早于 to")
    policies = desk.office.ledger.policies
    then = policies.get(policy_id, body.version)

    def in_force(at: datetime) -> Policy:
        current = policies.current(at)
        return current.policy if current else SHIPPED.policy

    def ask(db: Db, act: Act) -> WhatIf:
        gathered = Gathered(body.cursor or "")
        clocks = clocks_then(db, act, then.policy, in_force, body.start, body.end, gathered)
        cases, following = gathered.page(db, act, body.limit)
        return WhatIf(
            policy=policy_id,
            version=then.version,
            clocks=clocks,
            households=in_shadow(db, act, then.policy.helping),
            cases=cases,
            next=following,
        )

    found, headers = await desk.view(ask, long=True)
    return json_response(desk.in_zone(found), 200, headers)
