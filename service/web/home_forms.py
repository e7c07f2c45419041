"""What may be done with a household, as forms: each from its command, with what there is to choose for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from fastapi import Request

from domain.household import COMMANDS
from domain.household.gate import WRITE, may_in
from domain.household.terms import Benefit, HouseholdClass
from domain.zone import day_at, midnight
from service.http.requests import office_of
from service.web.forms import Action, Choices, Field, fields_of
from service.web.home_labels import EFFECTS, FIELDS, OWN, SURE, VERBS
from service.web.language import Language, speaking
from service.web.naming import called
from service.web.reader import actor_of
from service.web.units import villages_where, with_town

Given = Mapping[str, Choices]

RARE = ("contest", "override-class", "post-notice", "split", "merge", "move", "declare-relation")
"""What is done once in years stands apart, so that a visit is found at once."""
HANGS = (15, 30)
"""Days for which a notice may hang, beside the fewest."""


def home_forms(request: Request, one: dict[str, Any]) -> tuple[list[Action], list[Action]]:
    """What this reader may do with the household, and apart from it what is done rarely.

    Where nothing is there to be chosen, it cannot be done now.
    """
    say = speaking(request)
    possible = dict(given(request, one, say))
    forms = [
        form
        for kind in COMMANDS
        if kind.verb in one["next_actions"] and kind.verb in possible
        if (form := _form(kind, say, possible[kind.verb])) is not None
    ]
    return [form for form in forms if form.verb not in RARE], [form for form in forms if form.verb in RARE]


def _form(kind: Any, say: Language, given: Given) -> Action | None:
    verb: str = kind.verb
    labels = FIELDS | {field: label for (of, field), label in OWN.items() if of == verb}
    picked = {"split": {}, "merge": {"into": "households"}}.get(verb, {"official": "people"})
    asked = tuple(_here(verb, field) for field in fields_of(kind, say, labels, given, picked))
    if any(field.required and field.kind in ("choice", "several") and not field.options for field in asked):
        return None
    effect, sure = (say(*words[verb]) if verb in words else "" for words in (EFFECTS, SURE))
    return Action(verb=verb, label=say(*VERBS[verb]), fields=asked, effect=effect, sure=sure)


def _here(verb: str, field: Field) -> Field:
    """Adapt a field: a new household may have no number yet, a signature shows what it signs, a notice needs its subject."""
    if (verb, field.name) == ("split", "into"):
        return replace(field, required=False)
    if verb == "sign-override":
        return replace(field, blank=False)
    if (verb, field.name) == ("post-notice", "benefit"):
        anything = any(not code for code, _ in field.options)
        return replace(field, required=not anything, blank=not anything)
    return field


def given(request: Request, one: dict[str, Any], say: Language) -> Iterator[tuple[str, Given]]:
    """Each thing that can be done with the household as it stands, and what there is to choose for it."""
    actor, org = actor_of(request), office_of(request).org
    me, helper, proposed = actor.id if actor else "", one["helper"], one["override_proposed"]
    members = [(member["id"], _member(member, say)) for member in one["members"]]
    states = {each["benefit"]: each["state"] for each in one["benefits"]}
    applied, granted = (
        [code for code, state in states.items() if state == wanted] for wanted in ("applied", "granted")
    )
    around = near(request, one["village"])
    yield "start-pairing", {"helper": around}
    yield "hand-over", {"helper": [each for each in around if each[0] != helper]}
    yield "end-pairing", {}
    yield "apply-benefit", {"benefit": _benefits([code for code in Benefit if code not in applied + granted], (), say)}
    yield "grant-benefit", {"benefit": _benefits([code for code in Benefit if code not in granted], applied, say)}
    yield "refuse-benefit", {"benefit": _benefits(applied, (), say)}
    yield "end-benefit", {"benefit": _benefits(granted, (), say)}
    yield "leave-member", {"member": members}
    yield "split", {"members": members}
    yield "merge", {}
    yield "move", {"village": [each for each in kept_by(request) if each[0] != one["village"]]}
    yield "declare-relation", {}
    relatives = [each["official"] for each in one["relatives"] if each["official"] != me]
    yield "check-relation", {"official": [(official, called(org, official, say)) for official in relatives]}
    yield "contest", {}
    if one["override"] is None:
        yield "override-class", {"to": _classes([code for code in HouseholdClass if code != one["class"]], say)}
    if proposed is not None:
        yield "sign-override", {"to": _classes([proposed["to"]], say), "minutes": [(proposed["minutes"],) * 2]}
    yield "audit-visit", {"visit": [_visit(request, each, say) for each in reversed(one["visits"]) if _asked(each, me)]}
    yield "post-notice", {"benefit": _noticed(one, applied, say), "ends": ends(request, say)}


def _member(member: dict[str, Any], say: Language) -> str:
    since = say.day(member["since"])
    return f"{member['relation']}{say(f'（{since}登记）', f' (since {since})')}"


def _benefits(codes: list[Any], applied: Any, say: Language) -> Choices:
    state = " · " + say.word("benefit_state", "applied")
    return [(code, say.word("benefit", code) + (state if code in applied else "")) for code in codes]


def _classes(codes: list[Any], say: Language) -> Choices:
    return [(code, say.word("class", code)) for code in codes]


def _asked(visit: dict[str, Any], me: str) -> bool:
    """Whether this visit can be verified by telephone; nobody verifies his own."""
    return visit["confirmed"] is None and visit["visitor"] != me


def _visit(request: Request, visit: dict[str, Any], say: Language) -> tuple[str, str]:
    text = (
        f"{say.moment(visit['captured_at'] or visit['at'])} · {called(office_of(request).org, visit['visitor'], say)}"
    )
    return str(visit["version"]), text + (say(" · 抽中核实", " · drawn to be verified") if visit["to_audit"] else "")


def _noticed(one: dict[str, Any], applied: list[str], say: Language) -> Choices:
    """What the village can be told of: that it leaves its class, and each benefit that was applied for."""
    leaves = one["class"] != HouseholdClass.SECURE and not (one["notice"] or one["contested"] or one["override"])
    hanging = {each["benefit"] for each in one["benefits"] if each["notice_ends"]}
    class_ = [("", say("退出现类别", "that it leaves its class"))] if leaves else []
    return [*class_, *_benefits([code for code in applied if code not in hanging], (), say)]


def ends(request: Request, say: Language) -> Choices:
    """How long a notice may hang: up to the end of a day."""
    office = office_of(request)
    now = office.clock.now()
    helping = office.rules(now).policy.helping
    fewest = max(helping.notice_out_nd, helping.notice_benefit_nd)
    lasts = [days for days in (fewest, *HANGS) if days >= fewest]
    return [_until(midnight(day_at(now) + timedelta(days=days + 1)), days, say) for days in lasts]


def _until(end: datetime, days: int, say: Language) -> tuple[str, str]:
    return end.isoformat(), say(
        f"{days}天，到{say.due_day(end.isoformat())}", f"{days} days, up to {say.due_day(end.isoformat())}"
    )


def kept_by(request: Request) -> list[tuple[str, str]]:
    """The villages whose register the reader keeps, each with its town where there are several towns."""
    org = office_of(request).org
    kept = villages_where(request, lambda village, act: may_in(village, act, WRITE))
    several = len({one.parent for one in kept}) > 1
    return sorted((one.id, with_town(one, org) if several else one.name) for one in kept)


def near(request: Request, village: str) -> Choices:
    """Who is in office in the town of a village and below it, and where; others are chosen over the API."""
    office = office_of(request)
    org, say = office.org, speaking(request)
    town = org.town_of(village) or village
    around, today = org.within(town), day_at(office.clock.now())
    return [
        (one.id, say(f"{one.name}（{say.word('role', post.role)}）", f"{one.name} ({say.word('role', post.role)})"))
        for one in sorted(org.officials.values(), key=lambda one: one.name)
        for post in one.posts_on(today)[:1]
        if post.unit in around
    ]
