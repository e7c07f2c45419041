"""Who may do what: one table of rights, each granted to a role in a relation to the case. There is no other source."""

from collections.abc import Collection, Mapping
from enum import StrEnum
from typing import Final

from domain.org import Role


class Relation(StrEnum):
    """How somebody's post stands to a case."""

    HOLDS = "holds"
    """The post's unit has the case, or is of one house with it (a town and its offices)."""
    ABOVE = "above"
    """The post's unit stands above the one that has the case, and is not of one house with it."""
    HELD = "held"
    """The post's unit has the case or once had it."""
    AREA = "area"
    """The village of the case lies in the post's area."""
    UNPLACED = "unplaced"
    """Nobody has the case yet, and no village is known."""
    TASKED = "tasked"
    """The post's unit has a task in the joint handling, or once had one."""
    DIVERTED = "diverted"
    """The case was diverted to the post's unit."""
    REPORTED = "reported"
    """The actor brought the case, or collected it."""
    MASS_WORK = "mass_work"
    DISPATCH = "dispatch"
    FOLLOW_UP = "follow_up"
    DISCIPLINE = "discipline"
    REVIEW = "review"
    FINAL_REVIEW = "final_review"
    ANYWHERE = "anywhere"


SEALED_RELATIONS: Final = frozenset({Relation.MASS_WORK, Relation.DISPATCH, Relation.DISCIPLINE})
"""A sealed case knows only these relations, its auditors, and the citizen who brought it."""

ANYONE: Final = "anyone"
"""Whoever is in the relation, whatever post he holds; a citizen holds none."""

Grants = Mapping[str | Role, frozenset[Relation]]

_HOLDS = frozenset({Relation.HOLDS})
_HOLDS_OR_ABOVE = frozenset({Relation.HOLDS, Relation.ABOVE})
_ANYWHERE = frozenset({Relation.ANYWHERE})
_MASS_WORK = frozenset({Relation.MASS_WORK})
_REPORTED = frozenset({Relation.REPORTED})
_TRIAGE = frozenset({Relation.AREA, Relation.UNPLACED})

_BY_CLERKS: Grants = {
    Role.TOWN_CLERK: _TRIAGE,
    Role.DISPATCHER: _ANYWHERE,
    Role.ADJUDICATOR: _MASS_WORK,
}
_BY_HEADS: Grants = {
    Role.VILLAGE_HEAD: _HOLDS,
    Role.TOWN_HEAD: _HOLDS_OR_ABOVE,
    Role.DEPARTMENT_OFFICER: _HOLDS,
    Role.DISTRICT_LEADER: _HOLDS,
}
_BY_HANDLERS: Grants = {
    **_BY_HEADS,
    Role.TOWN_CLERK: _HOLDS,
    Role.TOWN_OFFICER: _HOLDS,
}
_BY_FOLLOW_UP: Grants = {Role.FOLLOW_UP: _ANYWHERE}
_BY_MASS_WORK: Grants = {Role.ADJUDICATOR: _MASS_WORK}
_BY_REPORTER: Grants = {ANYONE: _REPORTED}
_BY_LEADERS: Grants = {Role.DISTRICT_LEADER: _HOLDS}

READ: Final = "read"
READ_ACCESS_LOG: Final = "read-access-log"
"""Who looks over the readers' shoulders: whatever case was read, so it needs no relation to one."""

READ_SCORECARDS: Final = "read-scorecards"
"""Who sees how every unit is judged, as all do who decide on its card; everybody else sees his own house. It opens no case."""

IMPORT: Final = "import"
"""Who brings in many reports at once: a clerk those of his own town's villages. It is asked before there is a case."""

WEBHOOK: Final = "webhook"
"""Who may have another system told what happened, as it happens: of it, only what he himself may see by then."""


def _either(*rows: Grants) -> Grants:
    """A right that any of these rows gives."""
    either: dict[str | Role, frozenset[Relation]] = {}
    for row in rows:
        for who, relations in row.items():
            either[who] = either.get(who, frozenset()) | relations
    return either


_BY_OFFICES = _either(_BY_HANDLERS, _BY_CLERKS)
_BY_ALL_CONCERNED = _either(_BY_OFFICES, _BY_FOLLOW_UP, _BY_REPORTER)
_BY_JOINERS = _either(_BY_CLERKS, {Role.TOWN_CLERK: _HOLDS})
_BY_CALLERS_BACK = _either(_BY_FOLLOW_UP, {Role.PRIVACY_OFFICER: _ANYWHERE})
_BY_STAND_INS = _either(
    _BY_FOLLOW_UP,
    _BY_MASS_WORK,
    {Role.DISCIPLINE: frozenset({Relation.DISCIPLINE}), Role.DISPATCHER: frozenset({Relation.DISPATCH})},
)
_BY_CLAIMANTS = _either(_BY_OFFICES, {Role.DEPARTMENT_OFFICER: _MASS_WORK})

