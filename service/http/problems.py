"""Refusals and failures as HTTP problems (RFC 9457), in English and Chinese. The one place that knows both vocabularies."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from eventsourcing.persistence import OperationalError
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.routing import Match
from starlette.types import Scope

from domain.refusals import (
    AlreadyFinalised,
    ConflictOfInterest,
    Invalid,
    LimitReached,
    NotFound,
    NotPermitted,
    Refused,
    TooLate,
    WrongStatus,
)
from service.audit.verifier import Untrue
from service.http.requests import reads_chinese
from service.incoming.refusals import Malformed
from service.incoming.schema import fault_of
from service.record.clerk import Overloaded
from service.record.codec import UnknownEvent
from service.record.orders import KeyReused, Unsettled, VersionConflict
from service.secrecy.person_keys import Unreadable
from service.sign_in.refusals import IssuerSilent, Unauthenticated
from service.storage.database import OUT_OF_REACH

log = logging.getLogger("sanji.problems")


@dataclass(frozen=True)
class Shape:
    status: int
    code: str
    english: str
    chinese: str


class KeyMissing(Refused):
    """A write needs an Idempotency-Key."""


class TooLarge(Refused):
    """The request is too large."""


class WrongMedia(Refused):
    """The body must be application/json."""


class UnknownMedia(Refused):
    """This kind of file or body is not taken here."""


class Encoded(Refused):
    """The body must not be encoded."""


class RateLimited(Refused):
    """Too many requests in a short time; wait a moment."""


class ViewBehind(Refused):
    """The view has not reached that position yet."""


REFUSED: dict[type[Refused], tuple[int, str, str]] = {
    KeyMissing: (400, "idempotency_key_missing", "写入请求须带 Idempotency-Key"),
    Malformed: (400, "malformed", "请求格式无法识别"),
    Unauthenticated: (401, "unauthenticated", "需要有效的身份凭证"),
    NotPermitted: (403, "not_permitted", "您可以查看，但无权进行此操作"),
    NotFound: (404, "not_found", "没有您可以查看的内容"),
    WrongStatus: (409, "wrong_status", "当前阶段不能进行此操作"),
    ConflictOfInterest: (409, "conflict_of_interest", "存在利害关系，须回避"),
    LimitReached: (409, "limit_reached", "已达到允许的次数上限"),
    TooLate: (409, "too_late", "期限已过"),
    AlreadyFinalised: (409, "already_finalised", "该事项已终结"),
    VersionConflict: (412, "version_conflict", "他人已先行更改"),
    TooLarge: (413, "too_large", "请求内容过大"),
    WrongMedia: (415, "unsupported_media_type", "请求内容须为 application/json"),
    UnknownMedia: (415, "unsupported_media_type", "此处不接受该类型的文件或内容"),
    Encoded: (415, "unsupported_media_type", "请求内容不得压缩或另行编码"),
    Invalid: (422, "invalid", "请求内容有误"),
    KeyReused: (422, "idempotency_key_reused", "该幂等键已用于其他请求"),
    RateLimited: (429, "rate_limited", "请求过于频繁，请稍后再试"),
    IssuerSilent: (503, "overloaded", "身份认证服务暂时无法访问"),
    ViewBehind: (503, "view_behind", "视图尚未更新到所需位置"),
}
"""Status, code and Chinese title; the English one is the first line of the docstring."""


def title(kind: type[Refused]) -> str:
    return str(kind.__doc__).partition("\n")[0].removesuffix(".")


SHAPES: dict[type[Exception], Shape] = {
    **{kind: Shape(status, code, title(kind), chinese) for kind, (status, code, chinese) in REFUSED.items()},
    Overloaded: Shape(503, "overloaded", "Too many requests are waiting; try again", "系统繁忙，请稍后重试"),
    Unsettled: Shape(
        503, "overloaded", "Not settled yet; send the same request again", "结果尚未确定，请用同一幂等键重试"
    ),
    **dict.fromkeys(
        (OperationalError, *OUT_OF_REACH),
        Shape(503, "overloaded", "The database is out of reach; try again", "数据库暂时无法访问，请稍后重试"),
    ),
    Unreadable: Shape(503, "overloaded", "The key of this person cannot be used", "该人员的密钥无法使用"),
    Untrue: Shape(
        503, "overloaded", "What was signed last is damaged; see /readyz", "最近签署的校验点已损坏，见 /readyz"
    ),
    UnknownEvent: Shape(503, "overloaded", "A newer version of the service wrote this", "该记录由更新版本的服务写入"),
}
REFUSALS = tuple(SHAPES)
BUG = Shape(500, "internal", "Something went wrong here", "服务内部错误")
PLAIN = {404: SHAPES[NotFound], 405: Shape(405, "method_not_allowed", "Not with this method", "不支持此请求方法")}


def problem(
    request: Request, shape: Shape, detail: tuple[str, str] = ("", ""), field: str = "", **more: Any
) -> Response:
    """Told in the reader's language; of a `field` that is at fault, the detail says what is wrong after its name."""
    chinese = reads_chinese(request)
    body = {
        "type": f"urn:sanji:problem:{shape.code}",
        "title": shape.chinese if chinese else shape.english,
        "status": shape.status,
        "code": shape.code,
        "detail": (detail[1] if chinese else detail[0]) or (shape.chinese if chinese else shape.english),
        "request_id": request.scope.get("request_id", ""),
        **more,
    }
    if field:
        body["errors"] = [{"field": field, "message": body["detail"].partition(" ")[2] or body["detail"]}]
    headers = {"Retry-After": "1"} if shape.status in (429, 503) else {}
    if shape.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return Response(orjson.dumps(body), shape.status, headers, media_type="application/problem+json")


