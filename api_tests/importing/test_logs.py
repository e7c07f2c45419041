"""A log of another system becomes history here, to the second; doing it again, or after an interruption, adds only what is
missing. The figures are those a bystander reckons.
"""

from __future__ import annotations

import asyncio
import csv
import gzip
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from xml.sax.saxutils import quoteattr

import pytest

from api_tests import bystander
from api_tests.client import Client, done, refused
from api_tests.inprocess import in_front_of, reopened
from service.importing import history
from service.importing.history import Imported, import_log
from service.importing.logs import NoLog, Trace
from service.importing.mapping import LogMapping
from service.office import Office
from service.settings import Settings
from service.terminal.importing_log import CATCHING_UP

MAPPING = Path(__file__).parents[2] / "docs" / "examples" / "bpic2013.toml"
STATES = ("In Progress", "In Progress", "Assigned", "Awaiting Assignment", "Wait", "Wait - User", "Resolved", "Closed")
GROUPS = ("G1", "G1", "G2", "S9", "G7 2nd", "G8 2nd", "Q1 3rd", 'Ü & "co" 3rd')
REAL = os.environ.get("SANJI_BPIC2013", "../shared/data/bpic2013_incidents.xes.gz")

Event = dict[str, str]


def invented(cases: int) -> dict[str, list[Event]]:
    """Incidents nobody had: every state, every tier, open and closed, reopened, some ending before they begin."""
    random = Random(cases)
    told: dict[str, list[Event]] = {}
    for number in range(cases):
        at = datetime(2012, 3, 1, tzinfo=UTC) + timedelta(minutes=random.randrange(50_000))
        events = []
        for _ in range(random.randrange(1, 12)):
            events.append(
                {
                    "time:timestamp": at.isoformat(),
                    "org:group": random.choice(GROUPS),
                    "lifecycle:transition": random.choice(STATES),
                    "product": f"PROD{number % 7}",
                    "impact": random.choice(("Low", "Medium", "High", "Major")),
                }
            )
            at += timedelta(seconds=random.choice((0, 1, 600, 90_000)))
        told[f"1-{number}"] = events
    return told


def as_xes(told: dict[str, list[Event]], path: Path) -> Path:
    traces = "".join(
        f'<trace><string key="concept:name" value={quoteattr(case)}/>'
        + "".join(
            "<event>"
            + "".join(f"<string key={quoteattr(name)} value={quoteattr(value)}/>" for name, value in event.items())
            + "</event>"
            for event in events
        )
        + "</trace>"
        for case, events in told.items()
    )
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.write(f'<?xml version="1.0"?><log xmlns="http://www.xes-standard.org/">{traces}</log>')
    return path


def as_csv(told: dict[str, list[Event]], path: Path) -> Path:
    """The same, all events in the order of time, whatever case they belong to."""
    rows = [{"concept:name": case, **event} for case, events in told.items() for event in events]
    rows.sort(key=lambda row: row["time:timestamp"])
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return path


@contextmanager
def today(url: str, folder: Path) -> Iterator[Office]:
    """The service as it is today, so that logs of 2012 lie in the past."""
    office = Office(Settings(data_dir=folder, database_url=url, auth="dev", clock="system"))
    office.open()
    try:
        yield office
    finally:
        office.close()


def taken(office: Office, path: Path) -> Imported:
    return import_log(office, path, LogMapping.read(MAPPING), lambda _: None)


async def figures(api: Client) -> dict[str, dict[str, int | None]]:
    """The same figures as the bystander's, from the service."""
    last = str((await api.get("/readyz")).json()["position"])
    groups = done(await api.get("/v1/response-times?group_by=tier", sanji_min_position=last))["items"]
    return {
        group["group"]: {
            **{name: group[name] for name in ("cases", "entries", "reopened")},
            **{name: group["hold"][name] for name in ("total_s", "net_total_s", "p50_s", "p90_s", "net_p50_s")},
        }
        for group in groups
    }


async def compared(office: Office, path: Path) -> None:
    async with in_front_of(reopened(office)) as api:
        assert await asyncio.to_thread(taken, office, path) is not None
        assert await office.viewed_up_to(office.recorder.max_notification_id() or 0, CATCHING_UP)
        assert await figures(api) == bystander.reckoned(path)


async def test_its_figures_are_those_a_bystander_reckons(database_url: str, tmp_path: Path) -> None:
    log = as_xes(invented(120), tmp_path / "log.xes.gz")
    with today(database_url, tmp_path) as office:
        await compared(office, log)


@pytest.mark.soak
async def test_the_figures_of_the_real_log_are_those_a_bystander_reckons(database_url: str, tmp_path: Path) -> None:
    assert Path(REAL).exists(), "SANJI_BPIC2013 says where the log lies"
    with today(database_url, tmp_path) as office:
        await compared(office, Path(REAL))


async def test_importing_again_or_in_another_form_changes_nothing(database_url: str, tmp_path: Path) -> None:
    told = invented(40)
    with today(database_url, tmp_path) as office:
        first = taken(office, as_xes(told, tmp_path / "log.xes.gz"))
        assert (first.cases, first.new, first.refused) == (40, 40, [])
        last = office.recorder.max_notification_id()
        for path in (tmp_path / "log.xes.gz", as_csv(told, tmp_path / "log.csv")):
            again = taken(office, path)
            assert (again.cases, again.new, again.events, again.refused) == (40, 0, 0, [])
        assert office.recorder.max_notification_id() == last


