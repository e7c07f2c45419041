"""A person can be erased: then nobody reads him, no copy brings him back, and every proof still holds."""

import gc
import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select, update

from api_tests.client import Client, done, refused
from api_tests.databases import SqliteFolder
from api_tests.district import Json
from api_tests.inprocess import at_work, in_front_of, reopened
from domain.streams import case_stream
from service.audit.erasing import FILE, FILES, Unknown, files_of, persons_at, persons_in
from service.audit.verifying import LOGS, verify
from service.office import Office
from service.secrecy.person_keys import PersonKeys, Unreadable, make_store, person_keys
from service.settings import Settings
from service.storage import wiping
from service.storage.database import UnsafeSettings, open_database, reading
from service.storage.wiping import StillRead
from service.terminal.erasing import erase

pytestmark = pytest.mark.both

CANARY = "canary-19f2"
CARD = f"an identity card {CANARY}".encode()
PETITIONER = {"name": f"A villager {CANARY}", "phone": "139 0000 0007", "id_number": "61240119800101001x"}


async def told(api: Client, case: str) -> dict[str, object]:
    path = f"/v1/cases/{case}/disclose-identity"
    return done(await api.post(path, {"purpose": "to call back"}, by="follow-up"))


async def test_all_that_was_told_in_a_household_is_found_by_it_and_erased(api: Client, office: Office) -> None:
    home = {"id": "HH-1", "village": "V0101", "head": f"A {CANARY}"}
    done(await api.post("/v1/households", home, by="cadre:V0101"), 201)
    visit = {"met": [f"Son {CANARY}"], "notes": f"is ill {CANARY}"}
    done(await api.post("/v1/households/HH-1/record-visit", visit, by="cadre:V0101"))
    path, purpose = "/v1/households/HH-1/disclose-identity", {"purpose": "to bring a letter"}
    assert str(done(await api.post(path, purpose, by="cadre:V0101"))).count(CANARY) == 3, "the control"
    persons = {str(one["person"]) for one in await api.persons("household=HH-1")}
    assert len(persons) == 2
    assert await api.persons("household=HH-2") == []
    daughter = {"member": "m1", "relation": "daughter", "name": "A daughter"}
    done(await api.post("/v1/households/HH-1/join-member", daughter, by="cadre:V0101"))
    done(await api.post("/v1/households/HH-1/split", {"into": "HH-2", "members": ["m1"]}, by="cadre:V0101"))
    assert set(persons_at(office.recorder, "HH-1")) == persons, "who lives elsewhere by now has not asked for it"
    for person in persons:
        office.erasures.erase(person, "asked for it")
    read = done(await api.post(path, purpose, by="cadre:V0101"))
    assert CANARY not in str(read)
    assert [one["erased"] for one in read["told"]] == [True]
    [member] = persons_at(office.recorder, "HH-2")
    office.erasures.erase(member, "asked for it")


async def test_after_erasure_nobody_reads_him_and_the_proofs_hold(
    api: Client, office: Office, tmp_path: Path, database_url: str
) -> None:
    case = await api.report(by="clerk:T01", village="V0101", petitioner=PETITIONER)
    other = await api.report(by="clerk:T01", village="V0101", petitioner={"name": "Another"})
    before = await api.history(case)
    assert CANARY in str(await told(api, case["id"])), "the control: until then he can be read"
    [found] = await api.persons("phone=13900000007")
    person = str(found["person"])
    office.erasures.erase(person, "asked for it")
    assert await told(api, case["id"]) == {
        "name": None,
        "phone": None,
        "id_number": None,
        "address": None,
        "note": None,
        "erased": True,
    }
    assert (await told(api, other["id"]))["name"] == "Another"
    assert await api.persons("phone=13900000007") == []
    assert await api.history(case) == before, "history, hashes and figures are as they were"
    feed = (await api.get("/v1/events?limit=200&types=person.erased")).json()
    assert [one["subject"] for one in feed] == [person]
    assert (await api.get("/v1/events?limit=200&types=person.erased", "head:T01")).json() == []
    office.notary.follow()
    settings = Settings(data_dir=tmp_path, database_url=database_url)
    assert [one.true for one in verify(settings, None, list(LOGS.values()), [], None)] == [True, True]


