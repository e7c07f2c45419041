"""The service signs no log but its own, and says so wherever somebody looks."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import func, select, text

from api_tests.inprocess import at_work, in_front_of, reopened
from api_tests.tampering.hands import (
    Lines,
    slipped_in_at_the_end,
    tampered,
    with_all_rights,
    with_another_end,
)
from api_tests.tampering.kept import Kept, examined, tree_size
from projections import PROJECTIONS
from projections.following.follower import Follower
from service.audit import hash_tree
from service.audit.hash_tree import HashTree
from service.audit.transparency import Notary
from service.record.reading import Reading
from service.storage.database import open_database
from service.storage.tables import access_log, events


def test_the_service_never_signs_another_log(kept: Kept) -> None:
    remembered = kept.settings.data_dir / "keys" / "log.checkpoint"
    before = remembered.read_text("utf-8")

    def signed_again() -> str:
        engine = open_database(kept.settings.database, pool=1)
        Notary(engine, kept.settings.data_dir).follow()
        engine.dispose()
        return remembered.read_text("utf-8")

    assert signed_again() == before
    tampered(kept.settings, events, lambda rows: rows[:-3])
    assert signed_again() == before, "a shorter log"
    with_another_end(kept.settings)
    assert signed_again() == before, "a longer one that is another"
    for level in HashTree(kept.settings.data_dir / "tree" / "log").folder.iterdir():
        level.unlink()
    assert signed_again() == before, "not even when all hashes are lost: the checkpoint remembers"


def test_a_line_that_the_service_did_not_write_is_never_signed_and_alarms(kept: Kept) -> None:
    assert "nobody can say who wrote what is before 86" in kept.verdicts()["log"].said, "control: the district"
    assert kept.verdicts()["access-log"].said.endswith("each with its stamp"), "control"
    remembered = kept.settings.data_dir / "keys" / "log.checkpoint"
    before, at = remembered.read_text("utf-8"), slipped_in_at_the_end(kept.settings)
    said = f"position {at}: does not carry the stamp of this service: somebody else wrote it"
    assert kept.verdicts()["log"].said == said

    async def goes_on() -> None:
        with at_work(kept.settings.database, kept.settings.data_dir) as office:
            async with in_front_of(reopened(office)) as api:
                await api.report()
                office.notary.follow()
                ready = await api.send("GET", "/readyz", by=None)
                assert (ready.status_code, ready.json()["alarms"]) == (503, {"log": said})
                metrics = (await api.send("GET", "/metrics", by=None)).text
                assert f'sanji_log_untrue{{log="log"}} {float(at)}' in metrics
                assert 'sanji_log_untrue{log="access-log"} 0.0' in metrics

    asyncio.run(goes_on())
    assert remembered.read_text("utf-8") == before, "nor is what came after it"
    assert examined(kept)["signature"] == (False, f"log: {said}; run sanji verify")


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
@pytest.mark.parametrize("end", [0, 1], ids=["the last line", "a line after it"])
def test_what_is_no_line_at_all_alarms_like_another_one(kept: Kept, end: int) -> None:
    """PostgreSQL lets nothing else than bytes into a column of them."""
    at = tree_size(kept) + end
    with with_all_rights(kept.settings) as db:
        db.execute(text("DELETE FROM events WHERE position = :at"), {"at": at})
        said = {"position": at, "stream": "case:x", "version": 1, "topic": "case.noted", "state": "no bytes"}
        db.execute(text(f"INSERT INTO events ({', '.join(said)}) VALUES (:{', :'.join(said)})"), said)
    engine = open_database(kept.settings.database, pool=1)
    notary = Notary(engine, kept.settings.data_dir)
    assert not notary.follow()
    engine.dispose()
    assert notary.alarms()["log"].position == at
    assert not examined(kept)["signature"][0]


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
@pytest.mark.parametrize("made", ["CAST(state AS TEXT)", "7"], ids=["text", "a number"])
def test_what_is_no_line_at_all_stops_no_view_and_is_told_where_one_asks(kept: Kept, made: str) -> None:
    async def goes_on() -> None:
        with at_work(kept.settings.database, kept.settings.data_dir, background=False) as office:
            async with in_front_of(reopened(office)) as api:
                at = slipped_in_at_the_end(kept.settings)
                with with_all_rights(kept.settings) as db:
                    db.execute(text(f"UPDATE events SET state = {made} WHERE position = :at"), {"at": at})
                office.follower.catch_up()
                office.notary.follow()
                ready = await api.send("GET", "/readyz", by=None)
                assert (ready.status_code, ready.json()["parked"]) == (503, len(PROJECTIONS))
                assert ready.json()["alarms"] == {"log": f"position {at}: cannot be read"}
                assert set(ready.json()["lag"].values()) == {0}
                again = Follower(office.engine, Reading(office.recorder), PROJECTIONS)
                assert not again.advance(), "known by its mark as what was read"

    asyncio.run(goes_on())


def test_what_lay_there_before_there_were_stamps_is_told_apart(kept: Kept) -> None:
    engine = open_database(kept.settings.database, pool=1)
    with engine.begin() as db:
        for table in ("events", "access_log"):
            db.execute(text(f"ALTER TABLE {table} DROP COLUMN stamp"))
        lines = db.scalar(select(func.count()).select_from(events)) or 0
    engine.dispose()
    for stamped in (kept.settings.data_dir / "keys").glob("*.stamped"):
        stamped.unlink()
    assert kept.verdicts()["log"].true, "the column need not be there"

    async def goes_on() -> None:
        with at_work(kept.settings.database, kept.settings.data_dir) as office:
            office.notary.follow()
            async with in_front_of(reopened(office)) as api:
                await api.report()
                office.notary.follow()
                assert not office.notary.alarms()

    asyncio.run(goes_on())
    verdict = kept.verdicts()["log"]
    assert verdict.true
    assert verdict.said.endswith(f"nobody can say who wrote what is before {lines + 1}")
    at = slipped_in_at_the_end(kept.settings)
    assert kept.verdicts()["log"].said.startswith(f"position {at}: does not carry the stamp")


@pytest.mark.parametrize(("name", "told"), [("log.checkpoint", 503), ("log.stamped", 200)])
def test_what_a_copy_that_was_broken_off_left_of_a_file_alarms_and_is_named(kept: Kept, name: str, told: int) -> None:
    for damaged in (name, "log.alarm"):
        (kept.settings.data_dir / "keys" / damaged).write_bytes(b"\xff")

    async def looked_at() -> None:
        with at_work(kept.settings.database, kept.settings.data_dir) as office:
            async with in_front_of(reopened(office)) as api:
                office.notary.follow()
                ready = await api.send("GET", "/readyz", by=None)
                assert (ready.status_code, ready.json()["alarms"].keys()) == (503, {"log"})
                assert f"{name} is damaged" in ready.json()["alarms"]["log"]
                assert (await api.get("/v1/log/checkpoint")).status_code == told

    asyncio.run(looked_at())
    assert not kept.verdicts()["log"].true
    assert not examined(kept)["signature"][0]


def test_what_a_crash_left_undone_above_the_hashes_is_done_before_anything_is_signed(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With tiles of four, all that stands above the hashes of the lines is missing."""
    before = tree_size(kept)
    monkeypatch.setattr(hash_tree, "HEIGHT", 2)
    monkeypatch.setattr(hash_tree, "WIDTH", 4)
    engine = open_database(kept.settings.database, pool=1)
    log = Notary(engine, kept.settings.data_dir).events
    log.follow()
    engine.dispose()
    assert (log.size(), log.alarm()) == (before, None)


def test_a_forked_log_of_readings_alarms_too(kept: Kept) -> None:
    assert examined(kept)["signature"][0], "control"
    where = []

    def cut(rows: Lines) -> Lines:
        where.append(len(rows))
        return rows[:-1]

    tampered(kept.settings, access_log, cut)
    engine = open_database(kept.settings.database, pool=1)
    notary = Notary(engine, kept.settings.data_dir)
    said = f"access-log: position {where[0]}: missing"
    assert examined(kept)["signature"][1].startswith(said), "even before anybody followed it"
    notary.follow()
    engine.dispose()
    assert {name: alarm.position for name, alarm in notary.alarms().items()} == {"access-log": where[0]}
