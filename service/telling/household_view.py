"""A household as clients see it: class and reasons, helper, visits due, benefits. Who lives there is not in it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import with_config
from typing_extensions import TypedDict

from domain.decider import Act
from domain.household import COMMANDS, Household, due_by
from domain.household.terms import BenefitState, ClassBasis, Facts, HouseholdClass
from service.telling.caused import EventName


class MemberView(TypedDict):
    id: str
    relation: str
    since: datetime


class VisitView(TypedDict):
    version: int
    at: datetime
    visitor: str
    countersigned: bool
    to_audit: bool
    confirmed: bool | None
    captured_at: datetime | None
    needs: int
    cases: list[str]


class VisitDue(TypedDict):
    """By when it is to be visited again, and when it last was in a way that counts."""

    due_at: datetime
    visited_at: datetime | None
    overdue: bool


class BenefitView(TypedDict):
    benefit: str
    state: BenefitState
    since: datetime
    due_at: datetime | None
    overdue: bool
    notice_ends: datetime | None


class NoticeView(TypedDict):
    to: HouseholdClass
    ends: datetime


class OverrideView(TypedDict):
    to: HouseholdClass
    until: datetime
    minutes: str
    signed_by: list[str]


class ProposalView(TypedDict):
    """Another class that one person has signed for; a second signs with `sign-override`."""

    to: HouseholdClass
    minutes: str
    by: str


class RelativeView(TypedDict):
    """An official who is a relative; `fair` is what the district found, nothing while it is to be checked."""

    official: str
    fair: bool | None


class AssessmentView(TypedDict):
    """What the facts of that moment gave under that ruleset."""

    at: datetime
    result: HouseholdClass
    rules: list[str]
    ruleset: str


HouseholdView = TypedDict(
    "HouseholdView",
    {
        "id": str,
        "version": int,
        "village": str,
        "town": str | None,
        "class": HouseholdClass,
        "rules": list[str],
        "ruleset": str | None,
        "basis": ClassBasis | None,
        "since": datetime,
        "registered_at": datetime,
        "facts": Facts | None,
        "facts_as_of": datetime | None,
        "members": list[MemberView],
        "assessments": list[AssessmentView],
        "override": OverrideView | None,
        "override_proposed": ProposalView | None,
        "contested": bool,
        "notice": NoticeView | None,
        "aftercare_until": datetime | None,
        "merged_into": str | None,
        "relatives": list[RelativeView],
        "helper": str | None,
        "helped_since": datetime | None,
        "visits": list[VisitView],
        "visits_due": list[VisitDue],
        "benefits": list[BenefitView],
        "next_actions": list[str],
    },
)


class OpenedView(TypedDict):
    """A case that a visit opened, and the code by which the household follows it."""

    id: str
    query_code: str


# its schema is made when the API is described, and not at the start, once for each command that answers with it
@with_config(defer_build=True)
class HouseholdAnswer(HouseholdView):
    events: list[EventName]
    opened: list[OpenedView]


ListedHousehold = TypedDict(
    "ListedHousehold",
    {
        "id": str,
        "version": int,
        "village": str,
        "class": HouseholdClass,
        "rules": list[str],
        "since": datetime,
        "helper": str | None,
        "visited_at": datetime | None,
    },
)

RECENT = 20
"""Visits and assessments that are shown; all of them are in the history."""


def household_fields(household: Household, act: Act) -> dict[str, Any]:
    """The fields of a HouseholdView; instants are in UTC."""
    due = due_by(household, act.rules.policy.helping.visits)
    visited = household.visited_at
    return {
        "id": household.id,
        "version": household.version,
        "village": household.village,
        "town": household.town,
        "class": household.klass,
        "rules": list(household.rules),
        "ruleset": household.ruleset,
        "basis": household.basis,
        "since": household.since,
        "registered_at": household.registered_at,
        "facts": household.facts,
        "facts_as_of": household.facts_as_of,
        "members": [{"id": one.id, "relation": one.relation, "since": one.since} for one in household.members.values()],
        "assessments": [
            {"at": one.at, "result": one.result, "rules": list(one.rules), "ruleset": one.ruleset}
            for one in household.assessments[-RECENT:]
        ],
        "override": household.override
        and {
            "to": household.override.to,
            "until": household.override.until,
            "minutes": household.override.minutes,
            "signed_by": list(household.override.signed_by),
        },
        "override_proposed": household.proposed
        and {"to": household.proposed.to, "minutes": household.proposed.minutes, "by": household.proposed.by},
        "contested": household.contested,
        "notice": household.notice and {"to": household.notice.to, "ends": household.notice.ends},
        "aftercare_until": household.aftercare_until,
        "merged_into": household.merged_into,
        "relatives": [{"official": who, "fair": fair} for who, fair in household.relatives.items()],
        "helper": household.helper,
        "helped_since": household.helped_since,
        "visits": [
            {
                "version": one.version,
                "at": one.at,
                "visitor": one.visitor,
                "countersigned": one.countersigned,
                "to_audit": one.to_audit,
                "confirmed": one.confirmed,
                "captured_at": one.captured_at,
                "needs": one.needs,
                "cases": list(one.cases),
            }
            for one in household.visits[-RECENT:]
        ],
        "visits_due": [{"due_at": due, "visited_at": visited, "overdue": due <= act.at}] if due else [],
        "benefits": [
            {
                "benefit": benefit,
                "state": grant.state,
                "since": grant.since,
                "due_at": grant.due_at,
                "overdue": grant.overdue,
                "notice_ends": household.posted.get(benefit),
            }
            for benefit, grant in household.benefits.items()
        ],
        "next_actions": [command.verb for command in COMMANDS if command.offered(household, act)],
    }