async def test_no_backup_of_the_log_reads_who_was_erased(founded: str, tmp_path: Path) -> None:
    """Keys lie in a store of their own; that its backup would bring them back is why those are short-lived."""
    log, keys = (Path(f"{founded}{of}".removeprefix("sqlite:///")) for of in ("", "-keys"))
    with at_work(founded, tmp_path) as office:
        async with in_front_of(reopened(office)) as api:
            case = await api.report(by="clerk:T01", village="V0101", petitioner=PETITIONER)
        [person] = persons_in(office.recorder, case_stream(case["id"]))
        with office.key_store.connect() as db:
            wrapped = db.scalar(select(person_keys.c.wrapped).where(person_keys.c.person == person))
        assert wrapped
        assert lies_in(keys, wrapped), "the control"
        assert not lies_in(log, wrapped)
        office.erasures.erase(person, "asked for it")
        assert not lies_in(keys, wrapped), "nor in freed pages"


def test_a_key_that_somebody_still_reads_past_is_not_called_destroyed(tmp_path: Path) -> None:
    """A backup that began before keeps the old page where it was, until it has ended."""
    store = open_database(f"sqlite:///{tmp_path / 'keys'}", pool=1, views=False)
    make_store(store)
    keys = PersonKeys(store, b"m" * 32, "mark")
    person = keys.take().person
    with store.connect() as db:
        wrapped = db.execute(select(person_keys.c.wrapped).where(person_keys.c.person == person)).scalar_one()
    with store.connect() as db:
        db.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        db.exec_driver_sql("PRAGMA busy_timeout=50")
    backup = sqlite3.connect(tmp_path / "keys")
    backup.execute("BEGIN")
    backup.execute("SELECT count(*) FROM person_keys").fetchone()
    with pytest.raises(StillRead):
        keys.destroy([person])
    assert lies_in(tmp_path / "keys", wrapped), "the control"
    backup.close()
    keys.destroy([person])
    assert not lies_in(tmp_path / "keys", wrapped)
    store.dispose()


@pytest.mark.parametrize("kind", ["postgresql"])
def test_nor_is_one_that_postgresql_keeps_for_somebody_who_reads(
    kind: str, new_database: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wiping, "PATIENCE", 0.1)
    store = open_database(new_database(kind), views=False)
    make_store(store)
    keys = PersonKeys(store, b"m" * 32, "mark")
    person, another = keys.take().person, keys.take().person
    with reading(store).connect() as backup:
        backup.execute(select(person_keys.c.person)).all()
        for _ in range(2):
            with pytest.raises(StillRead):
                keys.destroy([person])
    keys.destroy([person])
    keys.destroy([another])
    store.dispose()


def lies_in(database: Path, what: bytes) -> bool:
    """Whether it is in the file, or in what is about to be written to it."""
    files = [database, *(database.with_name(database.name + end) for end in ("-wal", "-shm"))]
    return any(what in one.read_bytes() for one in files if one.exists())


async def test_those_who_stay_hidden_are_erased_by_their_case(api: Client, office: Office) -> None:
    hidden = {"confidentiality": "identity_hidden", "petitioner": PETITIONER}
    case = await api.report(by="clerk:T01", village="V0101", **hidden)
    [person] = persons_in(office.recorder, case_stream(case["id"]))
    office.erasures.erase(person, "asked for it")
    assert (await told(api, case["id"]))["erased"] is True


async def quoted(api: Client, case: Json, file: bytes) -> str:
    """The address of a file that this case quotes."""
    sent = await api.send("POST", "/v1/attachments", by="clerk:T01", files={"file": ("a", file)})
    digest: str = done(sent, 201)["sha256"]
    await api.ask(case, "attach", by="clerk:T01", kind="photo", sha256=digest.upper())
    return f"/v1/attachments/{digest}"


async def test_the_files_of_a_case_are_erased_with_it_but_for_those_that_another_quotes(
    api: Client, office: Office
) -> None:
    case, other = [await api.report(by="clerk:T01", village="V0101") for _ in range(2)]
    its, both = await quoted(api, case, CARD), await quoted(api, case, b"of both")
    assert await quoted(api, other, b"of both") == both
    history = await api.history(case)
    assert (await api.get(its, "head:V0101")).content == CARD, "the control"
    files = files_of(office.recorder, office.seals.keys, case["id"])
    assert [f"/v1/attachments/{one}" for one in files] == [its]
    for _ in range(2):
        office.erasures.erase_files(files, office.clock.now())
    for by in ("clerk:T01", "head:V0101"):
        refused(await api.get(its, by), 404, "not_found")
        assert (await api.get(both, by)).content == b"of both"
    assert await api.history(case) == history, "the log keeps the hash"


