"""Two processes on one database: neither decides on what it remembers when the other has written since."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from threading import Event, Timer
from time import monotonic, sleep
from typing import Any

import pytest

from api_tests.inprocess import at_work
from domain.case import Report
from domain.case.handling import Assign
from domain.case.intake import Accept
from domain.case.joining import Merge, Unmerge
from domain.case.oversight import TakeNote
from domain.case.terms import Basis, Kind, Status
from domain.decider import SYSTEM, Command
from domain.rules.calendars import PublishCalendar
from domain.streams import CALENDARS
from domain.tests.story import at
from service.office import Office
from service.record.clock import ManualClock
from service.record.orders import Order, Receipt

pytestmark = pytest.mark.both

CASE = "case:shared"


def asked(office: Office, by: str, command: Command[Any], expected: int | None = None, stream: str = CASE) -> Receipt:
    actor = office.org.actor(by, office.clock.now())
    assert actor is not None
    return office.clerk.settle_now(Order(stream=stream, command=command, by=actor, expected=expected))


def published(office: Office, year: int) -> Receipt:
    notice = PublishCalendar(region="cn", year=year, holidays=(date(year, 1, 1),), makeup_workdays=())
    return office.clerk.settle_now(Order(stream=CALENDARS, command=notice, by=SYSTEM))


def test_nobody_is_refused_on_a_state_that_the_other_process_has_changed(database_url: str, tmp_path: Path) -> None:
    with (
        at_work(database_url, tmp_path / "one") as one,
        at_work(database_url, tmp_path / "other", background=False) as other,
    ):
        asked(one, "cadre:V0101", Report(title="a leak", kind=Kind.REQUEST, village="V0101"))
        asked(other, "clerk:T01", Accept(), expected=1)
        assert asked(one, "clerk:T01", Assign(unit="T01"), expected=2).state.status is Status.ASSIGNED
        for stream in ("case:early", "case:late"):
            asked(one, "cadre:V0101", Report(title="a leak", kind=Kind.REQUEST, village="V0101"), stream=stream)
        asked(one, "dispatcher", Merge(into="shared", basis=Basis.SAME_MATTER_OTHER_PERSON), stream="case:early")
        asked(other, "dispatcher", Unmerge(reason="another leak"), stream="case:early")
        asked(one, "dispatcher", Merge(into="early", basis=Basis.SAME_MATTER_OTHER_PERSON), stream="case:late")


def test_what_both_write_to_one_case_or_publish_at_once_is_decided_one_after_the_other(
    database_url: str, tmp_path: Path
) -> None:
    with (
        at_work(database_url, tmp_path / "one") as one,
        at_work(database_url, tmp_path / "other", background=False) as other,
        ThreadPoolExecutor(2) as hands,
    ):
        asked(one, "cadre:V0101", Report(title="a leak", kind=Kind.REQUEST, village="V0101"))
        notes = [hands.submit(asked, office, "cadre:V0101", TakeNote(text="seen")) for office in (one, other) * 5]
        assert sorted(note.result().state.version for note in notes) == [*range(2, 12)]
        for year, office in enumerate((one, other) * 3, 2031):
            known = published(office, year).state.working("cn").years
        assert known.keys() >= {*range(2031, 2037)}


def test_nothing_happens_before_what_another_process_has_written_down_whose_clock_is_ahead(
    database_url: str, tmp_path: Path
) -> None:
    with (
        at_work(database_url, tmp_path / "one") as one,
        at_work(database_url, tmp_path / "other", background=False) as behind,
    ):
        assert isinstance(one.clock, ManualClock)
        one.clock.set(at("03-03 09:00"))
        asked(one, "cadre:V0101", Report(title="a leak", kind=Kind.REQUEST, village="V0101"))
        assert behind.clock.now() < one.clock.now()
        accepted = asked(behind, "clerk:T01", Accept())
        assert (accepted.act.at, accepted.state.updated_at) == (at("03-03 09:00"), at("03-03 09:00"))


def test_who_subscribes_to_the_log_hears_what_is_there_and_then_what_comes(database_url: str, tmp_path: Path) -> None:
    with at_work(database_url, tmp_path / "one") as one:
        there = one.recorder.max_notification_id() or 0
        with one.recorder.subscribe(gt=there - 1) as log:
            assert next(log).id == there
            report = Report(title="a leak", kind=Kind.REQUEST, village="V0101")
            Timer(0.2, asked, (one, "cadre:V0101", report)).start()
            heard = next(log)
            assert (heard.id, heard.originator_id, heard.topic) == (there + 1, CASE, "case.reported")


def test_what_is_decided_while_one_learns_what_others_change_is_not_forgotten(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with at_work(database_url, tmp_path, background=False) as office:
        newer = office.recorder.newer

        def slowly(versions: Mapping[str, int]) -> dict[str, list[bytes]]:
            found = newer(versions)
            published(office, 2031)
            return found

        monkeypatch.setattr(office.recorder, "newer", slowly)
        office.ledger.refresh_reference()
        assert 2031 in office.ledger.calendars.working("cn").years


def test_a_failure_that_nobody_expected_does_not_end_learning_what_others_change(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        at_work(database_url, tmp_path / "one", background=False) as one,
        at_work(database_url, tmp_path / "other", background=False) as other,
    ):
        failed = Event()

        def fails_once() -> None:
            monkeypatch.undo()
            failed.set()
            raise RuntimeError("an event that only a newer service knows")

        monkeypatch.setattr(one.ledger, "refresh_reference", fails_once)
        assert failed.wait(10)
        published(other, 2031)
        until = monotonic() + 10
        while 2031 not in one.ledger.calendars.working("cn").years:
            assert monotonic() < until
            sleep(0.05)
