"""API keys: whoever holds one may act as it says, until it ends or is taken back."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import Engine, insert, select, update

from domain.org import Role
from service.secrecy.seals import MASTER, Seals
from service.settings import Settings
from service.sign_in.keys import all_keys, find_key, key_by_id, take_over
from service.storage.tables import api_keys
from service.terminal.keys import listed, new, revoke

NOW = datetime(2025, 3, 3, tzinfo=UTC)


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
        assert find_key(db, seals, forged) is key_by_id(db, seals, "f" * 12) is None
        of_mine = select(api_keys.c.stamp).where(api_keys.c.id == own.id).scalar_subquery()
        db.execute(update(api_keys).where(api_keys.c.id == "f" * 12).values(stamp=of_mine))
        assert find_key(db, seals, forged) is None, "a stamp is of one key"
        for change in ({"role": "town_head"}, {"unit": "T01"}, {"official": "li"}, {"expires_on": date(2099, 1, 1)}):
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
        assert key_by_id(db, seals, "f" * 12) is None


def test_a_key_is_taken_back_by_its_id_or_by_itself_and_once(settings: Settings, engine: Engine, seals: Seals) -> None:
    made = [new(settings, Role.INTEGRATOR, "", None, None), new(settings, Role.TOWN_HEAD, "", "li", date(2027, 1, 1))]
    with engine.connect() as db:
        ids = [found.id for key in made if (found := find_key(db, seals, key))]
    assert revoke(settings, ids[0])
    assert revoke(settings, made[1])
    assert not any(revoke(settings, key) for key in (*ids, *made, "another"))
    with engine.connect() as db:
        assert [find_key(db, seals, key) for key in made] == [key_by_id(db, seals, id) for id in ids] == [None, None]


def test_the_list_names_every_key_and_shows_none(settings: Settings, engine: Engine) -> None:
    made = [new(settings, Role.INTEGRATOR, "T01", None, None), new(settings, Role.TOWN_HEAD, "", "li", None)]
    revoke(settings, made[1])
    with engine.connect() as db:
        told = {key.role: (key.unit or key.official, made_at, ended) for key, made_at, ended in all_keys(db)}
    assert {role: (whom, ended is None) for role, (whom, _, ended) in told.items()} == {
        Role.INTEGRATOR: ("T01", True),
        Role.TOWN_HEAD: ("li", False),
    }
    _, made_at, ended = told[Role.TOWN_HEAD]
    assert ended
    assert timedelta() <= ended - made_at < timedelta(minutes=1)
    cells = [cell for column in listed(settings).columns for cell in column.cells]
    assert {"T01", "li", "integrator", "town_head"} < set(cells)
    assert not set(made) & set(cells)
