"""Files are kept by their content, taken for what it is, and served to those who see a case that quotes them."""

from hashlib import sha256
from io import BytesIO
from zipfile import ZipFile

import httpx
import pytest
from sqlalchemy import func, select, update

from api_tests.client import Client, done, refused
from api_tests.district import Json
from service.incoming import media
from service.office import Office
from service.storage.tables import attachments

PNG = b"\x89PNG\r\n\x1a\n" + b"the picture of a pipe"
LARGEST = 10 * 1024 * 1024
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def archive(*names: str) -> bytes:
    out = BytesIO()
    with ZipFile(out, "w") as zipped:
        for name in names:
            zipped.writestr(name, "x")
    return out.getvalue()


TAKEN = {
    "image/png": PNG,
    "image/jpeg": b"\xff\xd8\xff\xe0 JFIF",
    "image/gif": b"GIF89a picture",
    "image/webp": b"RIFF\x10\x00\x00\x00WEBPVP8 ",
    "image/heic": b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00",
    "application/pdf": b"%PDF-1.7\n%\xe2\xe3",
    "text/plain": "水管坏了\n".encode(),
    WORD: archive("[Content_Types].xml", "word/document.xml"),
    EXCEL: archive("[Content_Types].xml", "xl/workbook.xml"),
}
REFUSED = {
    "a program": b"\x7fELF\x02\x01\x01\x00",
    "a program for Windows": b"MZ\x90\x00\x03\x00",
    "half a magic number": b"\x89PNG\r\n",
    "a picture after something else": b"\x00" + PNG,
    "another archive": archive("a.txt"),
    "a document with macros": archive("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"),
    "a broken archive": b"PK\x03\x04 and no more",
    "text with a NUL": b"text\x00text",
    "text that is not UTF-8": "水管".encode("gb18030"),
}


async def sent(
    api: Client, content: bytes, by: str | None = "citizen:1", name: str = "a.png", field: str = "file"
) -> httpx.Response:
    files = {field: (name, content, "image/png")}
    return await api.send("POST", "/v1/attachments", by=by, files=files)


async def fetched(api: Client, file: Json, by: str) -> httpx.Response:
    return await api.get(f"/v1/attachments/{file['sha256']}", by)


def stored(office: Office) -> int:
    with office.engine.connect() as db:
        return db.scalar(select(func.count()).select_from(attachments)) or 0


@pytest.mark.parametrize("kind", TAKEN)
async def test_a_file_is_what_its_content_says_and_comes_back_as_it_was(standing_api: Client, kind: str) -> None:
    content = TAKEN[kind]
    file = done(await sent(standing_api, content, name="a.exe"), 201)
    assert file == {"sha256": sha256(content).hexdigest(), "media_type": kind, "size": len(content)}
    answer = await fetched(standing_api, file, "citizen:1")
    assert (answer.status_code, answer.content) == (200, content)
    assert answer.headers["content-type"].partition(";")[0] == kind
    assert answer.headers["content-disposition"].startswith("attachment;")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["etag"] == f'"{file["sha256"]}"'


async def test_a_file_that_one_has_is_not_sent_again_as_long_as_one_may_have_it(standing_api: Client) -> None:
    file = done(await sent(standing_api, PNG + b"seen before"), 201)
    address, etag = f"/v1/attachments/{file['sha256']}", f'"{file["sha256"]}"'
    again = await standing_api.get(address, "citizen:1", if_none_match=etag)
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
    assert again.headers["cache-control"] == "private, no-cache"
    assert (await standing_api.get(address, "citizen:1", if_none_match='"another"')).status_code == 200
    refused(await standing_api.get(address, "citizen:2", if_none_match=etag), 404, "not_found")


async def test_what_only_claims_to_be_a_picture_is_not_taken(standing_api: Client, standing_office: Office) -> None:
    before = stored(standing_office)
    for content in REFUSED.values():
        refused(await sent(standing_api, content), 415, "unsupported_media_type")
    assert stored(standing_office) == before


def test_an_archive_of_more_parts_than_a_document_has_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(media, "MOST_PARTS", 2)
    document = ("[Content_Types].xml", "word/document.xml")
    assert media.media_type(archive(*document)) == WORD
    assert media.media_type(archive(*document, "word/media/1.png")) is None


async def test_ten_megabytes_are_taken_and_one_byte_more_is_refused_without_being_stored(
    standing_api: Client, standing_office: Office
) -> None:
    """And a form far too large before it is read."""
    whole, before = PNG.ljust(LARGEST, b"\x00"), stored(standing_office)
    for content in (whole + b"\x00", PNG.ljust(2 * LARGEST, b"\x00")):
        refused(await sent(standing_api, content), 413, "too_large")
    assert stored(standing_office) == before
    assert done(await sent(standing_api, whole), 201)["size"] == LARGEST


async def test_nothing_but_one_file_that_is_not_empty_is_taken(api: Client, office: Office) -> None:
    refused(await sent(api, b""), 422, "invalid")
    refused(await sent(api, PNG, field="photo"), 422, "invalid")
    refused(await api.send("POST", "/v1/attachments", by="citizen:1", body={}), 415, "unsupported_media_type")
    two = [("file", ("a.png", PNG)), ("file", ("b.png", PNG))]
    refused(await api.send("POST", "/v1/attachments", by="citizen:1", files=two), 400, "malformed")
    form = b'--B\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n' + PNG + b"\r\n--B--\r\n"
    kind = {"Content-Type": "multipart/form-data; boundary=B; charset=undefined"}
    unread = await api.send("POST", "/v1/attachments", by="citizen:1", content=form, headers=kind)
    refused(unread, 400, "malformed")
    refused(await sent(api, PNG, by=None), 401, "unauthenticated")
    assert stored(office) == 0


