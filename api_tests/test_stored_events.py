"""Every line ever stored can still be read: one of each shape lies in domain/tests/stored, and stays as it is."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest
from eventsourcing.persistence import StoredEvent

from domain.case.oversight import TakeNote
from domain.case.past import PAST
from service.office import Office
from service.record.codec import NAMES, UnknownEvent, to_line, to_recorded
from service.record.orders import Order
from service.settings import Settings
from service.sign_in.identity import ADMIN

STORED = Path(__file__).parent.parent / "domain" / "tests" / "stored"
LINES = {path.stem: path.read_bytes().rstrip(b"\n") for path in sorted(STORED.glob("*.json"))}


def contains(now: Any, then: Any) -> bool:
    """Whether all that was stored is still there; fields that came later have their defaults."""
    if isinstance(then, dict):
        return isinstance(now, dict) and all(contains(now.get(name), value) for name, value in then.items())
    if isinstance(then, list):
        return isinstance(now, list) and len(now) == len(then) and all(map(contains, now, then))
    return bool(now == then)


def test_one_line_of_every_shape_is_kept() -> None:
    assert set(LINES) >= set(NAMES)


AT_ONCE = """
import sys, threading
from service.record.codec import to_recorded
from api_tests.test_stored_events import LINES
sys.setswitchinterval(1e-6)
together = threading.Barrier(8)

def read():
    for line in LINES.values():
        together.wait()
        to_recorded(line)

readers = [threading.Thread(target=read) for _ in range(8)]
[one.start() for one in readers], [one.join() for one in readers]
"""


def test_many_threads_may_be_the_first_to_read() -> None:
    """It ended the process once: every request of a server that has just started may be the first."""
    read = subprocess.run([sys.executable, "-c", AT_ONCE], cwd=STORED.parents[2], timeout=60, check=False)
    assert read.returncode == 0


@pytest.mark.parametrize("name", LINES)
def test_a_stored_line_says_today_what_it_said_then(name: str) -> None:
    line, recorded = to_line(LINES[name]), to_recorded(LINES[name])
    if name in PAST:
        assert type(recorded.event) is NAMES[PAST[name][0]]
    else:
        assert contains(msgspec.json.decode(msgspec.json.encode(recorded.event)), line.data)
    assert (recorded.stream, recorded.version, recorded.by) == (line.stream, line.version, line.by)


def test_an_event_of_a_newer_version_of_the_service_is_not_guessed_at() -> None:
    newer = LINES["case.noted"].replace(b'"case.noted"', b'"case.sung_about"')
    with pytest.raises(UnknownEvent):
        to_recorded(newer)


def test_nothing_is_written_after_an_event_of_a_newer_version(tmp_path: Path) -> None:
    office = Office(Settings(data_dir=tmp_path, auth="dev")).open(background=False)
    try:
        newer = (
            LINES["case.noted"].replace(b'"case.noted"', b'"case.sung_about"').replace(b'"version":2', b'"version":1')
        )
        stream = to_line(newer).stream
        [position] = office.recorder.insert_events([StoredEvent(stream, 1, "case.sung_about", newer)])
        with pytest.raises(UnknownEvent):
            office.clerk.settle_now(Order(stream=stream, command=TakeNote(text="too"), by=ADMIN))
        assert office.recorder.max_notification_id() == position
    finally:
        office.close()
