"""What a client sends in a form, read into the report or the note that it is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeVar
from urllib.parse import parse_qsl

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import TypeAdapter, ValidationError

from domain.case import Report
from domain.case.terms import Channel, Location, Petitioner
from domain.refusals import Invalid
from service.http.bodies import Body
from service.http.problems import UnknownMedia
from service.http.uploads import media_of
from service.incoming.refusals import Malformed
from service.open311.services import SERVICES, kind_of
from service.open311.shapes import Sent, SentUpdate

FORM = "application/x-www-form-urlencoded"
MANY = 200
KEY = "a key, for whoever cannot send it as a header"
ONCE = "with it, sending the same again is sending it once; the standard knows no such thing"

T = TypeVar("T")

READERS: dict[type[Any], TypeAdapter[Any]] = {kind: TypeAdapter(kind) for kind in (Sent, SentUpdate)}
"""Of each form; to make one takes longer than all else that is done with a report."""


def form(kind: type[Any]) -> dict[str, Any]:
    """A form and the headers that go with it, for the OpenAPI document."""
    schema = READERS[kind].json_schema(ref_template="#/components/schemas/{model}")
    schema.pop("$defs", None)
    schema["properties"]["api_key"] = {"type": "string", "description": KEY}
    headers = [
        {"name": "Authorization", "description": "Bearer <key>", "schema": {"type": "string"}},
        {"name": "Idempotency-Key", "description": ONCE, "schema": {"type": "string", "pattern": "^[!-~]{1,255}$"}},
    ]
    return {
        "requestBody": {"required": True, "content": {FORM: {"schema": schema}}},
        "parameters": [{"in": "header", **one} for one in headers],
        "responses": {"200": {"headers": {"Sanji-Position": {"$ref": "#/components/headers/Sanji-Position"}}}},
    }


async def sent_fields(request: Request) -> dict[str, str]:
    """The fields of a form. An empty one is none, as the standard has it."""
    if media_of(request) != FORM:
        raise UnknownMedia(f"send {FORM}", f"请以 {FORM} 提交")
    body = await Body(request.scope, request.receive).body()
    try:
        pairs = parse_qsl(body.decode(), errors="strict", max_num_fields=MANY)
    except ValueError:
        raise Malformed("this is no form in UTF-8", "表单须为 UTF-8 编码") from None
    form = dict(pairs)
    once = [name for name, _ in pairs if not name.endswith("[]")]
    if len(set(once)) != len(once) or any("\x00" in value for value in form.values()):
        raise Malformed("a field stands there twice, or holds NUL", "表单中有重复字段或无效字符")
    return form


def read(kind: type[T], form: dict[str, str]) -> T:
    """What these fields say. Those that are not known are passed over: no report is lost for a field too many."""
    try:
        sent: T = READERS[kind].validate_python(form)
    except ValidationError as error:
        faults: list[Any] = [{**one, "loc": ("body", *one["loc"])} for one in error.errors(include_input=False)]
        raise RequestValidationError(faults) from None
    return sent


def report_of(sent: Sent, chinese: bool) -> Report:
    """The report a form stands for."""
    if (sent.lat is None) is not (sent.long is None):
        raise Invalid("lat needs long, and long lat", "lat 须与 long 同时填写")
    if sent.lat is None and not (sent.address_string or sent.address_id or sent.village):
        raise Invalid(
            "say where it is: lat and long, address_string or address_id",
            "请说明地点：lat 与 long、address_string 或 address_id",
        )
    kind = kind_of(sent.service_code)
    first_line = next((line.strip() for line in sent.description.splitlines() if line.strip()), "")
    return Report(
        title=sent.title or first_line[:200] or SERVICES[kind].name[chinese],
        kind=kind,
        description="\n".join(_lines(sent)),
        village=sent.address_id or sent.village,
        channel=Channel.WEB,
        petitioner=_petitioner(sent),
        confidentiality=sent.confidentiality,
        location=None if sent.lat is None or sent.long is None else Location(lon=sent.long, lat=sent.lat),
    )


def _lines(sent: Sent) -> Iterator[str]:
    """Where it is and what shows it stand below what was said: a case has no other place for them."""
    yield from (one for one in (sent.description, sent.address_string, sent.media_url) if one)


def _petitioner(sent: Sent) -> Petitioner | None:
    """Who asks; sealed like every petitioner, with the email in the note about him."""
    name, note = full_name(sent.first_name or "", sent.last_name or ""), f"email: {sent.email}" if sent.email else None
    if not (name or sent.phone or note):
        return None
    return Petitioner(name=name or None, phone=sent.phone, note=note)


def full_name(first: str, last: str) -> str:
    """A Chinese name begins with that of the family."""
    return last + first if "\u4e00" <= last[:1] <= "\u9fff" else f"{first} {last}".strip()