async def test_a_file_that_two_cases_quote_goes_with_the_second_that_is_erased(api: Client, office: Office) -> None:
    cases = [await api.report(by="clerk:T01", village="V0101", petitioner=PETITIONER) for _ in range(2)]
    addresses = {await quoted(api, case, CARD) for case in cases}
    assert len(addresses) == 1
    went = []
    for case in cases:
        went.append(len(files_of(office.recorder, office.seals.keys, case["id"])))
        for person in persons_in(office.recorder, case_stream(case["id"])):
            office.erasures.erase(person, "asked for it")
    assert went == [0, 1]


async def test_a_file_that_no_case_quotes_or_one_that_stays_is_erased_by_its_hash(api: Client, office: Office) -> None:
    """An identity card sent by mistake; the case goes on."""
    case = await api.report(by="clerk:T01", village="V0101")
    its = await quoted(api, case, CARD)
    stray = done(await api.send("POST", "/v1/attachments", by="citizen:1", files={"file": ("a", b"a stray")}), 201)
    for digest, by in ((its.rpartition("/")[2], "head:V0101"), (stray["sha256"], "citizen:1")):
        assert (await api.get(f"/v1/attachments/{digest}", by)).status_code == 200, "the control"
        for _ in range(2):
            erase(office.settings, None, None, None, digest, "asked for it")
        refused(await api.get(f"/v1/attachments/{digest}", by), 404, "not_found")
    assert (await api.case(case))["status"] == "reported"
    with pytest.raises(Unknown):
        erase(office.settings, None, None, None, "0" * 64, "asked for it")


async def test_a_box_can_be_read_in_its_own_place_and_with_its_own_key_only(api: Client, office: Office) -> None:
    case = await api.report(by="clerk:T01", village="V0101", petitioner=PETITIONER)
    sealed = office.ledger.state(case_stream(case["id"])).report.petitioner
    assert office.seals.unseal(case["id"], sealed) == PETITIONER, "the control"
    with pytest.raises(Unreadable):
        office.seals.unseal("another-case", sealed)
    other = office.seals.keys.take().person
    with pytest.raises(Unreadable):
        office.seals.unseal(case["id"], replace(sealed, person=other))
    person, wrapped = person_keys.c.person, person_keys.c.wrapped
    with office.key_store.begin() as db:
        put_there = select(wrapped).where(person == other).scalar_subquery()
        db.execute(update(person_keys).where(person == sealed.person).values(wrapped=put_there))
    with pytest.raises(Unreadable):
        office.seals.unseal(case["id"], sealed)


async def test_a_key_that_is_gone_without_an_erasure_is_no_erasure(api: Client, office: Office) -> None:
    case = await api.report(by="clerk:T01", village="V0101", petitioner=PETITIONER)
    office.seals.keys.destroy(persons_in(office.recorder, case_stream(case["id"])))
    path = f"/v1/cases/{case['id']}/disclose-identity"
    refused(await api.post(path, {"purpose": "to call back"}, by="follow-up"), 503, "overloaded")


async def test_a_secret_or_a_store_of_keys_that_is_gone_is_not_made_anew(founded: str, tmp_path: Path) -> None:
    keys, secret = Path(f"{founded}-keys".removeprefix("sqlite:///")), tmp_path / "keys" / "master.key"
    with at_work(founded, tmp_path) as office:
        async with in_front_of(reopened(office)) as api:
            await api.report(by="clerk:T01", village="V0101", petitioner=PETITIONER)
    kept = secret.read_bytes()
    for lost in (secret, keys):
        aside = lost.rename(lost.with_name("aside"))
        with pytest.raises(UnsafeSettings, match="missing"), at_work(founded, tmp_path):
            pass
        gc.collect()  # who failed to start lets go of the file
        for begun in lost.parent.glob(f"{lost.name}-*"):
            begun.unlink()
        aside.replace(lost)
    secret.write_bytes(bytes(32))
    with pytest.raises(UnsafeSettings, match="another master"), at_work(founded, tmp_path):
        pass
    secret.write_bytes(kept)
    with at_work(founded, tmp_path):
        pass


