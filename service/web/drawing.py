"""Drawing a page: its template, in the reader's language, with the headers that keep strangers' scripts out."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from typing import Any

from fastapi import Request, Response
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from service.http.requests import now_at, office_of
from service.web.forms import PROOFS, actions
from service.web.labels import BANKS, BOARDS, VERBS
from service.web.language import COOKIE, speaking
from service.web.naming import called, in_words
from service.web.reader import actor_of, menu, reader, reads_register
from service.web.rules import rule_in_words
from service.web.session import ready
from service.web.static import address_of, module, packs

YEAR = 31_536_000
GUARDED = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' blob:; frame-ancestors 'none'; base-uri 'none';"
    " form-action 'self'; object-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
    "Vary": "Cookie, Accept-Encoding, Accept-Language",
}

templates = Environment(
    loader=PackageLoader("service.web"),
    autoescape=select_autoescape(["html", "svg"]),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
templates.globals["static"] = address_of
templates.globals["module"] = module
templates.globals["actions"] = actions
templates.globals["proofs"] = PROOFS
templates.globals["labels"] = VERBS
templates.globals["banks"] = BANKS
templates.globals["boards"] = BOARDS


def draw(request: Request, template: str, /, status: int = 200, **context: Any) -> Response:
    """A page for whoever asked."""
    drawn = templates.get_template(template).render(framed(request, context)).encode()
    if packs(request):
        return answered(request, Response(gzip.compress(drawn, 6, mtime=0), status), packed=True)
    return answered(request, Response(drawn, status), packed=False)


def answered(request: Request, answer: Response, *, packed: bool) -> Response:
    """Add the security headers, and the cookie of the language if one was chosen."""
    answer.headers.update({**GUARDED, "Content-Type": "text/html; charset=utf-8"})
    answer.headers["Link"] = f"<{address_of('sanji.css')}>; rel=preload; as=style"
    if packed:
        answer.headers["Content-Encoding"] = "gzip"
    if "lang" in request.query_params:
        answer.set_cookie(COOKIE, speaking(request).name, max_age=YEAR, samesite="lax")
    return answer


def framed(request: Request, context: Mapping[str, Any]) -> dict[str, Any]:
    """The context of a template: how to say things, what every page has around it, and its own values."""
    office = office_of(request)
    say = speaking(request)

    def name(unit: str | None) -> str:
        """What a unit is called; its id if nobody knows it."""
        known = office.org.unit(unit) if unit else None
        return known.name if known else unit or ""

    def person(official: str | None) -> str:
        return me.name if me and official == me.id else called(office.org, official, say)

    def plain(sentence: str) -> str:
        return in_words(office.org, sentence, say)

    def rule(code: str) -> str:
        """What a rule of the register asks for."""
        return rule_in_words(office.rules(now).policy.helping.table, code, say)

    now = office.clock.now()
    actor, signed_in = actor_of(request), "authorization" in request.headers
    me = reader(request, actor, say) if actor else None
    frame = {
        "path": request.url.path,
        "here": request.url.path + (f"?{request.url.query}" if request.url.query else ""),
        "nav": menu(actor, signed_in=signed_in),
        "me": me,
        "ready": ready(request),
        "other_language": "?" + request.url.include_query_params(lang=say("en", "zh")).query,
        "signed_in": signed_in,
        "reads_register": reads_register(request),
        "now": now,
        "drawn": now_at(request).isoformat(),
        "changed": (),
    }
    spoken = {"say": say, "name": name, "person": person, "plain": plain, "rule": rule}
    return {**spoken, **frame, **context}