def refused(request: Request, error: Exception) -> Response:
    shape = next(SHAPES[kind] for kind in type(error).__mro__ if kind in SHAPES)
    if not isinstance(error, Refused):
        return problem(request, shape)
    field = _field_at_fault(request, error) if isinstance(error, Invalid) else ""
    answer = problem(request, shape, (error.english, error.chinese), field, **error.more)
    if isinstance(error, Encoded):
        answer.headers["Accept-Encoding"] = "identity"
    return answer


def refusal(scope: Scope, error: Exception) -> Response:
    """A refusal before a route is found, in the words of the standard that is spoken at the address."""
    answer: Response = scope["app"].exception_handlers[type(error)](Request(scope), error)
    return answer


def _field_at_fault(request: Request, error: Refused) -> str:
    """What a rule refuses, where the refusal begins with something that was sent: `village is …`, `units[3].parent: …`."""
    field = error.english.partition(" ")[0].removesuffix(":").replace("[", ".").replace("]", "")
    sent = request.scope.get("sanji_body", request.query_params)
    return field if isinstance(sent, Mapping) and field.partition(".")[0] in sent else ""


def invalid(request: Request, error: Exception) -> Response:
    """What the schema does not allow."""
    assert isinstance(error, RequestValidationError)
    errors = list({tuple(one.values()): one for one in map(fault_of, error.errors())}.values())
    fields = ", ".join(dict.fromkeys(one["field"] for one in errors[:5]))
    detail = (f"check {fields}", f"请检查 {fields}")
    return problem(request, SHAPES[Invalid], detail, errors=errors[:50])


def failed(request: Request, error: BaseException) -> Response:
    """Anything nobody expected is a bug: said in the log, not to the client.

    A request that ran out of time, or still waits when the service ends, is none.
    """
    if isinstance(error, TimeoutError | asyncio.CancelledError):
        return problem(request, SHAPES[Unsettled])
    log.error("unexpected failure in %s", request.scope.get("request_id", ""), exc_info=error)
    return problem(request, BUG)


def plain(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    shape = PLAIN.get(error.status_code) or Shape(
        error.status_code, "malformed", "The request cannot be read", "请求有误"
    )
    answer = problem(request, shape)
    answer.headers.update(error.headers or {})
    if error.status_code == 405:
        answer.headers["Allow"] = ", ".join(sorted(_methods(request)))
    return answer


def _methods(request: Request) -> set[str]:
    """All that an address takes: where several routes share it, the framework names those of the first."""
    routes = [route for route in request.app.routes if route.matches(request.scope)[0] is not Match.NONE]
    taken = {method for route in routes for method in getattr(route, "methods", None) or ()}
    return taken | {"HEAD"} if "GET" in taken else taken


def install(app: FastAPI) -> None:
    for kind in REFUSALS:
        app.add_exception_handler(kind, refused)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(HTTPException, plain)
