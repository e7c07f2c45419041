"""The doctor: what is well, and for each thing that is not, one line that says what to do."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import text, update

from api_tests.client import Client
from api_tests.databases import Databases
from service.office import Office
from service.settings import Settings
from service.storage.attachments import keep
from service.storage.database import open_database, writing
from service.storage.sqlite import VIEWS
from service.storage.tables import attachments, head
from service.terminal import doctor
from service.terminal.doctor import examine

pytestmark = pytest.mark.both

TODAY = date(2025, 3, 3)
FILES = (b"one", b"another")


def findings(
    database_url: str, folder: Path, today: date = TODAY, *, keys_url: str = ""
) -> dict[str, tuple[bool, str]]:
    settings = Settings(
        database_url=database_url, keys_url=keys_url, data_dir=folder, auth="keys", clock="system", host="127.0.0.1"
    )
    return {one.what: (one.well, one.said) for one in examine(settings, 10_000, today)}


@pytest.fixture
def served(office: Office) -> str:
    """A database that a service has been at work on."""
    office.background.settle(office.clock.now())
    office.notary.follow()
    return office.engine.url.render_as_string(hide_password=False)


def test_all_is_well_after_a_service_was_at_work(served: str, tmp_path: Path) -> None:
    found = findings(served, tmp_path)
    assert list(found) == [
        "settings",
        "disk",
        "database",
        "tables",
        "secret",
        "keys",
        "calendar",
        "log",
        "signature",
        "files",
        "triggers",
        "views",
        "parked",
    ]
    assert [said for well, said in found.values() if not well] == []


def test_a_setting_that_is_misspelt_is_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SANJI_DATABSE_URL", "postgresql+psycopg://sanji@localhost/sanji")
    monkeypatch.setenv("SANJI_TEST_REQUIRE", "of another program")
    settings = Settings(data_dir=tmp_path, auth="keys", clock="system", host="127.0.0.1")
    wrong = [one.said for one in examine(settings, 1, TODAY) if one.what == "settings" and not one.well]
    assert wrong == ["SANJI_DATABSE_URL is no setting; SANJI_DATABASE_URL is one"]


def test_what_cannot_be_written_to_is_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked by hand: the administrator of a machine may write everywhere."""
    files = [tmp_path / f"sanji.db{which}" for which in ("", f"-{VIEWS}", "-keys")]
    for file in files:
        file.touch()
    monkeypatch.setattr(os, "access", lambda _path, mode: mode != os.W_OK)
    settings = Settings(data_dir=tmp_path, auth="keys", clock="system", host="127.0.0.1")
    said = [one.said.partition(";")[0] for one in examine(settings, 1, TODAY) if one.what == "folder"]
    assert said == [f"this user cannot write to {place}" for place in (tmp_path, *files)]


def test_a_secret_that_others_can_read_is_a_problem(served: str, tmp_path: Path) -> None:
    secret = tmp_path / "keys" / "master.key"
    secret.chmod(0o644)
    well, said = findings(served, tmp_path)["secret"]
    assert not well
    assert said.endswith(f"chmod 600 {secret}")


def test_a_file_in_whose_place_somebody_put_another_is_a_problem(served: str, office: Office, tmp_path: Path) -> None:
    names = [keep(office.engine, content, "text/plain", "citizen:1", office.clock.now()).sha256 for content in FILES]
    assert findings(served, tmp_path)["files"] == (True, "the last 2 are what was sent")
    with writing(office.engine).begin() as db:
        db.execute(update(attachments).where(attachments.c.sha256 == names[1]).values(content=FILES[0]))
    well, said = findings(served, tmp_path)["files"]
    assert (well, said.split()[0]) == (False, names[1])


def test_a_full_disk_is_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "disk_usage", lambda _folder: SimpleNamespace(free=3 << 20))
    found = findings(f"sqlite:///{tmp_path / 'sanji.db'}", tmp_path / "nobody" / "made it yet")
    assert found["disk"] == (False, "3 MB are free; make room, 200 MB at least")


def test_a_secret_that_is_gone_is_a_problem(served: str, tmp_path: Path) -> None:
    (tmp_path / "keys" / "master.key").unlink()
    found = findings(served, tmp_path)
    assert not found["secret"][0]
    assert list(found)[-1] == "secret", "what needs it is not looked at"


def test_a_secret_that_is_another_is_a_problem(served: str, tmp_path: Path, office: Office) -> None:
    """The service does not start with it."""
    office.seals.keys.take()
    (tmp_path / "keys" / "master.key").write_bytes(bytes(32))
    well, said = findings(served, tmp_path)["keys"]
    assert (well, said) == (False, "the keys of persons were made with another master secret; bring that one back")


