"""Which streams there are, and the blank state each of them starts from."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from domain.assessment.sample import Sample
from domain.assessment.year import UnitYear
from domain.case import Case, Lapse
from domain.decider import Command, altered
from domain.duties import Target
from domain.household import Helper, Household, LapseHousehold
from domain.household.ruleset import Register
from domain.org import Org
from domain.person import Person
from domain.programme import Programme
from domain.rules import Calendars, Policies, Rules
from domain.rules.policies import SHIPPED
from domain.streams import (
    ASSESSMENT,
    CALENDARS,
    CASE,
    HELPER,
    HOUSEHOLD,
    ORG,
    PERSON,
    POLICIES,
    PROGRAMME,
    REGISTER,
    SAMPLE,
    TARGET,
)

REFERENCE = (ORG, POLICIES, CALENDARS)
"""The streams that every decision reads: the organisation, the policies and the calendars."""

KINDS: Mapping[str, type[Any]] = {
    ASSESSMENT: UnitYear,
    HELPER: Helper,
    HOUSEHOLD: Household,
    PERSON: Person,
    PROGRAMME: Programme,
    SAMPLE: Sample,
    TARGET: Target,
}
_UNKNOWN = Case(id="")
_LAPSE, _LAPSE_HOUSEHOLD = Lapse(), LapseHousehold()
_BLANK = {ORG: Org(), POLICIES: Policies(), CALENDARS: Calendars(), REGISTER: Register()}


def rules_at(policies: Policies, calendars: Calendars, at: datetime) -> Rules:
    """The rules in force at an instant; before any policy is, those the service ships with."""
    if policies.current(at) is not None:
        return Rules.in_force(policies, calendars, at)
    policy = SHIPPED.policy
    return Rules(
        policy=policy,
        policy_label=f"{policy.id}.0",
        calendar=calendars.working(policy.region),
        zone=ZoneInfo(policy.tz),
    )


def lapse(stream: str) -> Command[Any]:
    """What happens to a stream when one of its deadlines passes."""
    return _LAPSE_HOUSEHOLD if stream.startswith(HOUSEHOLD) else _LAPSE


def blank(stream: str) -> Any:
    """What a stream adds up to before its first event."""
    if stream.startswith(CASE):
        return altered(_UNKNOWN, id=stream.removeprefix(CASE))
    for kind, empty in KINDS.items():
        if stream.startswith(kind):
            return empty(id=stream.removeprefix(kind))
    return _BLANK[stream]