async def test_the_same_content_twice_is_one_file_and_belongs_to_both_who_sent_it(api: Client, office: Office) -> None:
    first, second = done(await sent(api, PNG), 201), done(await sent(api, PNG, by="citizen:2"), 201)
    assert first == second
    assert stored(office) == 1
    assert [(await fetched(api, first, by)).status_code for by in ("citizen:1", "citizen:2", "citizen:3")] == [
        200,
        200,
        404,
    ]


async def test_what_somebody_put_in_the_place_of_a_file_is_not_served_as_it_and_gives_way_to_it(
    api: Client, office: Office
) -> None:
    file = done(await sent(api, PNG), 201)
    assert (await fetched(api, file, "citizen:1")).content == PNG
    with office.engine.begin() as db:
        db.execute(update(attachments).values(content=PNG + b"retouched", media_type="text/plain"))
    refused(await fetched(api, file, "citizen:1"), 404, "not_found")
    done(await sent(api, PNG, by="citizen:2"), 201)
    again = await fetched(api, file, "citizen:1")
    assert (again.content, again.headers["content-type"]) == (PNG, "image/png")


async def test_evidence_is_served_to_whoever_sees_the_case(api: Client) -> None:
    """And is found by its hash in capitals, as Windows writes it and a case may quote it."""
    file = done(await sent(api, PNG), 201)
    case = await api.report(by="citizen:1", village="V0101")
    refused(await fetched(api, file, "clerk:T01"), 404, "not_found")
    await api.ask(case, "attach", by="citizen:1", kind="photo", sha256=file["sha256"].upper())
    quoted = (await api.history(case))[-1]["data"]["sha256"]
    assert quoted == file["sha256"].upper()
    for address in (quoted, file["sha256"]):
        assert (await fetched(api, {"sha256": address}, "clerk:T01")).content == PNG
    refused(await fetched(api, file, "clerk:T02"), 404, "not_found")
    refused(await fetched(api, file, "citizen:2"), 404, "not_found")


async def test_the_proof_of_a_resolution_is_served_to_the_citizen_who_reported(api: Client) -> None:
    file = done(await sent(api, PNG, by="officer:T01-LAND"), 201)
    case = await api.assigned()
    proof = [{"kind": "photo", "sha256": file["sha256"]}]
    await api.ask(case, "resolve", by="head:T01", outcome="solved", proof=proof)
    assert (await fetched(api, file, "citizen:1")).content == PNG


async def test_whom_a_case_is_about_finds_no_file_of_it(api: Client) -> None:
    file = done(await sent(api, PNG), 201)
    case = await api.report(by="citizen:1", village="V0101")
    await api.ask(case, "attach", by="citizen:1", kind="photo", sha256=file["sha256"])
    assert (await fetched(api, file, "head:V0101")).status_code == 200
    await api.ask(case, "add-subject", by="citizen:1", official="head:V0101")
    tainted = refused(await fetched(api, file, "head:V0101"), 404, "not_found")
    missing = refused(await api.get(f"/v1/attachments/{'0' * 64}", "head:V0101"), 404, "not_found")
    assert {**tainted, "request_id": ""} == {**missing, "request_id": ""}
    assert (await fetched(api, file, "clerk:T01")).status_code == 200


async def test_who_only_knows_its_hash_does_not_get_at_a_file_by_quoting_it(api: Client) -> None:
    file = done(await sent(api, PNG), 201)
    case = await api.report(by="citizen:1", village="V0101")
    await api.ask(case, "attach", by="citizen:1", kind="photo", sha256=file["sha256"])
    await api.ask(case, "add-subject", by="citizen:1", official="head:V0101")
    other = await api.report(by="head:V0101", village="V0101")
    await api.ask(other, "attach", by="head:V0101", kind="photo", sha256=file["sha256"])
    refused(await fetched(api, file, "head:V0101"), 404, "not_found")
    await api.ask(other, "attach", by="clerk:T01", kind="photo", sha256=file["sha256"])
    refused(await fetched(api, file, "head:V0101"), 404, "not_found")
    assert done(await sent(api, PNG, by="clerk:T01"), 201) == file
    assert (await fetched(api, file, "head:V0101")).content == PNG, "it was given to him by somebody who has it"


async def test_a_proof_may_name_a_file_that_lies_in_another_system(api: Client) -> None:
    case = await api.report(by="citizen:1", village="V0101")
    await api.ask(case, "attach", by="citizen:1", kind="photo", ref="archive:7", sha256="a" * 64)
    await api.ask(case, "attach", by="citizen:1", kind="photo", ref="archive:8", sha256="é" * 64)
    refused(await api.get(f"/v1/attachments/{'a' * 64}", "citizen:1"), 404, "not_found")


async def test_an_auditors_reading_of_a_file_is_on_record_and_so_is_every_denied_one(api: Client) -> None:
    case, file = await api.report(village="V0101"), done(await sent(api, PNG), 201)
    await api.ask(case, "attach", by="citizen:1", kind="photo", sha256=file["sha256"])
    for by in ("citizen:1", "clerk:T01", "auditor", "head:T02"):
        await fetched(api, file, by)
    refused(await fetched(api, {"sha256": "0" * 64}, "head:T02"), 404, "not_found")
    records = done(await api.get("/v1/access-log?action=attachment", "privacy"))["items"]
    assert [(one["by"], one["subject"], one["detail"], one["outcome"]) for one in records] == [
        ("auditor", case["id"], file["sha256"], "shown"),
        ("head:T02", file["sha256"], "", "not_found"),
        ("head:T02", "0" * 64, "", "not_found"),
    ]
