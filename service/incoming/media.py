"""The media type of a file, by its content alone: never by its name or what the sender says."""

from __future__ import annotations

import re
from io import BytesIO
from zipfile import BadZipFile, ZipFile

EXTENSIONS = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/gif": "gif",
    "image/webp": "webp",
    "image/heic": "heic",
    "application/pdf": "pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "text/plain": "txt",
}
"""Every kind that is taken, and the ending of its name."""

BEGINNINGS = (
    (re.compile(rb"\xff\xd8\xff"), "image/jpeg"),
    (re.compile(rb"\x89PNG\r\n\x1a\n"), "image/png"),
    (re.compile(rb"GIF8[79]a"), "image/gif"),
    (re.compile(rb"RIFF....WEBP", re.DOTALL), "image/webp"),
    (re.compile(rb"....ftyp(heic|heix|heim|heis|hevc|hevx|mif1|msf1)", re.DOTALL), "image/heic"),
    (re.compile(rb"%PDF-[12]\.\d"), "application/pdf"),
)
OFFICE = {
    "word/document.xml": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xl/workbook.xml": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
ZIPPED = b"PK\x03\x04"
PART = b"PK\x01\x02"
"""What stands before the name of each part of an archive."""
MOST_PARTS = 10_000
"""A document has fewer; to read the names of hundreds of thousands takes seconds."""
MACROS = "vbaProject.bin"
CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")
"""What stands in no text: control characters other than tabs, ends of lines and of pages."""


def media_type(content: bytes) -> str | None:
    """One of the kinds that are taken, or None."""
    for beginning, kind in BEGINNINGS:
        if beginning.match(content):
            return kind
    if content.startswith(ZIPPED):
        return _office_document(content)
    return "text/plain" if _is_text(content) else None


def _office_document(content: bytes) -> str | None:
    """A document of Office Open XML without macros. Only the names in the archive are read, nothing is unpacked."""
    if content.count(PART) > MOST_PARTS:
        return None
    try:
        names = ZipFile(BytesIO(content)).namelist()
    except (BadZipFile, NotImplementedError, ValueError):
        return None
    if "[Content_Types].xml" not in names or any(name.endswith(MACROS) for name in names):
        return None
    return next((kind for part, kind in OFFICE.items() if part in names), None)


def _is_text(content: bytes) -> bool:
    try:
        return CONTROL.search(content.decode("utf-8")) is None
    except UnicodeDecodeError:
        return False