def test_times_without_an_offset_are_those_of_the_zone_the_mapping_names() -> None:
    mapping = LogMapping.read(MAPPING)
    away = mapping.model_copy(update={"event": mapping.event.model_copy(update={"zone": "Asia/Shanghai"})})
    assert away.instant({"time:timestamp": "2012-03-01T08:00:00"}) == datetime(2012, 3, 1, tzinfo=UTC)
    assert away.instant({"time:timestamp": "2012-03-01T08:00:00+00:00"}) == datetime(2012, 3, 1, 8, tzinfo=UTC)


async def test_a_log_sorted_by_time_gives_the_same_cases(database_url: str, tmp_path: Path) -> None:
    told = invented(40)
    with today(database_url, tmp_path) as office:
        taken(office, as_csv(told, tmp_path / "log.csv"))
        async with in_front_of(reopened(office)) as api:
            assert await figures(api) == bystander.reckoned(as_xes(told, tmp_path / "log.xes.gz"))


class PowerCut(Exception):
    pass


class Cut:
    """Writes some batches, and then there is no power any more."""

    def __init__(self, after: int) -> None:
        self._write = history._write
        self._left = after

    def __call__(self, office: Office, some: list[Trace], mapping: LogMapping, result: Imported) -> None:
        if not self._left:
            raise PowerCut
        self._left -= 1
        self._write(office, some, mapping, result)


async def test_an_interrupted_import_is_completed_by_the_next(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = as_xes(invented(40), tmp_path / "log.xes.gz")
    monkeypatch.setattr(history, "TOGETHER", 8)
    with today(database_url, tmp_path) as office:
        with monkeypatch.context() as cutting:
            cutting.setattr(history, "_write", Cut(after=3))
            with pytest.raises(PowerCut):
                taken(office, log)
        rest = taken(office, log)
        assert (rest.cases, rest.new) == (40, 16)
        async with in_front_of(reopened(office)) as api:
            assert await figures(api) == bystander.reckoned(log)


async def test_imported_history_is_marked_told_and_not_continued(database_url: str, tmp_path: Path) -> None:
    log = as_xes(invented(12), tmp_path / "log.xes.gz")
    with today(database_url, tmp_path) as office:
        taken(office, log)
        async with in_front_of(reopened(office)) as api:
            last = str((await api.get("/readyz")).json()["position"])
            items = done(await api.get("/v1/cases?limit=200", sanji_min_position=last))["items"]
            assert len(items) == 12
            for item in items:
                case = await api.case(item)
                assert case["imported"] == "bpic2013"
                assert (case["clocks"], case["next_actions"], case["accountable"]) == ([], [], None)
                assert case["status"] in ("resolved", "closed")
                refused(await api.post(f"/v1/cases/{case['id']}/note", {"text": "x"}, by="admin"), 403, "not_permitted")
                refused(
                    await api.post(f"/v1/cases/{case['id']}/note", {"text": "x"}, by="dispatcher"), 409, "wrong_status"
                )
                for event in await api.history(case):
                    assert event["at"] < event["recorded_at"]
                    assert "{" not in event["sentence"]
            for queue in ("/v1/me/queue", "/v1/units/D-MASSWORK/queue"):
                assert done(await api.get(queue, "dispatcher"))["items"] == []


FAULTS: tuple[tuple[Event, str], ...] = (
    ({"lifecycle:transition": "Lost"}, "Lost"),
    ({"time:timestamp": "yesterday"}, "no instant"),
    ({"time:timestamp": "0001-01-01T00:00:00+08:00"}, "no instant"),
    ({"time:timestamp": "2012-03-01T00:00:00"}, "no offset"),
    ({"org:group": ""}, "org:group"),
)
SPOILT = gzip.compress(b"concept:name\n1\n", mtime=0)[:10] + b"\xff" * 20
UNREADABLE = (
    ("no.txt", b"<log><trace>", "a log ends in"),
    ("no.xes", b"<log><trace>", "no element found"),
    ("no.xes", b'<?xml version="1.0" encoding="klingon"?><log/>', "unknown encoding"),
    ("no.xes", b'<?xml version="1.0" encoding="gb2312"?><log/>', "multi-byte"),
    ("no.xes.gz", b"<log><trace>", "gzipped"),
    ("no.xes.gz", SPOILT, "decompressing"),
    ("no.csv", b"<log><trace>", "column"),
    ("no.csv", b"concept:name\na\x00b\n", "NUL"),
    ("no.csv", b"concept:name\n1,more than there are columns\n", "org:group"),
)


def test_a_log_that_cannot_be_understood_is_refused_before_anything_is_written(
    standing_office: Office, tmp_path: Path
) -> None:
    last = standing_office.recorder.max_notification_id()
    for change, said in FAULTS:
        told = invented(5)
        told["1-4"][-1] |= change
        with pytest.raises(NoLog, match=said):
            taken(standing_office, as_xes(told, tmp_path / "log.xes.gz"))
    for name, content, said in UNREADABLE:
        (path := tmp_path / name).write_bytes(content)
        with pytest.raises(NoLog, match=said):
            taken(standing_office, path)
    assert standing_office.recorder.max_notification_id() == last
