"""An import is a job: who may begin and see one, what is left of its file, and how it goes on after a crash."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from threading import Barrier, Lock

import pytest
from sqlalchemy import select, update

from api_tests.client import Client, done, refused
from api_tests.district import POSTS, Json, organisation
from api_tests.importing.files import CLERK, counts, ended, imported, lines, said, sent, table
from api_tests.server import Server
from domain.org import Role
from service.importing import importer, reports
from service.importing.jobs import begin, job_fingerprint
from service.importing.reports import Errand
from service.office import Office
from service.record.ids import new_id
from service.settings import Settings
from service.sign_in.keys import find_key, make_key, revoke_key
from service.storage.database import writing
from service.storage.tables import events, jobs
from service.terminal import importing_reports
from service.terminal.importing_reports import import_reports

SOON = 20.0
"""Seconds that a busy machine may take."""


async def test_the_same_key_is_the_same_job(api: Client) -> None:
    content = table("title,kind", "One,request")
    first = done(await sent(api, content, key="one"), 202)
    again = await sent(api, content, key="one")
    assert (again.json()["id"], again.headers["idempotency-replayed"]) == (first["id"], "true")
    refused(await sent(api, content + b"\r\n", key="one"), 422, "idempotency_key_reused")
    refused(await sent(api, content, key="one", dry_run=True), 422, "idempotency_key_reused")
    refused(await api.send("POST", "/v1/imports", by="admin", files={"file": content}), 400, "idempotency_key_missing")


@pytest.mark.parametrize("databases", ["postgresql"], indirect=True)
async def test_the_same_key_twice_at_once_is_the_same_job(api: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """On SQLite one writer waits for the other before it looks."""
    content, both = table("title,kind", "One,request"), Barrier(2)

    def together(now: datetime) -> str:
        both.wait(SOON)
        return new_id(now)

    monkeypatch.setattr("service.importing.jobs.new_id", together)
    one, other = await asyncio.gather(*(sent(api, content, key="one") for _ in range(2)))
    assert done(one, 202)["id"] == done(other, 202)["id"]


async def test_what_another_job_imported_while_this_one_waited_was_there_before(
    api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = table("title,kind", "One,request", "Two,request")
    with monkeypatch.context() as waiting:
        waiting.setattr(importer.Importer, "_next", lambda _: False)
        both = [done(await sent(api, content), 202) for _ in range(2)]
    told = [counts(await ended(api, job)) for job in both]
    assert sorted(told) == [("done", 2, 0, 2, 0), ("done", 2, 2, 0, 0)]


async def test_clerks_import_for_their_own_town_integrators_and_administrators_for_all(api: Client) -> None:
    content = table("title,kind,village", "Mine,request,V0101", "Theirs,request,V0201", "Nowhere,request,")
    job = await imported(api, content, CLERK)
    assert (counts(job), said(job)) == (("done", 3, 1, 0, 2), {3: ["village"], 4: ["village"]})
    for by in ("citizen:1", "head:T01", "auditor", "dispatcher"):
        refused(await sent(api, content, by), 403, "not_permitted")
    refused(await api.send("POST", "/v1/imports", by=None, headers={"Idempotency-Key": "x"}), 401, "unauthenticated")


async def test_a_job_is_seen_by_who_began_it_and_by_administrators(api: Client) -> None:
    content = table("title,kind,village", "One,request,V0101")
    mine = done(await sent(api, content, CLERK), 202)
    await api.set_clock("2025-03-03 08:01")
    theirs = done(await sent(api, content + b"\n", "clerk:T02"), 202)
    refused(await api.get(f"/v1/jobs/{theirs['id']}", CLERK), 404, "not_found")
    refused(await api.get("/v1/jobs/nothing", CLERK), 404, "not_found")
    done(await api.get(f"/v1/jobs/{mine['id']}", "admin"))
    assert [one["id"] for one in done(await api.get("/v1/jobs", CLERK))["items"]] == [mine["id"]]
    page = done(await api.get("/v1/jobs?limit=1", "admin"))
    assert [one["id"] for one in page["items"]] == [theirs["id"]]
    rest = done(await api.get(f"/v1/jobs?limit=1&cursor={page['next']}", "admin"))
    assert ([one["id"] for one in rest["items"]], rest["next"]) == ([mine["id"]], None)


async def test_nothing_of_a_file_outlives_its_job_but_what_was_reported(
    api: Client, office: Office, capfd: pytest.CaptureFixture[str]
) -> None:
    content = table(
        "title,kind,petitioner.name,petitioner.phone", "x,request,Canary,13900000001", "y,no,Canary,1390000"
    )
    done(await sent(api, content, key="canary"), 202)
    [job] = done(await api.get("/v1/jobs", "admin"))["items"]
    await ended(api, job)
    with office.engine.connect() as db:
        row = db.execute(select(jobs)).one()
        states = [bytes(state) for state in db.execute(select(events.c.state)).scalars()]
    assert row.content is None
    assert "Canary" not in str(row)
    assert not any(b"Canary" in state or b"1390000" in state for state in states)
    assert "Canary" not in "".join(capfd.readouterr())
    if office.engine.dialect.name == "sqlite":
        path = Path(office.engine.url.database or "")
        assert not any(b"Canary" in beside.read_bytes() for beside in path.parent.glob(f"{path.name}*"))


async def test_whoever_has_ten_files_waiting_sends_no_more(api: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importer.Importer, "_next", lambda _: False)
    for number in range(10):
        done(await sent(api, table("title,kind", f"{number},request")), 202)
    refused(await sent(api, table("title,kind", "x,request")), 409, "limit_reached")
    done(await sent(api, table("title,kind,village", "x,request,V0101"), CLERK), 202)


async def test_a_job_that_is_interrupted_again_and_again_without_a_step_forward_is_given_up(
    api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise TimeoutError

    monkeypatch.setattr(importer, "PATIENCE", 0.01)
    monkeypatch.setattr(importer, "report_all", interrupted)
    job = await imported(api, table("title,kind", "One,request"))
    assert (job["state"], list(said(job))) == ("failed", [0])


async def test_it_goes_no_further_once_the_key_it_was_sent_with_is_taken_back(
    api: Client, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    with writing(office.engine).begin() as db:
        key = make_key(db, office.seals, Role.INTEGRATOR, office.clock.now())
        found = find_key(db, office.seals, key)
    assert found is not None
    actor = found.actor(office.org, office.clock.now())
    assert actor is not None
    content = lines(*({"title": f"Case {number}", "kind": "request"} for number in range(200)))
    monkeypatch.setattr(reports, "TOGETHER", 100)

    def taken_back(*_: object) -> None:
        with writing(office.engine).begin() as db:
            revoke_key(db, key, office.clock.now())

    monkeypatch.setattr(reports._Step, "take", then(reports._Step.take, taken_back))
    errand = Errand(content=content, form="jsonl", by=actor, key=found.id, dry_run=False)
    fingerprint = job_fingerprint(office.seals, content, False)
    begun, _ = begin(office.engine, office.seals, errand, office.clock.now(), command="c" * 64, fingerprint=fingerprint)
    office.importer.call()
    job = await ended(api, {"id": begun.id})
    assert (job["state"], job["read"], list(said(job))) == ("failed", 100, [0])


async def test_nor_once_its_sender_has_left_the_post_by_which_he_imports(
    api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as waiting:
        waiting.setattr(importer.Importer, "_next", lambda _: False)
        job = done(await sent(api, table("title,kind,village", "One,request,V0101"), CLERK), 202)
        others = organisation(posts=[post for post in POSTS if post[0] != CLERK])
        done(await api.send("PUT", "/v1/org", by="admin", body=others))
        await api.set_clock("2025-03-04 09:00")
    assert counts(await ended(api, job))[0] == "failed"


async def test_nobody_who_writes_to_the_database_has_a_file_reported_in_anothers_name(
    api: Client, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = table("title,kind,village", "One,request,V0101")
    next_one, at_rest = importer.Importer._next, Lock()

    def unless_told_to_wait(self: importer.Importer) -> bool:
        with at_rest:
            return next_one(self)

    monkeypatch.setattr(importer.Importer, "_next", unless_told_to_wait)
    for change in ({"by": "admin"}, {"posts": b"[]"}, {"key": "f" * 12}, {"dry_run": False}):
        with at_rest:
            job = done(await sent(api, content, CLERK, dry_run=True), 202)
            with writing(office.engine).begin() as db:
                db.execute(update(jobs).where(jobs.c.id == job["id"]).values(**change))
        told = await ended(api, job)
        assert (told["state"], told["read"]) == ("failed", 0), change


def then(first: Callable[..., None], second: Callable[..., None]) -> Callable[..., None]:
    def both(*args: object) -> None:
        first(*args)
        second()

    return both


@pytest.mark.parametrize("kills", [1, pytest.param(5, marks=pytest.mark.soak)])
async def test_killed_in_the_middle_it_goes_on_and_each_row_is_there_once(
    database_url: str, serve: Callable[..., Server], kills: int
) -> None:
    rows = 600 * kills
    content = lines(*({"title": f"Case {number}", "kind": "request"} for number in range(rows)))
    server = serve(database_url, SANJI_CLOCK="manual")
    async with server.http() as http:
        api = Client(http)
        job = done(await sent(api, content), 202)
        for _ in range(kills):
            far = done(await api.get(f"/v1/jobs/{job['id']}", "admin"))["read"]
            while done(await api.get(f"/v1/jobs/{job['id']}", "admin"))["read"] in (far, 0):
                await asyncio.sleep(0.01)
            server.kill()
            await asyncio.to_thread(server.start)
        job = await ended(api, job)
        assert counts(job) == ("done", rows, rows, 0, 0)
        listed: list[Json] = []
        query: Json = {"limit": 200, "min_position": (await api.get("/readyz")).json()["position"]}
        while True:
            page = done(await api.send("GET", "/v1/cases", by="auditor", params=query))
            listed += page["items"]
            if page["next"] is None:
                break
            query["cursor"] = page["next"]
    assert sorted(one["title"] for one in listed) == sorted(f"Case {number}" for number in range(rows))
    assert "Case 1" not in server.logged()


def test_from_the_terminal_the_same_is_imported_once(
    database_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing_reports, "log_as_json", lambda *_: None)  # the log is that of all tests
    file = tmp_path / "reports.csv"
    file.write_bytes(table("标题,事项类型", "One,群众诉求", "Two,Canary"))
    settings = Settings(database_url=database_url, data_dir=tmp_path)
    told = []
    for dry_run in (True, False, False):
        assert import_reports(settings, file, dry_run=dry_run) == 1
        told.append(capsys.readouterr().out)
    assert [line for one in told for line in one.splitlines() if "rows:" in line] == [
        "2 rows: 1 would become cases, 0 were there already, 1 were refused.",
        "2 rows: 1 became cases, 0 were there already, 1 were refused.",
        "2 rows: 0 became cases, 1 were there already, 1 were refused.",
    ]
    assert "row 3: kind: " in told[0]
    assert "Canary" not in "".join(told)
    file.write_bytes(b"PK")
    assert import_reports(settings, file, dry_run=False) == 1
    said = capsys.readouterr()
    assert (said.out, "CSV, XLSX or JSON lines" in said.err) == ("", True)
