"""The ready-made keys of the demonstration: one for each role, all of them around one village in Yanba and its town."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from domain.org import Role
from service.demo.district import DISCIPLINE, DISPATCH, DISTRICT, FOLLOW_UP, MASS_WORK, Place, holder
from service.secrecy.seals import Seals
from service.sign_in.keys import make_key


@dataclass(frozen=True)
class Ready:
    role: Role
    english: str
    chinese: str
    unit: str | None
    """Where its official sits; for none, the key speaks for nobody in particular."""


def around(place: Place) -> tuple[Ready, ...]:
    return (
        Ready(Role.CADRE, "village cadre", "包户干部", place.village),
        Ready(Role.TOWN_CLERK, "town clerk", "镇受理员", place.town),
        Ready(Role.TOWN_HEAD, "town head", "镇办一把手", place.town),
        Ready(Role.DISPATCHER, "district dispatcher", "派单员", DISPATCH),
        Ready(Role.ADJUDICATOR, "adjudicator", "裁定员", MASS_WORK),
        Ready(Role.FOLLOW_UP, "follow-up", "回访员", FOLLOW_UP),
        Ready(Role.DISTRICT_LEADER, "district leader", "分管区领导", MASS_WORK),
        Ready(Role.ORGANISATION_OFFICER, "organisation officer", "考核干部", DISTRICT),
        Ready(Role.DISCIPLINE, "discipline", "纪检干部", DISCIPLINE),
        Ready(Role.PRIVACY_OFFICER, "privacy officer", "隐私保护专员", DISTRICT),
        Ready(Role.AUDITOR, "auditor", "审计员", DISTRICT),
        Ready(Role.INTEGRATOR, "another system", "对接系统", None),
        Ready(Role.ADMIN, "administrator", "管理员", None),
    )


def make_keys(db: Connection, seals: Seals, place: Place, now: datetime) -> dict[str, str]:
    """A key for each role, by the name of the role."""
    return {
        ready.role: make_key(
            db, seals, ready.role, now, official=holder(ready.role, ready.unit) if ready.unit else None
        )
        for ready in around(place)
    }
