"""Policies (规则): each version with its values in words, what the past would have been under it, and publishing one."""

from __future__ import annotations

from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from service.http.requests import office_of
from service.routes.what_if import ASKING
from service.web.asking import ask, tell
from service.web.drawing import draw
from service.web.language import speaking
from service.web.periods import instant
from service.web.policy_labels import groups
from service.web.posted import FormRoute

router = APIRouter(prefix="/policies", include_in_schema=False, route_class=FormRoute)


@router.get("")
async def in_force(request: Request) -> Response:
    office = office_of(request)
    return RedirectResponse(f"/policies/{office.rules(office.clock.now()).policy.id}", 303)


@router.get("/{policy}")
async def policy(policy: str, request: Request, version: int | None = None) -> Response:
    return await drawn(request, policy, version)


@router.get("/{policy}/what-if")
async def what_if(policy: str, request: Request, version: int | None = None) -> Response:
    """The past under this policy. Nothing is changed."""
    dates = {end: request.query_params.get(end, "") for end in ("from", "to")}
    period = {end: instant(request, day) for end, day in dates.items()}
    answer = await tell(request, "POST", f"/v1/policies/{policy}/what-if", {**period, "version": version})
    outcome = {"then": answer.json} if answer.status == 200 else {"not_then": answer.json}
    return await drawn(request, policy, version, answer.status, dates=dates, **outcome)


@router.post("/{policy}")
async def publish(
    policy: str,
    request: Request,
    values: Annotated[str, Form(max_length=60000)] = "",
    effective_from: Annotated[str, Form(max_length=40)] = "",
    draft: Annotated[str, Form(max_length=8)] = "",
    seen: Annotated[int | None, Form()] = None,
) -> Response:
    """Publish a policy. If it is refused, the form keeps all of it, also the mark of a draft, which must not come into force."""
    say = speaking(request)
    written = {"values": values, "effective_from": effective_from, "draft": draft, "seen": seen}
    try:
        body = orjson.loads(values)
    except orjson.JSONDecodeError as error:
        where = say(f"第{error.lineno}行第{error.colno}字", f"line {error.lineno}, column {error.colno}: {error.msg}")
        unread: dict[str, Any] = {"title": say("不是有效的 JSON", "This is no JSON"), "detail": where, "errors": []}
        return await drawn(request, policy, None, 422, **written, refused=unread)
    current = (await ask(request, f"/v1/policies/{policy}"))["policy"]
    if unknown := sorted(paths(body) - paths(current)):
        no_such = say("没有这一项", "there is no such value")
        errors = [{"field": path, "message": no_such} for path in unknown]
        refused: dict[str, Any] = {"title": say("内容有误", "Not valid"), "detail": "", "errors": errors}
        return await drawn(request, policy, None, 422, **written, refused=refused)
    since = {"effective_from": instant(request, effective_from), "draft": "true" if draft else ""}
    answer = await tell(request, "PUT", f"/v1/policies/{policy}", body, seen, **since)
    if answer.status != 200:
        written["seen"] = answer.json.get("current_version", seen)
        return await drawn(request, policy, None, answer.status, **written, refused=answer.json)
    return RedirectResponse(f"/policies/{policy}?version={answer.json['version']}", 303)


def paths(values: Any, path: str = "") -> set[str]:
    """The paths of all values. Routes do not repeat unknown names; the page may tell its own writer which one is wrong."""
    if not isinstance(values, dict):
        return {path}
    return {found for name, one in values.items() for found in paths(one, f"{path}.{name}" if path else str(name))}


async def drawn(request: Request, policy: str, version: int | None, status: int = 200, **more: Any) -> Response:
    say = speaking(request)
    me, one = await ask(request, "/v1/me"), await ask(request, f"/v1/policies/{policy}", version=version)
    before = await ask(request, f"/v1/policies/{policy}", version=one["version"] - 1) if one["version"] > 1 else None
    was = (
        {path: text for _, values in groups(before["policy"], say) for path, (_, text) in values.items()}
        if before
        else {}
    )
    roles = {post["role"] for post in me["posts"]}
    context = {
        "one": one,
        "groups": groups(one["policy"], say),
        "was": was,
        "values": orjson.dumps(one["policy"], option=orjson.OPT_INDENT_2).decode(),
        "may_ask": not roles.isdisjoint(ASKING),
        "may_publish": "admin" in roles,
        **dict.fromkeys(("then", "not_then", "refused", "effective_from", "draft")),
        "seen": office_of(request).ledger.policies.version,
        "dates": {"from": "", "to": ""},
    }
    return draw(request, "policy.html", status, **context | more)
