"""Whoever has the database can try every number there is: nothing that lies in it tells him which one is right."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256

import httpx
import orjson
import pytest
from sqlalchemy import inspect, select, text

from api_tests.client import Client, done, new_key, refused
from api_tests.district import Json, report
from api_tests.importing.files import counts, ended, imported, sent, table
from service.office import Office
from service.secrecy.seals import Fingerprint, Seals
from service.storage.database import writing
from service.storage.schema import make_tables
from service.storage.tables import metadata

PHONE = 13900000007
NUMBERS = range(PHONE - 50, PHONE + 50)

Asked = Callable[[int], Json]


def reported(phone: int) -> Json:
    return report(village="V0101", petitioner={"phone": str(phone)})


def registered(phone: int) -> Json:
    return {"id": "HH-1", "village": "V0101", "phone": str(phone)}


def visited(phone: int) -> Json:
    return {"met": ["the mother"], "notes": f"call {phone}"}


WRITTEN: dict[str, Asked] = {
    "/v1/cases": reported,
    "/v1/households": registered,
    "/v1/households/HH-1/record-visit": visited,
}


def file(phone: int) -> bytes:
    return table("title,kind,petitioner.phone", f"The pipe,request,{phone}")


def guesses(phone: int) -> Iterator[bytes]:
    """What can be reckoned of a number with nothing but the source of this service and what else stands there in clear."""
    for path, asked in WRITTEN.items():
        yield path.encode() + b"\0" + orjson.dumps(asked(phone), option=orjson.OPT_SORT_KEYS)
    row = {"title": "The pipe", "kind": "request", "petitioner": {"phone": str(phone)}}
    content = sha256(file(phone))
    yield orjson.dumps(row, option=orjson.OPT_SORT_KEYS)
    yield file(phone)
    yield content.digest() + b"\0"
    yield from (f"import\0{content.hexdigest()}\0{number}".encode() for number in range(4))


def all_that_lies_there(office: Office) -> str:
    with office.engine.connect() as db:
        rows = [row for stored in metadata.sorted_tables for row in db.execute(select(stored))]
    return "\n".join(
        one.decode(errors="replace") if isinstance(one, bytes) else str(one) for row in rows for one in row
    )


def fitting(office: Office) -> list[int]:
    """The numbers of which something that was reckoned lies there."""
    stored = all_that_lies_there(office)
    return [one for one in NUMBERS if any(sha256(guess).hexdigest() in stored for guess in guesses(one))]


async def tell(api: Client) -> None:
    for path, asked in WRITTEN.items():
        assert (await api.post(path, asked(PHONE), by="cadre:V0101")).is_success
    assert counts(await imported(api, file(PHONE)))[2] == 1


@contextmanager
def before_marks_were_sealed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What is written here lies as an older version wrote it."""
    with monkeypatch.context() as then:
        then.setattr(Seals, "fingerprint", lambda _, asked: Fingerprint(*[sha256(asked).hexdigest()] * 2))
        yield


async def test_who_tries_every_number_finds_none(api: Client, office: Office) -> None:
    await tell(api)
    assert fitting(office) == []


async def test_the_control_who_tries_them_on_what_an_older_version_wrote_finds_the_one(
    api: Client, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    with before_marks_were_sealed(monkeypatch):
        await tell(api)
    assert fitting(office) == [PHONE]


async def test_what_an_older_version_was_asked_is_the_same_when_it_is_asked_again(
    api: Client, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, content = new_key(), file(PHONE)
    with before_marks_were_sealed(monkeypatch):
        first = await api.post("/v1/cases", reported(PHONE), by="citizen:1", key=key)
        told = await disclosed(api, first.json(), key)
        job = await ended(api, done(await sent(api, content, key=key), 202))
        assert counts(job) == ("done", 1, 1, 0, 0)
    last = office.recorder.max_notification_id()
    again = await api.post("/v1/cases", reported(PHONE), by="citizen:1", key=key)
    assert (again.content, again.headers["idempotency-replayed"]) == (first.content, "true")
    told_again = await disclosed(api, first.json(), key)
    assert (told_again.content, told_again.headers["idempotency-replayed"]) == (told.content, "true")
    assert done(await sent(api, content, key=key), 202)["id"] == job["id"]
    await api.set_clock("2025-03-03 09:00")
    for dry_run in (True, False):
        assert counts(await imported(api, content, dry_run=dry_run)) == ("done", 1, 0, 1, 0)
    assert office.recorder.max_notification_id() == last
    other = await api.post("/v1/cases", reported(PHONE + 1), by="citizen:1", key=key)
    refused(other, 422, "idempotency_key_reused")
    refused(await sent(api, file(PHONE + 1), key=key), 422, "idempotency_key_reused")


def test_the_bare_hash_of_a_file_that_an_older_version_kept_is_gone_with_the_next_start(office: Office) -> None:
    with writing(office.engine, "tables").begin() as db:
        db.execute(text("ALTER TABLE jobs ADD COLUMN digest VARCHAR(64)"))
    make_tables(office.engine)
    assert "digest" not in {column["name"] for column in inspect(office.engine).get_columns("jobs")}


async def disclosed(api: Client, case: Json, key: str) -> httpx.Response:
    path = f"/v1/cases/{case['id']}/disclose-identity"
    return await api.post(path, {"purpose": "to call back"}, by="follow-up", key=key)
