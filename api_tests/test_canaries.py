"""What a petitioner says of himself, or a household at its table, is found nowhere: not in an answer, a view, a log, a measure, nor on the disk."""

import re
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from io import BytesIO
from pathlib import Path
from secrets import token_hex
from zipfile import ZipFile

import psycopg
import pytest
from sqlalchemy import column, exc, insert, make_url, table

from api_tests.client import Client, new_key
from api_tests.databases import Databases
from api_tests.district import DONE, OFFICIALS, POSTS, SOLVED, Json, instant, report
from api_tests.operations import OPEN, OPEN311_READS, READS
from api_tests.server import Server
from domain.streams import case_stream
from service.audit.erasing import persons_in
from service.audit.verifying import LOGS, verify
from service.office import Office
from service.settings import Settings
from service.storage.database import open_database

PERSONAL = {
    "name": "CanaryName",
    "phone": "CanaryPhone",
    "id_number": "CanaryNumber",
    "address": "CanaryStreet",
    "note": "CanarySorrow",
}
SEALED_AT_HOME = {
    "head": "CanaryHead",
    "street": "CanaryLane",
    "member": "CanarySon",
    "met": "CanaryMet",
    "notes": "CanaryIllness",
    "answer": "CanaryNeed",
    "reason": "CanaryReason",
    "seen": "CanarySeen",
}
"""What is told in a household, and on a visit to somebody one must visit."""
SPOKEN = "CanaryTitle"
"""Said aloud in the title of every report: what finds the others would find this, too."""

REPORTS = (
    ("clerk:T01", "open"),
    ("citizen:1", "sealed"),
    ("cadre:V0101", "identity_hidden"),
)


@pytest.fixture
def server(database_url: str, serve: Callable[..., Server]) -> Server:
    return serve(database_url, SANJI_CLOCK="manual")


async def told(api: Client) -> list[Json]:
    """Cases of every sort, with petitioners who have told all about themselves, on their whole road."""
    await api.set_clock("2025-03-03 09:00")
    cases = []
    for by, confidentiality in REPORTS:
        body = report(title=SPOKEN, village="V0101", confidentiality=confidentiality, petitioner=PERSONAL)
        key = new_key()
        for _ in range(2):
            answer = await api.post("/v1/cases", body, by=by, key=key)
            assert answer.status_code == 201
            unheard(answer.text, PERSONAL)
        cases.append(answer.json())
    for case in cases:
        by = "dispatcher"
        await api.ask(case, "accept", by=by)
        sealed = case["confidentiality"] == "sealed"
        await api.ask(case, "assign", by=by, unit="D-MASSWORK" if sealed else "T01")
    await api.set_clock("2025-04-03 09:00")
    for case in cases:
        await api.post(f"/v1/cases/{case['id']}/resolve", DONE, by="officer:D-MASSWORK")
        await api.post(f"/v1/cases/{case['id']}/feedback", SOLVED, by="follow-up")
    return cases


async def told_at_home(api: Client) -> None:
    """Everything that is said in a household, by those who may, and read again by them."""
    said = SEALED_AT_HOME
    home = {"id": "HH-1", "village": "V0101", "head": said["head"], "address": said["street"]}
    member = {"member": "m-1", "relation": "son", "name": said["member"]}
    poor = {"members": 4, "income_per_head": 3400}
    visit = {
        "met": [said["met"]],
        "notes": said["notes"],
        "needs": [{"title": said["answer"], "answer": said["answer"]}],
    }
    reason = {"reason": said["reason"]}
    override = {"to": "attention", "minutes": "no. 7"}
    flag = {"target": "veteran-1", "kind": "veteran_party_member", "village": "V0101"}
    seen = {"target": "veteran-1", "duty": "must_visit", "notes": said["seen"]}
    asked: list[tuple[str, str, Json]] = [
        ("households", "cadre:V0101", home),
        ("households/HH-1/join-member", "cadre:V0101", member),
        ("households/HH-1/record-facts", "cadre:V0101", poor),
        ("households/HH-1/start-pairing", "head:T01", {"helper": "cadre:V0101"}),
        ("households/HH-1/record-visit", "cadre:V0101", visit),
        ("households/HH-1/contest", "cadre:V0101", reason),
        ("households/HH-1/decide-contest", "head:T01", {"upheld": False, **reason}),
        ("households/HH-1/override-class", "head:V0101", {**override, **reason}),
        ("households/HH-1/sign-override", "head:T01", override),
        ("households/HH-1/end-pairing", "head:T01", reason),
        ("households/HH-1/leave-member", "cadre:V0101", {"member": "m-1", **reason}),
        ("duties/targets", "clerk:T01", flag),
        ("duties/visits", "clerk:T01", seen),
    ]
    for path, by, body in asked:
        answer = await api.post(f"/v1/{path}", body, by=by)
        assert answer.is_success, (path, answer.text)
        unheard(answer.text, said)
    for path in ("", "/history", "?version=7"):
        for by in OFFICIALS:
            unheard((await api.get(f"/v1/households/HH-1{path}", by)).text, said)
    read = await api.post("/v1/households/HH-1/disclose-identity", {"purpose": "to call"}, by="cadre:V0101")
    assert not {*said.values()} - {said["member"], said["seen"]} - {word for word in said.values() if word in read.text}


