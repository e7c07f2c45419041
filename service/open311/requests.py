"""Cases as GeoReport tells of them: how each stands, and what became of them one change after the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from domain.case import Case
from domain.case.terms import OPEN, Status
from domain.decider import Act
from projections.cases.waits import next_due
from service.open311.services import SERVICES, address
from service.open311.shapes import ServiceRequest, Standing, Update
from service.record.codec import to_recorded
from service.telling.standing import WORDS


def standing(status: Status) -> Standing:
    return Standing.OPEN if status in OPEN else Standing.CLOSED


def service_request(case: Case, act: Act, chinese: bool) -> ServiceRequest:
    """Nothing of who brought it: that is told by `disclose-identity` only."""
    assert case.report is not None
    assert case.reported_at is not None
    assert case.updated_at is not None
    due, unit, place = next_due(case), act.org.unit(case.unit or ""), case.report.location
    status = standing(case.status)
    closed_at = (case.resolved_at or case.ended_at) if status is Standing.CLOSED else None
    return ServiceRequest(
        service_request_id=case.id,
        status=status,
        status_notes=WORDS[case.status][chinese],
        service_name=SERVICES[case.kind].name[chinese],
        service_code=case.kind,
        description=description_of(case),
        agency_responsible=unit.name if unit else None,
        service_notice=None,
        requested_datetime=local(case.reported_at, act),
        updated_datetime=local(closed_at or case.updated_at, act),
        expected_datetime=local(due, act) if due and status is Standing.OPEN else None,
        address=address(act.org, case.village),
        address_id=case.village,
        zipcode=None,
        lat=place.lat if place else None,
        long=place.lon if place else None,
        media_url=None,
    )


def description_of(case: Case) -> str:
    """The title and what was said; only that, where it begins with the title."""
    title, description = case.entry("title") or "", case.entry("description") or ""
    return description if description.startswith(title) else f"{title}\n{description}".strip()


def updates(
    case_id: str, lines: Iterable[bytes], since: datetime, until: datetime, act: Act, chinese: bool
) -> Iterator[Update]:
    """Each change of the status of a case in a span of time. It says the status and no more, so that it may be passed on."""
    case = Case(id=case_id)
    for line in lines:
        recorded = to_recorded(line)
        before, case = case.status, case.evolve(recorded)
        if case.status is not before and since <= recorded.at <= until:
            yield Update(
                update_id=f"{case_id}.{recorded.version}",
                service_request_id=case_id,
                status=standing(case.status),
                updated_datetime=local(recorded.at, act),
                description=WORDS[case.status][chinese],
            )


def local(at: datetime, act: Act) -> datetime:
    """By the district's clock, in whole seconds, as the standard writes instants."""
    return act.rules.local(at).replace(microsecond=0)