AUTHORITY: Final[Mapping[str, Grants]] = {
    READ: {
        ANYONE: _REPORTED,
        Role.CADRE: frozenset({Relation.AREA, Relation.HELD}),
        Role.VILLAGE_HEAD: frozenset({Relation.AREA, Relation.HELD, Relation.TASKED}),
        Role.TOWN_CLERK: frozenset({Relation.AREA, Relation.HELD, Relation.UNPLACED, Relation.TASKED}),
        Role.TOWN_OFFICER: frozenset({Relation.AREA, Relation.HELD, Relation.TASKED}),
        Role.TOWN_HEAD: frozenset({Relation.AREA, Relation.HELD, Relation.ABOVE, Relation.TASKED}),
        Role.DEPARTMENT_OFFICER: frozenset({Relation.HELD, Relation.TASKED, Relation.DIVERTED, Relation.MASS_WORK}),
        Role.DISTRICT_LEADER: _ANYWHERE,
        Role.DISPATCHER: _ANYWHERE,
        Role.ADJUDICATOR: _ANYWHERE,
        Role.FOLLOW_UP: _ANYWHERE,
        Role.DISCIPLINE: frozenset({Relation.DIVERTED, Relation.DISCIPLINE}),
        Role.PRIVACY_OFFICER: _ANYWHERE,
        Role.AUDITOR: _ANYWHERE,
        Role.ADMIN: _ANYWHERE,
    },
    "accept": _BY_CLERKS,
    "assign": _BY_CLERKS,
    "decline": {Role.DISPATCHER: _ANYWHERE},
    "challenge-decline": _BY_REPORTER,
    "decide-challenge": _BY_MASS_WORK,
    "divert": {
        Role.DISPATCHER: _ANYWHERE,
        Role.DEPARTMENT_OFFICER: _MASS_WORK,
        Role.ADJUDICATOR: _MASS_WORK,
    },
    "divert:accusation": {Role.DEPARTMENT_OFFICER: _MASS_WORK, Role.ADJUDICATOR: _MASS_WORK},
    "record-outcome": {
        Role.DISCIPLINE: frozenset({Relation.DIVERTED}),
        Role.ADJUDICATOR: frozenset({Relation.DIVERTED, Relation.MASS_WORK}),
        Role.DEPARTMENT_OFFICER: frozenset({Relation.DIVERTED, Relation.MASS_WORK}),
    },
    "acknowledge": _BY_HANDLERS,
    "start": _BY_HANDLERS,
    "contact": _either(_BY_HANDLERS, {Role.CADRE: _HOLDS}),
    "dispute": _BY_HEADS,
    "rule": _BY_MASS_WORK,
    "transfer": _either(_BY_HEADS, _BY_MASS_WORK),
    "escalate": _BY_HEADS,
    "remand": {Role.TOWN_HEAD: _HOLDS, Role.ADJUDICATOR: _MASS_WORK, Role.DISTRICT_LEADER: _HOLDS},
    "remand:again": _either(_BY_LEADERS, {Role.DISTRICT_LEADER: _MASS_WORK}),
    "convene": {Role.TOWN_HEAD: _HOLDS_OR_ABOVE, Role.DISTRICT_LEADER: _HOLDS},
    "complete-task": dict.fromkeys(_BY_HANDLERS, frozenset({Relation.TASKED})),
    "request-information": _BY_HANDLERS,
    "provide-information": _either(_BY_HANDLERS, _BY_REPORTER),
    "request-extension": _BY_HANDLERS,
    "decide-extension": {Role.TOWN_HEAD: frozenset({Relation.ABOVE}), Role.ADJUDICATOR: _MASS_WORK},
    "decide-extension:district": {Role.ADJUDICATOR: _MASS_WORK, Role.DISTRICT_LEADER: _HOLDS},
    "decide-extension:petition": {
        Role.VILLAGE_HEAD: _HOLDS,
        Role.TOWN_HEAD: _HOLDS_OR_ABOVE,
        Role.DISTRICT_LEADER: _HOLDS,
    },
    "request-suspension": _BY_HANDLERS,
    "suspend": _BY_LEADERS,
    "review-suspension": _BY_LEADERS,
    "reactivate": _BY_LEADERS,
    "resolve": _BY_HANDLERS,
    "reject-resolution": _BY_FOLLOW_UP,
    "reject-resolution:instead": _BY_STAND_INS,
    "feedback": _either(_BY_FOLLOW_UP, _BY_REPORTER),
    "feedback:instead": _either(_BY_STAND_INS, _BY_REPORTER),
    "reopen": _BY_MASS_WORK,
    "request-review": _BY_REPORTER,
    "decide-review": {Role.ADJUDICATOR: frozenset({Relation.REVIEW})},
    "decide-review:instead": _BY_MASS_WORK,
    "request-final-review": _BY_REPORTER,
    "decide-final-review": {Role.ADJUDICATOR: frozenset({Relation.FINAL_REVIEW})},
    "decide-final-review:instead": _BY_MASS_WORK,
    "withdraw": _BY_REPORTER,
    "confirm-withdrawal": _BY_FOLLOW_UP,
    "confirm-withdrawal:instead": _BY_STAND_INS,
    "merge": _BY_JOINERS,
    "unmerge": _BY_JOINERS,
    "urge": {Role.ADJUDICATOR: _MASS_WORK, Role.DISPATCHER: _ANYWHERE, Role.TOWN_HEAD: frozenset({Relation.ABOVE})},
    "supervise": {
        Role.ADJUDICATOR: _MASS_WORK,
        Role.DISTRICT_LEADER: _ANYWHERE,
        Role.TOWN_HEAD: frozenset({Relation.ABOVE}),
    },
    "claim": _BY_CLAIMANTS,
    "release": _BY_CLAIMANTS,
    "disclose-identity": _either(_BY_HANDLERS, _BY_CALLERS_BACK),
    "disclose-identity:hidden": _BY_CALLERS_BACK,
    "disclose-identity:instead": _either(_BY_CALLERS_BACK, _BY_STAND_INS),
    "disclose-identity:sealed": {
        Role.DEPARTMENT_OFFICER: _MASS_WORK,
        Role.ADJUDICATOR: _MASS_WORK,
        Role.DISCIPLINE: frozenset({Relation.DIVERTED, Relation.DISCIPLINE}),
    },
    "reclassify": _BY_CLERKS,
    "reclassify:lower": {Role.DISPATCHER: _ANYWHERE},
    "add-subject": _BY_ALL_CONCERNED,
    "declare-conflict": _BY_ALL_CONCERNED,
    "link-household": _either(_BY_OFFICES, {Role.CADRE: frozenset({Relation.AREA, Relation.REPORTED})}),
    "attach": _BY_ALL_CONCERNED,
    "note": _BY_ALL_CONCERNED,
    "correct": {Role.TOWN_CLERK: _TRIAGE, Role.DISPATCHER: _ANYWHERE},
    IMPORT: {Role.INTEGRATOR: _ANYWHERE, Role.TOWN_CLERK: frozenset({Relation.AREA}), Role.ADMIN: _ANYWHERE},
    WEBHOOK: {Role.INTEGRATOR: _ANYWHERE, Role.ADMIN: _ANYWHERE},
    READ_SCORECARDS: {
        Role.ORGANISATION_OFFICER: _ANYWHERE,
        Role.DISCIPLINE: _ANYWHERE,
        Role.DISTRICT_LEADER: _ANYWHERE,
        Role.AUDITOR: _ANYWHERE,
    },
    READ_ACCESS_LOG: {Role.AUDITOR: _ANYWHERE, Role.PRIVACY_OFFICER: _ANYWHERE},
}