async def refused_with_canaries(api: Client) -> None:
    """Reports that are not taken are not kept either, nor is what was wrong with them."""
    for field in PERSONAL:
        for wrong in (["CanaryName"], {"CanaryPhone": "CanaryStreet"}, "CanaryNumber" * 500):
            answer = await api.post("/v1/cases", report(petitioner={**PERSONAL, field: wrong}), by="citizen:1")
            assert answer.status_code in (413, 422)
            unheard(answer.text, PERSONAL)
    await api.post("/v1/cases", report(petitioner=PERSONAL), by="citizen:1", if_match='"7"')
    await api.get("/v1/cases?q=CanaryName")
    await api.get("/v1/track/CanaryPhone")
    await api.get("/CanaryStreet")
    await api.get("/v1/me", by="CanaryNumber")


def unheard(text: str, canaries: dict[str, str]) -> None:
    heard = text.lower()
    assert not [one for one in canaries.values() if one.lower() in heard]


@pytest.mark.both
async def test_nobody_hears_sees_or_finds_what_a_petitioner_said_of_himself(
    server: Server, databases: Databases, database_url: str, tmp_path: Path
) -> None:
    async with server.http() as http:
        api = Client(http)
        cases = await told(api)
        await told_at_home(api)
        await refused_with_canaries(api)
        heard = [text async for text in everything(api, cases, ASKED[databases.name], share=2)]
    assert sum(SPOKEN in text for text in heard) > 10 * len(cases)
    for text in heard:
        unheard(text, PERSONAL | SEALED_AT_HOME)
    server.stop()
    unheard(server.logged(), PERSONAL | SEALED_AT_HOME | {"title": SPOKEN})
    places = list(kept(databases, database_url, tmp_path))
    assert found(SPOKEN, places), "the search finds what lies there in clear"
    sealed = [*PERSONAL.values(), *SEALED_AT_HOME.values()]
    assert [found(canary, places) for canary in sealed] == [[]] * len(sealed)


