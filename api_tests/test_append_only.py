"""The log is only ever added to: the service's own access cannot change a line, and every line knows the one before it."""

from hashlib import sha256
from itertools import product
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import exc, make_url, text

from api_tests.client import Client
from api_tests.databases import PostgresServer, found_district
from api_tests.district import DONE, SOLVED
from api_tests.inprocess import at_work, in_front_of, reopened
from service.keeping.shares import built
from service.office import Office
from service.record.codec import to_line

pytestmark = pytest.mark.both

INSERTED = "INTO events (position, stream, version, topic, state) VALUES (1, 'org', 1, 'x', 'x')"

CHANGES: dict[str, dict[str, str]] = {
    "both": {
        "update": "UPDATE events SET state = 'x' WHERE position = 1",
        "delete": "DELETE FROM events WHERE position = 1",
        "delete all": "DELETE FROM events",
        "second line at one position": f"INSERT {INSERTED}",
    },
    "sqlite": {
        "replace": f"REPLACE {INSERTED}",
        "insert or replace": f"INSERT OR REPLACE {INSERTED}",
        "update or replace": "UPDATE OR REPLACE events SET position = 1 WHERE position = 2",
    },
    "postgresql": {
        "truncate": "TRUNCATE events",
        "update without rows": "UPDATE events SET version = version WHERE position < 0",
        "upsert": f"INSERT {INSERTED} ON CONFLICT (position) DO UPDATE SET state = 'x'",
        "merge": "MERGE INTO events USING (SELECT 1 AS n) s ON position = n WHEN MATCHED THEN DELETE",
    },
}

REFUSED = {
    "update": "UPDATE {0} SET state = 'x'",
    "delete": "DELETE FROM {0}",
    "truncate": "TRUNCATE {0}",
    "drop": "DROP TABLE {0}",
    "drop trigger": "DROP TRIGGER {0}_append_only ON {0}",
    "another function": "CREATE OR REPLACE FUNCTION sanji_append_only() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN END'",
}
SCRIPT = Path(__file__).parent.parent / "docs" / "examples" / "append_only.sql"


@pytest.fixture
def lines(standing_office: Office) -> list[bytes]:
    return stored(standing_office)


def stored(office: Office) -> list[bytes]:
    return [line.state for line in office.recorder.select_notifications(None, 10_000)]


async def test_no_line_can_be_changed_or_taken_away(standing_office: Office, lines: list[bytes]) -> None:
    assert lines
    own = CHANGES["both"] | CHANGES[standing_office.engine.dialect.name]
    for name, change in own.items():
        with pytest.raises(exc.DBAPIError), standing_office.engine.begin() as db:
            db.execute(text(change))
        assert stored(standing_office) == lines, name


async def test_every_line_has_the_hash_of_the_one_before_it_in_its_stream(api: Client, office: Office) -> None:
    case = await api.report(village="V0101")
    await api.report(by="citizen:2")
    await api.ask(case, "accept", by="clerk:T01")
    await api.ask(case, "assign", by="clerk:T01", unit="T01")
    await api.set_clock("2025-03-20 09:00")
    await api.ask(case, "resolve", by="officer:D-MASSWORK", **DONE)
    await api.ask(case, "feedback", by="follow-up", **SOLVED)
    before: dict[str, str] = {}
    for state in stored(office):
        line = to_line(state)
        assert line.previous == before.get(line.stream, "")
        before[line.stream] = sha256(state).hexdigest()
    told = await api.history(case)
    assert told[-1]["hash"] == before[f"case:{case['id']}"]


async def test_a_role_that_may_only_add_to_the_logs_is_enough(postgresql: PostgresServer, tmp_path: Path) -> None:
    """Who has the service's own password cannot even take away what refuses changes."""
    url = make_url(postgresql.empty())
    with psycopg.connect(postgresql.uri("postgres"), autocommit=True) as db:
        db.execute("CREATE ROLE sanji LOGIN PASSWORD 'sanji'")
        db.execute(f"ALTER DATABASE {url.database} OWNER TO sanji".encode())
    own = url.set(username="sanji", password="sanji").render_as_string(hide_password=False)
    found_district(own, tmp_path / "founding")
    with psycopg.connect(postgresql.uri(str(url.database)), autocommit=True) as db:
        db.execute(SCRIPT.read_bytes())
    with at_work(own, tmp_path) as office:
        async with in_front_of(reopened(office)) as http:
            case = await http.report(village="V0101")
            assert (await http.case(case, by="auditor"))["id"] == case["id"]
        assert built(own, [], lambda *_: None) == office.recorder.max_notification_id()
        lines = stored(office)
        for table, (kind, change) in product(("events", "access_log"), REFUSED.items()):
            with pytest.raises(exc.ProgrammingError) as refused, office.engine.begin() as db:
                db.execute(text(change.format(table)))
            assert isinstance(refused.value.orig, psycopg.errors.InsufficientPrivilege), (table, kind)
        assert stored(office) == lines
