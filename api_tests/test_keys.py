"""API keys: whoever holds one may act as it says, until it ends or is taken back."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import httpx
import pytest
from rich.console import Console
from sqlalchemy import Engine, insert, select, text, update
from typer.testing import CliRunner

from api_tests.client import Client, done, new_key
from api_tests.databases import Databases
from api_tests.district import Json, report
from api_tests.importing.files import counts
from api_tests.inprocess import in_front_of, reopened
from domain.org import Org, Role
from domain.zone import DISTRICT
from service import cli
from service.office import Office
from service.secrecy.seals import MASTER, Seals
from service.settings import Settings
from service.sign_in import identity
from service.sign_in.keys import ApiKey, all_keys, find_key, keys_by_id, take_over
from service.storage.database import writing
from service.storage.schema import make_tables
from service.storage.tables import api_keys
from service.terminal.keys import listed, new, revoke, succeed

NOW = datetime(2025, 3, 3, tzinfo=UTC)
CHANGES: tuple[dict[str, str | date], ...] = (
    {"role": "town_head"},
    {"unit": "T01"},
    {"official": "li"},
    {"expires_on": date(2099, 1, 1)},
    {"speaks_as": "f" * 12},
)


@pytest.fixture
def settings(engine: Engine, tmp_path: Path) -> Settings:
    return Settings(database_url=engine.url.render_as_string(hide_password=False), data_dir=tmp_path)


@pytest.fixture
def seals(settings: Settings, engine: Engine) -> Seals:
    """Those of the service whose keys these are, once it has made one."""
    new(settings, Role.ADMIN, "", None, None)
    return Seals((settings.data_dir / "keys" / MASTER).read_bytes(), engine)


def test_what_somebody_else_put_among_the_keys_opens_nothing(settings: Settings, engine: Engine, seals: Seals) -> None:
    mine = new(settings, Role.TOWN_CLERK, "V0101", None, None)
    forged = "sanji_forged"
    with engine.begin() as db:
        own = find_key(db, seals, mine)
        assert own
        row = {"hash": sha256(forged.encode()).hexdigest(), "id": "f" * 12, "role": "admin", "unit": "", "made_at": NOW}
        db.execute(insert(api_keys).values(**row))
        assert (find_key(db, seals, forged), keys_by_id(db, seals, "f" * 12)) == (None, [])
        of_mine = select(api_keys.c.stamp).where(api_keys.c.id == own.id).scalar_subquery()
        db.execute(update(api_keys).where(api_keys.c.id == "f" * 12).values(stamp=of_mine))
        assert find_key(db, seals, forged) is None, "a stamp is of one key"
        of_theirs = sha256(b"sanji_theirs").hexdigest()
        db.execute(update(api_keys).where(api_keys.c.id == own.id).values(hash=of_theirs))
        assert find_key(db, seals, "sanji_theirs") is None, "and of what is shown for it"
        db.execute(update(api_keys).where(api_keys.c.id == own.id).values(hash=sha256(mine.encode()).hexdigest()))
        for change in CHANGES:
            was = {name: getattr(own, name) for name in change}
            db.execute(update(api_keys).where(api_keys.c.id == own.id).values(**change))
            assert find_key(db, seals, mine) is None, change
            db.execute(update(api_keys).where(api_keys.c.id == own.id).values(**was))
            assert find_key(db, seals, mine) == own


def test_keys_of_an_older_version_are_taken_over_once(settings: Settings, engine: Engine, seals: Seals) -> None:
    key = new(settings, Role.INTEGRATOR, "", None, None)

    def unstamped() -> bool:
        with engine.begin() as db:
            db.execute(update(api_keys).values(stamp=None))
        take_over(engine, seals, settings.data_dir / "keys")
        with engine.connect() as db:
            return find_key(db, seals, key) is None

    assert not unstamped()
    assert unstamped(), "after that somebody else took them off"


def test_a_new_data_folder_takes_over_no_key_that_was_put_in_beside_stamped_ones(
    settings: Settings, engine: Engine, seals: Seals, tmp_path: Path
) -> None:
    new(settings, Role.INTEGRATOR, "", None, None)
    with engine.begin() as db:
        row = {"hash": sha256(b"forged").hexdigest(), "id": "f" * 12, "role": "admin", "unit": "", "made_at": NOW}
        db.execute(insert(api_keys).values(**row))
    take_over(engine, seals, tmp_path)
    with engine.connect() as db:
        assert keys_by_id(db, seals, "f" * 12) == []


def test_a_key_is_taken_back_by_its_id_or_by_itself_and_once(settings: Settings, engine: Engine, seals: Seals) -> None:
    made = [new(settings, Role.INTEGRATOR, "", None, None), new(settings, Role.TOWN_HEAD, "", "li", date(2027, 1, 1))]
    with engine.connect() as db:
        ids = [found.id for key in made if (found := find_key(db, seals, key))]
    assert revoke(settings, ids[0])
    assert revoke(settings, made[1])
    assert not any(revoke(settings, key) for key in (*ids, *made, "another"))
    with engine.begin() as db:
        db.execute(update(api_keys).values(revoked_at=None))
        assert not any(find_key(db, seals, key) for key in made), "somebody else lets none of them stand again"
    with engine.connect() as db:
        assert [find_key(db, seals, key) for key in made] == [None, None]
        assert [keys_by_id(db, seals, id) for id in ids] == [[], []]


def test_a_key_ends_when_its_day_begins_in_the_district(settings: Settings, engine: Engine, seals: Seals) -> None:
    key = named(engine, seals, new(settings, Role.AUDITOR, "D", None, date(2027, 1, 1)))
    midnight = datetime(2027, 1, 1, tzinfo=DISTRICT)
    assert key.actor(Org(), midnight - timedelta(microseconds=1))
    assert key.actor(Org(), midnight) is None


async def test_who_comes_with_a_key_that_has_ended_or_was_taken_back_is_not_let_in(
    databases: Databases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(identity, "REMEMBERED", 0.0)
    settings = Settings(database_url=databases.founded(), data_dir=tmp_path, auth="keys")
    office = Office(settings).open(background=False)
    try:
        async with in_front_of(reopened(office)) as api:
            for ends, status in ((date(2099, 1, 1), 200), (date(2025, 1, 1), 401)):
                key = new(settings, Role.AUDITOR, "D", None, ends)
                assert (await asked(api, key, "/v1/cases")).status_code == status, ends
            good = new(settings, Role.AUDITOR, "D", None, None)
            assert (await asked(api, good, "/v1/cases")).status_code == 200
            assert revoke(settings, good)
            assert (await asked(api, good, "/v1/cases")).status_code == 401
    finally:
        office.close()


def test_the_list_names_every_key_and_shows_none(settings: Settings, engine: Engine) -> None:
    made = [new(settings, Role.INTEGRATOR, "T01", None, None), new(settings, Role.TOWN_HEAD, "", "li", None)]
    revoke(settings, made[1])
    with engine.connect() as db:
        told = {key.role: (key.unit or key.official, made_at, ended) for key, made_at, ended in all_keys(db)}
        ids = [key.id for key, _, _ in all_keys(db)]
    assert {role: (whom, ended is None) for role, (whom, _, ended) in told.items()} == {
        Role.INTEGRATOR: ("T01", True),
        Role.TOWN_HEAD: ("li", False),
    }
    _, made_at, ended = told[Role.TOWN_HEAD]
    assert ended
    assert timedelta() <= ended - made_at < timedelta(minutes=1)
    table = listed(settings)
    cells = [cell for column in table.columns for cell in column.cells]
    with (console := Console(width=60)).capture() as shown:
        console.print(table)
    assert all(id in shown.get() for id in ids), "an id is whole, to be copied"
    assert {"T01", "li", "integrator", "town_head"} < set(cells)
    assert not set(made) & set(cells)


def named(engine: Engine, seals: Seals, key: str) -> ApiKey:
    with engine.connect() as db:
        found = find_key(db, seals, key)
    assert found
    return found


def test_a_key_that_succeeds_another_may_do_the_same_as_the_same(
    settings: Settings, engine: Engine, seals: Seals
) -> None:
    first = named(engine, seals, new(settings, Role.TOWN_CLERK, "T01", None, None))
    second = named(engine, seals, succeed(settings, first.id, date(2099, 1, 1)) or "")
    assert revoke(settings, first.id)
    third = named(engine, seals, succeed(settings, second.id, None) or "")
    assert third == replace(first, id=third.id, speaks_as=first.id)
    assert second.expires_on == date(2099, 1, 1)
    assert {one.actor(Org(), NOW) for one in (first, second, third)} == {first.actor(Org(), NOW)}
    with engine.connect() as db:
        assert {one.id for one in keys_by_id(db, seals, first.id)} == {second.id, third.id}
        assert [one.id for one in keys_by_id(db, seals, third.id)] == [third.id, second.id]
    assert succeed(settings, "another", None) is None
    of_an_official = named(engine, seals, new(settings, Role.TOWN_HEAD, "", "li", None))
    assert named(engine, seals, succeed(settings, of_an_official.id, None) or "").official == "li"


def test_a_key_that_somebody_put_in_or_changed_is_not_succeeded(
    settings: Settings, engine: Engine, seals: Seals
) -> None:
    mine = named(engine, seals, new(settings, Role.INTEGRATOR, "", None, None))
    with engine.begin() as db:
        db.execute(update(api_keys).where(api_keys.c.id == mine.id).values(role="admin"))
    assert succeed(settings, mine.id, None) is None


def test_keys_of_a_version_in_which_none_was_succeeded_go_on(settings: Settings, engine: Engine, seals: Seals) -> None:
    key = new(settings, Role.INTEGRATOR, "", None, None)
    with writing(engine, "tables").begin() as db:
        db.execute(text("ALTER TABLE api_keys DROP COLUMN speaks_as"))
    make_tables(engine)
    assert named(engine, seals, key).actor(Org(), NOW)


def test_the_terminal_makes_a_successor_of_a_key_and_asks_for_no_role_then(
    settings: Settings, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cli, "_settings", lambda: settings)
    terminal = CliRunner()

    def asked(*arguments: str) -> tuple[int, str]:
        result = terminal.invoke(cli.cli, ["key", "new", "--plain", *arguments])
        return result.exit_code, result.stdout.strip()

    assert asked("--role", "integrator")[0] == 0
    with engine.connect() as db:
        [(first, _, _)] = all_keys(db)
    code, key = asked("--replaces", first.id)
    assert (code, key[:6]) == (0, "sanji_")
    for idle in (["--official", "nobody"], ["--unit", "nowhere"], ["--expires", "2020-01-01"]):
        made = terminal.invoke(cli.cli, ["key", "new", "--role", "town_head", *idle])
        assert (made.exit_code, made.stderr.startswith("sanji: this key opens nothing: ")) == (0, True)
    for wrong in ([], ["--role", "admin", "--replaces", first.id], ["--replaces", "another"]):
        code, said = asked(*wrong)
        assert (code, said[:7]) == (1, "sanji: ")


async def test_who_comes_with_a_successor_has_what_he_had_and_imports_no_row_twice(
    databases: Databases, tmp_path: Path
) -> None:
    settings = Settings(database_url=databases.founded(), data_dir=tmp_path, auth="keys", clock="system")
    office = Office(settings).open()
    rows = b"title,kind,external_id\nThe pipe,request,E1\n"
    try:
        async with in_front_of(reopened(office)) as api:
            old = new(settings, Role.INTEGRATOR, "", None, None)
            case = done(await asked(api, old, "/v1/cases", report()), 201)
            hook = done(await asked(api, old, "/v1/webhooks", {"url": "https://example.org/"}), 201)
            assert counts(await imported(api, old, rows)) == ("done", 1, 1, 0, 0)
            first = named(office.engine, office.seals, old)
            key = succeed(settings, first.id, None) or ""
            assert revoke(settings, old)
            for path in (f"/v1/cases/{case['id']}", f"/v1/webhooks/{hook['id']}"):
                done(await asked(api, key, path))
            assert counts(await imported(api, key, rows)) == ("done", 1, 0, 1, 0)
            who = f"key:{first.id}"
            maker = office.read_now(
                lambda db: office.identity.by_now(db, who, first.id, office.org, office.clock.now())
            )
            assert maker, "the webhook is still somebody's"
            assert maker.id == who
    finally:
        office.close()


async def asked(api: Client, key: str, path: str, body: Json | None = None) -> httpx.Response:
    headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": new_key()}
    return await api.send("POST" if body else "GET", path, by=None, body=body, headers=headers)


async def imported(api: Client, key: str, content: bytes) -> Json:
    headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": new_key()}
    job = done(await api.send("POST", "/v1/imports", by=None, headers=headers, files={"file": ("a", content)}), 202)
    while job["state"] not in ("done", "failed"):
        await asyncio.sleep(0.02)
        job = done(await asked(api, key, f"/v1/jobs/{job['id']}"))
    return job