ASSESSING: Final[Mapping[str, Grants]] = {
    "appeal": {
        Role.TOWN_HEAD: _HOLDS,
        Role.TOWN_CLERK: _HOLDS,
        Role.DEPARTMENT_OFFICER: _HOLDS,
        Role.DISTRICT_LEADER: _HOLDS,
    },
    "decide-appeal": {
        Role.ORGANISATION_OFFICER: _ANYWHERE,
        Role.DISCIPLINE: frozenset({Relation.DISCIPLINE}),
        Role.DISTRICT_LEADER: _ANYWHERE,
    },
    "veto": {Role.DISCIPLINE: frozenset({Relation.DISCIPLINE})},
    "exclude": {Role.ORGANISATION_OFFICER: _ANYWHERE},
    "read-sample": {Role.FOLLOW_UP: _ANYWHERE, Role.ORGANISATION_OFFICER: _ANYWHERE, Role.AUDITOR: _ANYWHERE},
    "answer-sample": {Role.FOLLOW_UP: _ANYWHERE},
}
"""Who may do what about the scorecard of a unit: of his own (`holds`), or of every one."""


def everywhere(role: Role, right: str) -> bool:
    """Whether a role has a right whatever the case, and where there is none."""
    return Relation.ANYWHERE in AUTHORITY[right].get(role, ())


def ever_granted(verb: str, roles: Collection[Role]) -> bool:
    """Whether one of these roles, or anyone, has a right to this verb in some relation.

    A row `verb:more` is a stricter one for some cases; a verb without a row of its own borrows another's.
    """
    rows = [grants for right, grants in AUTHORITY.items() if right.partition(":")[0] == verb]
    return not rows or any(ANYONE in grants or any(role in grants for role in roles) for grants in rows)