async def test_a_deadline_that_is_stuck_is_logged_without_the_words_of_its_case(
    api: Client, office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    """Here because the view that told of it stands still."""
    case = await api.report(title=SPOKEN, village="V0101")
    office.background.stop()
    office.background.follower.catch_up()
    for _ in range(2):
        office.background.timekeeper.lapse(instant("2025-03-10 09:00"))
    [line] = [vars(record) for record in caplog.records if record.message == "a deadline could not lapse"]
    assert (line["stream"], line["outcome"]) == (case_stream(case["id"]), "Receipt")
    unheard(str(line), {"title": SPOKEN})


@pytest.mark.both
def test_a_statement_that_fails_is_told_without_what_it_was_to_store(database_url: str) -> None:
    engine = open_database(database_url, pool=1)
    with pytest.raises(exc.DBAPIError) as failed, engine.begin() as db:
        db.execute(insert(table("nowhere", column("said"))).values(said=SPOKEN))
    engine.dispose()
    unheard(str(failed.value), {"title": SPOKEN})


@pytest.mark.soak
async def test_a_thousand_petitioners_are_found_nowhere_and_once_erased_by_nobody(
    server: Server, databases: Databases, database_url: str, tmp_path: Path
) -> None:
    canaries = tmp_path.parent / f"{tmp_path.name}-canaries"
    words: list[str] = []
    async with server.http() as http:
        api = Client(http)
        await api.set_clock("2025-03-03 09:00")
        cases = []
        for number in range(1000):
            personal = {field: f"Canary{field[0]}{token_hex(6)}" for field in PERSONAL}
            words += personal.values()
            by, confidentiality = REPORTS[number % len(REPORTS)]
            asked = {"village": "V0101", "confidentiality": confidentiality, "petitioner": personal}
            cases.append(await api.report(by=by, title=SPOKEN, **asked))
        await api.set_clock("2025-04-03 09:00")
        heard = [text async for text in everything(api, cases[:5])]
        read = [await disclosed(api, case) for case in cases]
        assert sum(any(word in text for word in words) for text in read) == len(cases), "the control: who may, reads"
        canaries.write_text("\n".join(words))
        assert unheard_of(heard, words)
    server.stop()
    assert unheard_of([server.logged()], words)
    places = list(kept(databases, database_url, tmp_path))
    assert found(SPOKEN, places)
    assert found_any(canaries, places) == []
    office = Office(Settings(data_dir=tmp_path, database_url=database_url, auth="dev")).open(background=False)
    try:
        persons = [one for case in cases for one in persons_in(office.recorder, case_stream(case["id"]))]
        for person in persons:
            office.erasures.erase(person, "asked for it")
        office.notary.follow()
    finally:
        office.close()
    assert all(one.true for one in verify(office.settings, None, list(LOGS.values()), [], None))
    server.start()
    async with server.http() as http:
        api = Client(http)
        gone = [await disclosed(api, case) for case in cases]
        assert unheard_of(gone, words)
        assert all('"erased":true' in text for text in gone)
        assert unheard_of([text async for text in everything(api, cases[:5])], words)


async def disclosed(api: Client, case: Json) -> str:
    """Whoever may read the petitioner of that case, reads."""
    for by in ("follow-up", "officer:D-MASSWORK", "discipline"):
        answer = await api.post(f"/v1/cases/{case['id']}/disclose-identity", {"purpose": "to call back"}, by=by)
        if answer.status_code == 200:
            return answer.text
    return ""


def unheard_of(texts: list[str], words: list[str]) -> bool:
    """Whether none of these words is in any text."""
    said = {word for text in texts for word in re.findall(r"Canary[a-z][0-9a-f]{12}", text)}
    return said.isdisjoint(words)


def found_any(words: Path, places: list[Path]) -> list[str]:
    """The files that hold any of these words, one a line."""
    search = subprocess.run(
        ["grep", "-rlaF", "-f", str(words), *map(str, places)], capture_output=True, text=True, check=False
    )
    assert search.returncode in (0, 1), search.stderr
    return search.stdout.splitlines()


ONE_OF_EACH = tuple({role: who for who, _, role in POSTS}.values())
"""Somebody for each role; the long test asks everybody."""
ASKED = {"sqlite": ONE_OF_EACH, "postgresql": ("auditor", "head:T01", "cadre:V0101")}
"""Who is asked where. On PostgreSQL the question is what lies in its files; the long test asks everybody there, too."""


async def everything(
    api: Client, cases: list[Json], officials: tuple[str, ...] = OFFICIALS, share: int = 1
) -> AsyncIterator[str]:
    """All that anybody is answered by any question; or of all questions each so manieth, by turns, to everybody."""
    people = (*officials, "admin", "citizen:1", "citizen:2")
    asked = (*READS, *OPEN311_READS)
    general = [one.address for one in asked if "{case_id}" not in one.path and one.path not in OPEN]
    particular = [
        f"/v1/cases/{case['id']}{more}"
        for case in cases
        for more in ("", "/history", "?version=1", "/diff", "/explain", "/dossier")
    ]
    particular += [f"/open311/v2/requests/{case['id']}.xml" for case in cases]
    pages = [
        "/",
        "/queue",
        "/cases",
        "/households",
        "/households/HH-1",
        "/more",
        "/report/alike?q=Canary&village=V0101",
    ]
    pages += [f"/cases/{case['id']}{more}" for case in cases for more in ("", "/replay")]
    files = [f"/v1/exports/cases.{form}" for form in ("csv", "xlsx", "jsonl", "xes")]
    addresses = [*general, *particular, *pages, *files, "/v1/events?limit=200"]
    for number, by in enumerate(people):
        for address in addresses[number % share :: share]:
            answer = await api.get(address, by)
            assert not answer.is_server_error, (by, address, answer.text)
            yield unpacked(answer.content)
    for case in cases:
        yield (await api.get(f"/v1/track/{case['query_code']}")).text
    yield (await api.get("/metrics")).text


def unpacked(content: bytes) -> str:
    """What is said in an answer; of a dossier or a workbook, in the files packed into it."""
    if not content.startswith(b"PK"):
        return content.decode()
    with ZipFile(BytesIO(content)) as packed:
        return "\n".join(packed.read(name).decode(errors="replace") for name in packed.namelist())


def kept(databases: Databases, database_url: str, folder: Path) -> Iterator[Path]:
    """Where bytes of this database lie: its files and its write-ahead log, and what else the service keeps."""
    yield folder
    url = make_url(database_url)
    if databases.name == "sqlite":
        assert url.database
        yield from Path(url.database).parent.glob(f"{Path(url.database).name}*")
        return
    with psycopg.connect(url.set(drivername="postgresql").render_as_string(hide_password=False)) as db:
        db.autocommit = True
        db.execute("CHECKPOINT")
        row = db.execute(
            "SELECT current_setting('data_directory'), oid FROM pg_database WHERE datname = current_database()"
        ).fetchone()
    assert row
    yield Path(row[0], "base", str(row[1]))
    yield Path(row[0], "pg_wal")


def found(words: str, places: list[Path]) -> list[str]:
    """The files that hold these words."""
    search = subprocess.run(["grep", "-rlaiF", words, *map(str, places)], capture_output=True, text=True, check=False)
    assert search.returncode in (0, 1), search.stderr
    return search.stdout.splitlines()
