"""Reading a file out of a form: one file, of bounded size."""

from __future__ import annotations

from fastapi import Request
from starlette.datastructures import UploadFile

from domain.refusals import Invalid
from service.bodies import Body
from service.problems import TooLarge, UnknownMedia

LARGEST_FILE = 10 * 1024 * 1024
AROUND = 16 * 1024
"""What a form may put around a file."""


class Form(Body):
    largest = LARGEST_FILE + AROUND


async def uploaded_file(request: Request) -> bytes:
    """The content of the field `file`. Its name and the type its sender claims are not looked at."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "multipart/form-data":
        raise UnknownMedia("send the file as multipart/form-data", "请以 multipart/form-data 上传文件")
    form = Form(request.scope, request.receive)
    await form.body()
    async with form.form(max_files=1, max_fields=1) as fields:
        match fields.multi_items():
            case [("file", UploadFile() as sent)]:
                content = await sent.read()
            case _:
                raise Invalid("send one file, in the field file", "请在 file 字段中上传一个文件")
    if len(content) > LARGEST_FILE:
        raise TooLarge("a file has at most 10 MB", "文件不得超过 10 MB")
    if not content:
        raise Invalid("the file is empty", "文件为空")
    return content
