"""Whom one must visit (应访对象): the places and people that are flagged, each with what may be done about it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from fastapi import APIRouter, Request, Response

from domain.decider import Act
from domain.duties import PLACES, ApproveVisit, FlagTarget, TargetKind, VisitDuty, VisitTarget
from domain.duties.flagging import FLAGGING
from domain.duties.target import DISTRICT, may
from domain.duties.visiting import VISITING, heads, leads
from domain.org import Org, Tier
from service.http.requests import office_of
from service.web.asking import ask
from service.web.drawing import draw
from service.web.forms import Action, Choices, Field, Labels, fields_of
from service.web.language import Language, speaking
from service.web.links import following
from service.web.naming import called
from service.web.reader import actor_of, lets
from service.web.units import choices, district, villages_where, with_town

router = APIRouter(include_in_schema=False)

HOMES = {TargetKind.POOR_HOUSEHOLD, TargetKind.FIVE_GUARANTEES}
"""Kinds that are households of the register, and are visited as such."""
COUNTED = {TargetKind.PETITION_INTENSIVE}
"""Worked out from counts, never flagged by hand."""

FIELDS = {
    "target": ("走访对象", "Who"),
    "kind": ("属于哪一类", "As what"),
    "village": ("住在哪村", "Which village"),
    "flagged": ("应访", "To be visited"),
    "duty": ("五必去五必访", "Duty"),
    "countersigned": ("对象已签字（签字的走访才计入）", "He signed for it: only then it counts"),
    "seen_at": ("走访时间", "When"),
    "visit": ("哪次走访", "Which visit"),
    "reason": ("理由", "Why"),
    "notes": ("走访情况（加密保存）", "What was seen (kept sealed)"),
}
PLACE = FIELDS | {"target": ("哪个村（社区）", "Which village")}
PERSON = FIELDS | {
    "target": ("对象编号", "His number"),
    "village": ("住在哪村（在册户可不选）", "Which village (a household of the register has one)"),
}


@router.get("/duties")
async def duties(
    request: Request,
    unit: str | None = None,
    kind: TargetKind | None = None,
    cursor: str | None = None,
    seen: int | None = None,
) -> Response:
    """The list for a unit, at or after the position `seen`, with which a reader comes back from a form."""
    if unit is None:
        _, own = await choices(request)
        unit = own.id if own else district(request)
    asked: dict[str, Any] = {"unit": unit, "kind": kind, "flagged": "true", "cursor": cursor, "min_position": seen}
    found = await ask(request, "/v1/duties/targets", limit=50, **asked)
    say, org, items = speaking(request), office_of(request).org, found["items"]
    if not (kind or cursor) and is_village(org, unit) and all(one["target"] != unit for one in items):
        items = [{"target": unit, "village": unit, "flags": [], "visited_at": None, "late": []}, *items]
    return draw(
        request,
        "duties.html",
        items=[_item(request, one, say) for one in items],
        more=following(request, found["next"]),
        place=unit,
        above=org.units[unit].parent if unit in org.units else None,
        kinds=[one for one in TargetKind if one not in COUNTED],
        wanted=kind,
        forms=list(flagging(request, unit, say)),
    )


def _item(request: Request, one: dict[str, Any], say: Language) -> dict[str, Any]:
    """A place or person with its present flags, and the forms this reader may fill in for it."""
    kinds = [TargetKind(flag["kind"]) for flag in one["flags"] if flag["until"] is None]
    home = not HOMES.isdisjoint(kinds)
    forms = []
    if not home and lets(request, lambda act: any(post.role in VISITING for post in act.by.posts)):
        forms.append(_visit(one["target"], place=is_village(office_of(request).org, one["target"]), say=say))
    forms += _approval(request, one, say)
    if lets(request, partial(may_flag, one["village"])):
        forms += [_unflag(one["target"], kind, say) for kind in kinds if kind not in COUNTED]
    return {**one, "kinds": kinds, "home": home, "forms": forms}


def is_village(org: Org, id: str) -> bool:
    """Whether one can go there: to every village, flagged or not."""
    unit = org.unit(id)
    return unit is not None and unit.tier is Tier.VILLAGE


def _visit(target: str, *, place: bool, say: Language) -> Action:
    duty = VisitDuty.MUST_GO if place else VisitDuty.MUST_VISIT
    asked = ("notes",) if place else ("notes", "countersigned")
    return Action(
        verb="visits",
        label=say("记一次走访", "Write down a visit"),
        fields=tuple(field for field in fields_of(VisitTarget, say, FIELDS, {}) if field.name in asked),
        fixed=(("target", target), ("duty", duty)),
        noted="seen_at",
    )


def _approval(request: Request, one: dict[str, Any], say: Language) -> Iterator[Action]:
    """For a superior, as long as visits of others wait for him."""
    actor, org, village = actor_of(request), office_of(request).org, one["village"]
    late = [
        (str(each["visit"]), f"{say.moment(each['seen_at'])} · {called(org, each['visitor'], say)}")
        for each in one["late"]
        if actor is not None and each["visitor"] != actor.id
    ]
    if late and lets(request, lambda act: heads(village, act) or leads(village, act)):
        yield Action(
            verb="visits/approve",
            label=say("批准补登的走访", "Approve the hour of a visit"),
            effect=say(
                "走访是事后登记的，批准后按走访时间计入，否则按登记时间。",
                "It was written down later: with your approval it counts from when it was, and else from when it was written.",
            ),
            fields=tuple(
                field for field in fields_of(ApproveVisit, say, FIELDS, {"visit": late}) if field.name != "target"
            ),
            fixed=(("target", one["target"]),),
        )


def _unflag(target: str, kind: TargetKind, say: Language) -> Action:
    name = say.word("kind", kind)
    return Action(
        verb="targets",
        label=say(f"不再列为{name}", f"Take the flag away: {name}"),
        fields=(),
        effect=say("已欠的走访仍计入本期覆盖率。", "A visit that is owed in this period is owed still."),
        sure=say(f"确定不再列为{name}吗？", f"Take this flag away: {name}?"),
        fixed=(("target", target), ("kind", kind), ("flagged", "false")),
    )


def flagging(request: Request, unit: str, say: Language) -> Iterator[Action]:
    """Saying that a place, or somebody, must be visited: in those of the unit's villages where the reader may."""
    org = office_of(request).org
    there = sorted((one.id, with_town(one, org)) for one in villages_where(request, may_flag, unit))
    if not there:
        return
    yield Action(
        verb="targets",
        label=say("列为必去的村", "Flag a village"),
        effect=say(
            "本季度内须有外来干部到村；受灾的，镇办一把手和区级领导须限时到场。",
            "An official from elsewhere must come within the quarter; after a disaster the town head and a district leader"
            " within hours.",
        ),
        fields=tuple(_asked(say, PLACE, {"target": there, "kind": _kinds(places=True, say=say)}, ("target", "kind"))),
    )
    yield Action(
        verb="targets",
        label=say("列为必访的人", "Flag somebody"),
        effect=say(
            "本期内须有干部上门，对象签字才计入。在册户填户编号，其他人填自编代号，不要填姓名或身份证号。",
            "An official must call on him within the period; it counts if he signs for it. A household has its number in the"
            " register, anybody else gets a code of your own: no name, no identity number.",
        ),
        fields=tuple(
            _asked(
                say, PERSON, {"village": there, "kind": _kinds(places=False, say=say)}, ("kind", "target", "village")
            )
        ),
    )


def _asked(say: Language, labels: Labels, given: dict[str, Choices], asked: tuple[str, ...]) -> Iterator[Field]:
    return (field for field in fields_of(FlagTarget, say, labels, given, {}) if field.name in asked)


def _kinds(*, places: bool, say: Language) -> Choices:
    return [(one, say.word("kind", one)) for one in TargetKind if one not in COUNTED and (one in PLACES) == places]


def may_flag(village: str, act: Act) -> bool:
    return may(village, act, FLAGGING, DISTRICT)