async def test_keys_of_persons_that_are_gone_are_a_problem(
    served: str, tmp_path: Path, api: Client, databases: Databases
) -> None:
    await api.report(petitioner={"phone": "000-0000-4711"})
    assert findings(served, tmp_path)["keys"][0]
    elsewhere = databases.empty()
    well, said = findings(served, tmp_path, keys_url=elsewhere)["keys"]
    assert not well
    assert said.endswith("bring them back from their backup")
    assert databases.name == "postgresql" or not Path(elsewhere.removeprefix("sqlite:///")).exists()


def test_a_store_of_keys_that_does_not_answer_is_a_problem(served: str, tmp_path: Path) -> None:
    well, said = findings(served, tmp_path, keys_url="postgresql+psycopg://sanji:secret@127.0.0.1:1/keys")["keys"]
    assert not well
    assert said.endswith("correct SANJI_KEYS_URL")
    assert "secret" not in said


def test_a_log_that_is_shorter_than_what_was_signed_is_a_problem(served: str, tmp_path: Path, office: Office) -> None:
    with writing(office.engine).begin() as db:
        for trigger in _triggers(db.dialect.name):
            db.execute(text(trigger))
        db.execute(text("DELETE FROM events WHERE position = (SELECT max(position) FROM events)"))
    well, said = findings(served, tmp_path)["signature"]
    assert not well
    assert said.endswith("run sanji verify")


@pytest.mark.parametrize("by", [-1, 7])
def test_an_end_of_the_log_that_is_not_its_last_event_is_a_problem(
    served: str, tmp_path: Path, office: Office, by: int
) -> None:
    """Set back, nothing could be written any more; set forward, the next event would leave a gap, which is never signed."""
    with writing(office.engine).begin() as db:
        last = (
            db.execute(update(head).values(position=head.c.position + by).returning(head.c.position)).scalar_one() - by
        )
    well, said = findings(served, tmp_path)["log"]
    assert not well
    assert said.endswith(f"set the position in log_head to {last}")


def test_a_calendar_that_has_ended_is_a_problem(served: str, tmp_path: Path) -> None:
    well, said = findings(served, tmp_path, date(2027, 1, 1))["calendar"]
    assert not well
    assert "PUT /v1/calendars/cn/2027" in said


def test_an_event_that_was_changed_behind_the_service_is_found(served: str, tmp_path: Path, office: Office) -> None:
    """By somebody who is master of the database and has taken its triggers away."""
    with writing(office.engine).begin() as db:
        for trigger in _triggers(db.dialect.name):
            db.execute(text(trigger))
        changed = "UPDATE events SET state = :state WHERE stream = 'org' AND version = 2"
        was = db.scalar(text("SELECT state FROM events WHERE stream = 'org' AND version = 2"))
        assert was is not None
        db.execute(text(changed), {"state": bytes(was).replace(b'"by":"admin"', b'"by":"other"')})
    well, said = findings(served, tmp_path)["log"]
    assert not well
    assert "does not follow" in said


def _triggers(dialect: str) -> list[str]:
    if dialect == "postgresql":
        return ["DROP TRIGGER events_append_only ON events"]
    return ["DROP TRIGGER events_no_UPDATE", "DROP TRIGGER events_no_DELETE"]


def test_a_database_that_does_not_answer_is_one_line_with_its_address_but_not_its_password(tmp_path: Path) -> None:
    found = findings("postgresql+psycopg://sanji:secret@127.0.0.1:1/sanji", tmp_path)
    well, said = found["database"]
    assert not well
    assert "does not answer" in said
    assert "secret" not in said
    assert "\n" not in said


def test_a_database_nobody_has_made_yet_is_not_made_by_looking(tmp_path: Path) -> None:
    path = tmp_path / "none.db"
    assert not findings(f"sqlite:///{path}", tmp_path)["database"][0]
    assert not path.exists()


def test_views_that_are_missing_are_not_made_by_looking(tmp_path: Path) -> None:
    """Whoever looks may not be who serves, and could not write to his file."""
    (tmp_path / "sanji.db").touch()
    assert "start it again" in findings(f"sqlite:///{tmp_path / 'sanji.db'}", tmp_path)["views"][1]
    assert not (tmp_path / f"sanji.db-{VIEWS}").exists()


def test_a_database_without_its_tables_is_not_given_any_by_looking(databases: Databases, tmp_path: Path) -> None:
    url = databases.empty()
    open_database(url, pool=1).dispose()
    assert not findings(url, tmp_path)["tables"][0]
    assert not findings(url, tmp_path)["tables"][0]