async def test_erasing_again_changes_nothing_and_nobody_unknown_is_erased(api: Client, office: Office) -> None:
    await api.report(by="clerk:T01", village="V0101", petitioner=PETITIONER)
    [found] = await api.persons("phone=13900000007")
    for _ in range(2):
        office.erasures.erase(str(found["person"]), "asked for it")
    feed = (await api.get("/v1/events?limit=200&types=person.erased")).json()
    assert len(feed) == 1
    with pytest.raises(Unknown):
        office.erasures.erase("p-nobody", "asked for it")


@pytest.fixture
def founded(sqlite: SqliteFolder) -> str:
    return sqlite.founded()


async def test_a_restored_backup_erases_before_it_serves(founded: str, tmp_path: Path) -> None:
    file = Path(founded.removeprefix("sqlite:///"))
    backup = tmp_path / "backup"
    backup.mkdir()
    with at_work(founded, tmp_path) as office:
        async with in_front_of(reopened(office)) as api:
            case = await api.report(by="clerk:T01", village="V0101", petitioner=PETITIONER)
            [found] = await api.persons("phone=13900000007")
        office.engine.dispose()
        for one in file.parent.glob(f"{file.name}*"):
            shutil.copy(one, backup / one.name)
        office.erasures.erase(str(found["person"]), "asked for it")
    for one in file.parent.glob(f"{file.name}*"):
        one.unlink()
    for one in backup.iterdir():
        shutil.copy(one, file.parent / one.name)
    with at_work(founded, tmp_path) as office:
        async with in_front_of(reopened(office)) as api:
            assert (await told(api, case["id"]))["erased"] is True
            feed = (await api.get("/v1/events?limit=200&types=person.erased")).json()
            assert [one["subject"] for one in feed] == [found["person"]]


async def test_a_restored_backup_serves_no_file_that_was_erased_unless_it_was_sent_anew(
    founded: str, tmp_path: Path
) -> None:
    file = Path(founded.removeprefix("sqlite:///"))
    backup = tmp_path / "backup"
    with at_work(founded, tmp_path) as office:
        async with in_front_of(reopened(office)) as api:
            case = await api.report(by="clerk:T01", village="V0101")
            its = await quoted(api, case, CARD)
            with sqlite3.connect(file) as db:
                db.execute("VACUUM INTO ?", (str(backup),))
            await api.set_clock("2025-03-03 09:00")
            office.erasures.erase_files(files_of(office.recorder, office.seals.keys, case["id"]), office.clock.now())
            assert not lies_in(file, CARD), "nor in freed pages"
    for one in file.parent.glob(f"{file.name}*"):
        if "-keys" not in one.name:
            one.unlink()
    backup.rename(file)
    assert lies_in(file, CARD), "the control"
    with at_work(founded, tmp_path) as office:
        async with in_front_of(reopened(office)) as api:
            refused(await api.get(its, "head:V0101"), 404, "not_found")
            await api.set_clock("2025-03-03 09:01")
            await quoted(api, case, CARD)
    with at_work(founded, tmp_path) as office:
        async with in_front_of(reopened(office)) as api:
            assert (await api.get(its, "head:V0101")).content == CARD


async def test_an_erasure_that_was_broken_off_is_written_down_before_the_service_serves(
    founded: str, tmp_path: Path
) -> None:
    with at_work(founded, tmp_path) as office:
        async with in_front_of(reopened(office)) as api:
            hidden = {"confidentiality": "identity_hidden", "petitioner": PETITIONER}
            case = await api.report(by="clerk:T01", village="V0101", **hidden)
        [person] = persons_in(office.recorder, case_stream(case["id"]))
        (tmp_path / "keys" / FILE).write_text(f"{person}\n{person[:9]}")
        (tmp_path / "keys" / FILES).write_text("the beginning of a line on a full di")
        office.seals.keys.destroy([person])
    for _ in range(2):
        with at_work(founded, tmp_path) as office:
            async with in_front_of(reopened(office)) as api:
                assert (await told(api, case["id"]))["erased"] is True
                feed = (await api.get("/v1/events?limit=200&types=person.erased")).json()
                assert [one["subject"] for one in feed] == [person]
                office.erasures.erase_files(["0" * 64], office.clock.now())
    assert {line[:64] for line in (tmp_path / "keys" / FILES).read_text().splitlines()} == {"0" * 64}
