"""API keys: whoever holds one may act as it says, until it ends or is taken back."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from domain.org import Role
from service.settings import Settings
from service.sign_in.keys import all_keys, find_key, key_by_id
from service.terminal.keys import listed, new, revoke


@pytest.fixture
def settings(engine: Engine, tmp_path: Path) -> Settings:
    return Settings(database_url=engine.url.render_as_string(hide_password=False), data_dir=tmp_path)


def test_a_key_is_taken_back_by_its_id_or_by_itself_and_once(settings: Settings, engine: Engine) -> None:
    made = [new(settings, Role.INTEGRATOR, "", None, None), new(settings, Role.TOWN_HEAD, "", "li", date(2027, 1, 1))]
    with engine.connect() as db:
        ids = [found.id for key in made if (found := find_key(db, key))]
    assert revoke(settings, ids[0])
    assert revoke(settings, made[1])
    assert not any(revoke(settings, key) for key in (*ids, *made, "another"))
    with engine.connect() as db:
        assert [find_key(db, key) for key in made] == [key_by_id(db, id) for id in ids] == [None, None]


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
