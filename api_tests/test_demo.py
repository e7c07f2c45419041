"""The demonstration: what it holds, that it is filled once and wholly, and that what it prints can be pasted."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from multiprocessing.process import BaseProcess
from pathlib import Path
from time import monotonic

import pytest
from sqlalchemy import select

from api_tests.commands import sanji
from benchmarks.servers import free_port
from domain.case import Case
from domain.decider import Actor
from domain.duties import Quarter
from domain.org import Post, Role
from domain.streams import assessment_stream
from projections.cards.scorecards import cards
from projections.cases.case_file import case_file
from projections.duties.coverage import coverage
from projections.register.households import household_file
from projections.register.notices import notices
from service.demo.district import DISTRICT, SINCE, holder, home
from service.demo.filling import FACTS, Facts, fill, unfinished
from service.demo.opening import kept
from service.office import Office, view_position
from service.record.codec import to_line
from service.settings import Settings
from service.sign_in.identity import ADMIN

README = Path(__file__).parent.parent / "README.md"
FEW = 60
PATIENCE = 60.0
"""Seconds for filling and starting on a slow and busy machine."""

PROMISED = {
    "case.accepted",
    "case.assignment_disputed",
    "case.citizen_contacted",
    "case.closed",
    "case.declined",
    "case.dispute_rejected",
    "case.dispute_upheld",
    "case.escalated",
    "case.extension_granted",
    "case.feedback_recorded",
    "case.finalised",
    "case.identity_sealed",
    "case.information_requested",
    "case.joint_task_completed",
    "case.merged",
    "case.remanded",
    "case.reopened",
    "case.reported",
    "case.resolution_rejected",
    "case.resolved",
    "case.review_decided",
    "case.supervised",
    "case.suspended",
    "case.transferred",
    "case.urged",
    "case.withdrawn",
}
AT_HOME = {
    "household.benefit_granted",
    "household.benefit_overdue",
    "household.benefit_posted",
    "household.benefit_refused",
    "household.class_contested",
    "household.contest_decided",
    "household.pairing_handed_over",
    "programme.approved",
    "programme.case_joined",
    "programme.household_joined",
}
STANDING_NOW = {"reported", "assigned", "in_progress", "awaiting_information", "disputed", "suspended", "resolved"}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """A small one that ended on a Wednesday noon, as a program finds it afterwards."""
    folder = tmp_path_factory.mktemp("demo") / "demo"
    assert fill(folder, FEW, datetime(2026, 5, 20, 4, 0, tzinfo=UTC), lambda _: None).refused == 0
    office = Office(Settings(data_dir=folder, database_url="", auth="keys", clock="manual", host="127.0.0.1"))
    office.open(background=False)
    yield office
    office.close()


def lines(office: Office) -> list[tuple[int, str, datetime]]:
    read = office.recorder.select_notifications(1, 1_000_000)
    return [(one.id, one.topic, to_line(one.state).recorded_at) for one in read]


def cases(office: Office) -> list[Case]:
    read = office.recorder.select_notifications(1, 1_000_000, topics=["case.reported"])
    return [office.ledger.state(str(one.originator_id)) for one in read]


def test_it_holds_every_kind_of_turn_a_case_can_take(demo: Office) -> None:
    assert PROMISED - {topic for _, topic, _ in lines(demo)} == set()


def test_at_its_end_cases_stand_at_every_stage_some_of_them_late(demo: Office) -> None:
    standing = cases(demo)
    now = demo.clock.now()
    statuses = Counter(case.status for case in standing)
    late = [
        case
        for case in standing
        if case.open and any(clock.running and clock.due_at and clock.due_at <= now for clock in case.clocks)
    ]
    assert STANDING_NOW - statuses.keys() == set()
    assert len(late) >= 3
    assert any(case.sealed for case in standing)


def test_a_notice_hangs_in_the_village_at_its_end(demo: Office) -> None:
    now = demo.clock.now()
    [notice] = demo.read_now(lambda db: notices(db, now, None, limit=10, after=None)).items
    assert notice.ends > now


def test_most_citizens_are_satisfied_and_some_are_not(demo: Office) -> None:
    read = demo.recorder.select_notifications(1, 1_000_000, topics=["case.feedback_recorded"])
    said = Counter(to_line(one.state).data["satisfaction"] for one in read)
    assert said["satisfied"] > said["basically_satisfied"] > 0
    assert 0 < said["dissatisfied"] < said["satisfied"]


def test_households_of_every_class_are_helped_and_visited_and_their_needs_became_cases(demo: Office) -> None:
    with demo.engine.connect() as db:
        rows = db.execute(select(household_file)).mappings().all()
        cases = db.scalars(select(case_file.c.household).where(case_file.c.household.is_not(None))).all()
    assert {row["class"] for row in rows} == {"secure", "attention", "priority"}
    assert 0 < sum(row["unpaired"] for row in rows) < sum(row["helper"] is not None for row in rows)
    assert len(cases) == 6
    assert set(cases) <= {row["household_id"] for row in rows}


def test_after_a_flood_somebody_came_in_time_and_a_programme_was_approved(demo: Office) -> None:
    assert AT_HOME - {topic for _, topic, _ in lines(demo)} == set()
    act = demo.act(demo.org.actor(holder(Role.AUDITOR, DISTRICT), demo.clock.now()) or ADMIN)
    with demo.engine.connect() as db:
        disasters = coverage(db, act, Quarter(year=2026, number=2)).disasters
    assert [one.town_head.in_time for one in disasters] == [True, False]
    assert [one.district_leader.in_time for one in disasters] == [True, False]


def test_the_year_before_has_scorecards_with_duties_a_sample_and_an_appeal_that_was_upheld(demo: Office) -> None:
    act = demo.act(Actor(id="auditor", posts=(Post(unit=DISTRICT, role=Role.AUDITOR, since=SINCE),)))
    year = act.at.year - 1
    with demo.engine.connect() as db:
        found = {card.unit: card for card in cards(db, act, year, None, act.rules.policy.assessment)}
    town = found[home().town]
    appeal = demo.ledger.state(assessment_stream(town.unit, year)).appeals[1]
    assert (appeal.upheld, len(appeal.votes), town.findings.false_closures) == (True, 2, 0)
    assert sum(card.rates.solved.n > 0 for card in found.values()) == 5
    assert max(card.duty for card in found.values() if card.duty is not None) == 1
    assert town.sample.asked > town.sample.answered > 0
    assert not any(card.score.vetoed for card in found.values())


def test_it_was_recorded_in_the_order_of_time_and_the_views_show_all_of_it(demo: Office) -> None:
    recorded = [at for _, _, at in lines(demo)]
    assert recorded == sorted(recorded)
    assert demo.read_now(view_position) == lines(demo)[-1][0]
    assert not demo.follower.advance()


@pytest.mark.parametrize(
    "now",
    [
        "2026-12-31T23:59",
        pytest.param("2026-10-03T02:00", marks=pytest.mark.soak),
        pytest.param("2027-02-20T10:00", marks=pytest.mark.soak),
        pytest.param("2026-08-30T16:00", marks=pytest.mark.soak),
    ],
)
def test_nothing_is_refused_whenever_it_is_filled(now: str, tmp_path: Path) -> None:
    """On the edge of a year without a calendar, in a holiday, after that year, and on a Sunday."""
    assert fill(tmp_path / "demo", FEW, datetime.fromisoformat(f"{now}+08:00"), lambda _: None).refused == 0


class Started:
    """`sanji demo` as a newcomer starts it."""

    def __init__(self, folder: Path, port: int) -> None:
        self._said = folder / "said.txt"
        self._folder = folder
        self._port = port
        self._process = self._launch()

    def _launch(self) -> BaseProcess:
        own = {name: value for name, value in os.environ.items() if not name.startswith("SANJI_")}
        environment = {**own, "SANJI_DATA_DIR": str(self._folder / "data"), "SANJI_DATABASE_URL": "sqlite:////never"}
        self._said.write_bytes(b"")
        asked = ("--port", str(self._port), "--cases", str(FEW))
        return sanji("demo", *asked, environment=environment, out=self._said)

    def until(self, so: Callable[[], bool]) -> None:
        end = monotonic() + PATIENCE
        while not so():
            self._process.join(0.02)
            assert self._process.is_alive(), self.said()
            assert monotonic() < end, self.said()

    def ready(self) -> str:
        self.until(lambda: "Stop it with Ctrl-C" in self.said())
        return self.said()

    def said(self) -> str:
        return self._said.read_text("utf-8")

    def stop(self, by: signal.Signals = signal.SIGINT) -> int | None:
        if self._process.is_alive() and self._process.pid:
            os.kill(self._process.pid, by)
        self._process.join(PATIENCE)
        return self._process.exitcode


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[[int], Started]]:
    started: list[Started] = []

    def begin(port: int) -> Started:
        started.append(Started(tmp_path, port))
        return started[-1]

    yield begin
    for one in started:
        one.stop(signal.SIGKILL)


def test_what_it_prints_and_what_the_readme_tells_works_and_a_second_start_prints_the_same(
    start: Callable[[int], Started], tmp_path: Path
) -> None:
    """Though a filling was interrupted before: that is noticed, and done again."""
    port, folder = free_port(), tmp_path / "data" / "demo"
    interrupted = start(port)
    interrupted.until((unfinished(folder) / "sanji.db").exists)
    interrupted.stop(signal.SIGKILL)
    assert not folder.exists()
    first = start(port)
    screen = first.ready()
    assert "beginning anew" in screen
    assert not unfinished(folder).exists()
    can_be_pasted(screen)
    works_for_newcomers(port, tmp_path)
    assert first.stop() == 0
    facts = folder / FACTS
    written = facts.stat().st_mtime_ns
    second = start(port)
    assert second.ready() == screen[screen.index("\nSanji") :]
    assert facts.stat().st_mtime_ns == written
    assert facts.stat().st_mode & 0o077 == 0


def can_be_pasted(screen: str) -> None:
    report, queue, history = [
        json.loads(subprocess.run(["sh", "-c", line], capture_output=True, check=True, timeout=30).stdout)
        for line in screen.splitlines()
        if line.startswith("curl ")
    ]
    assert report["status"] == "reported"
    assert report["query_code"]
    assert queue["counts"]["overdue"] > 0
    assert "case.dispute_rejected" in [item["type"] for item in history["items"]]


def commands_of_the_readme(port: int) -> str:
    """Its blocks for the shell, but for the first, in one, on our port."""
    blocks = re.findall(r"```sh\n(.*?)```", README.read_text("utf-8"), re.DOTALL)
    commands = "\n".join(block for block in blocks if "git clone" not in block)
    return commands.replace("127.0.0.1:8000", f"127.0.0.1:{port}")


def works_for_newcomers(port: int, folder: Path) -> None:
    shell = ["sh", "-euc", commands_of_the_readme(port)]
    done = subprocess.run(shell, cwd=folder, capture_output=True, text=True, timeout=60, check=True)
    assert "Traceback" not in done.stderr
    assert done.stdout.count('"code":') == done.stdout.count('"code":"version_conflict"') == 1
    assert "201 Created" in done.stdout
    assert "已登记" in done.stdout
    assert "('town', 'town_head:610902130', 'running')" in done.stdout
    assert "('district', 'district_leader:dept-mass-work', 'breached')" in done.stdout


def test_what_another_version_made_is_made_again(
    demo: Office, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "demo"
    shutil.copytree(demo.settings.data_dir, folder)
    settings = demo.settings.model_copy(update={"data_dir": folder})
    facts = Facts.of(folder)
    assert kept(settings, fresh=False) == facts, "control"
    replace(facts, shape="0" * len(facts.shape)).write(folder)
    assert kept(settings, fresh=False) is None
    assert "Another version" in capsys.readouterr().out
    assert not folder.exists()


def test_where_its_port_is_taken_it_takes_the_next_and_says_so(
    demo: Office, start: Callable[[int], Started], tmp_path: Path
) -> None:
    shutil.copytree(demo.settings.data_dir, tmp_path / "data" / "demo")
    with closing(socket.create_server(("127.0.0.1", 0))) as other:
        taken = other.getsockname()[1]
        assert f"Port {taken} is taken" in start(taken).ready()
