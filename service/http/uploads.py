"""Reading a file out of a form: one file, of bounded size."""

from __future__ import annotations

from typing import Any

from fastapi import Request
from starlette.datastructures import UploadFile

from domain.refusals import Invalid
from service.http.bodies import Body
from service.http.problems import TooLarge, UnknownMedia
from service.incoming.refusals import Malformed

LARGEST_FILE = 10 * 1024 * 1024
LARGEST_IMPORT = 20 * 1024 * 1024
AROUND = 16 * 1024
"""What a form may put around a file."""


FORM = "multipart/form-data"
BINARY: dict[str, Any] = {"schema": {"type": "string", "format": "binary"}}
IN_A_FORM: dict[str, Any] = {
    FORM: {
        "schema": {
            "type": "object",
            "properties": {"file": BINARY["schema"]},
            "required": ["file"],
            "additionalProperties": False,
        }
    }
}
"""A file in a form, for the OpenAPI document."""


class Form(Body):
    largest = LARGEST_FILE + AROUND


class LargeForm(Body):
    largest = LARGEST_IMPORT + AROUND


def media_of(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def file_to_import(request: Request) -> bytes:
    """A file in a form, or alone as the whole body. What its sender claims it to be is not looked at."""
    if media_of(request) == FORM:
        return await uploaded_file(LargeForm(request.scope, request.receive), "20 MiB", LARGEST_IMPORT)
    content = await LargeForm(request.scope, request.receive).body()
    return checked(content, "20 MiB", LARGEST_IMPORT)


async def attached_file(request: Request) -> bytes:
    return await uploaded_file(Form(request.scope, request.receive), "10 MB", LARGEST_FILE)


async def uploaded_file(form: Body, limit: str, largest: int) -> bytes:
    """The content of the field `file`. Its name and the type its sender claims are not looked at."""
    if media_of(form) != FORM:
        raise UnknownMedia("send the file as multipart/form-data", "请以 multipart/form-data 上传文件")
    await form.body()
    try:
        content = await _only_file(form)
    except UnicodeError:
        raise Malformed("the form is not in a charset that can be read", "表单编码无法识别") from None
    return checked(content, limit, largest)


async def _only_file(form: Body) -> bytes:
    async with form.form(max_files=1, max_fields=1) as fields:
        match fields.multi_items():
            case [("file", UploadFile() as sent)]:
                return await sent.read()
            case _:
                raise Invalid("send one file, in the field file", "请在 file 字段中上传一个文件")


def checked(content: bytes, limit: str, largest: int) -> bytes:
    if len(content) > largest:
        raise TooLarge(f"a file has at most {limit}", f"文件不得超过 {limit}")
    if not content:
        raise Invalid("the file is empty", "文件为空")
    return content
