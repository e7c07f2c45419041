"""The access log: what is denied and what is missing look alike, in answers and on record; an auditor leaves a trace."""

from asyncio import gather
from hashlib import sha256

import pytest
from sqlalchemy import exc, select, text

from api_tests.client import Client, done, refused
from api_tests.district import MISSING, Json
from service.audit.access_log import Access, AccessLog, LookOutcome
from service.office import Office
from service.record.triggers import wrong_triggers
from service.storage.database import open_database
from service.storage.tables import access_log

TAINTED = "head:T01"


async def about_the_head(api: Client) -> Json:
    """A complaint about the head of the town in which it arises."""
    return await api.report(kind="complaint", village="V0101", subjects=[TAINTED])


async def on_record(api: Client, by: str = "privacy", query: str = "") -> list[Json]:
    items: list[Json] = done(await api.get(f"/v1/access-log?{query}", by))["items"]
    return items


def told(record: Json) -> tuple[str, str, str]:
    return record["by"], record["action"], record["outcome"]


async def test_a_denied_read_and_a_read_of_something_missing_are_answered_and_recorded_alike(api: Client) -> None:
    hidden = (await about_the_head(api))["id"]
    for tail in ("", "/history", "?version=1"):
        denied, missing = [await api.get(f"/v1/cases/{one}{tail}", TAINTED) for one in (hidden, MISSING)]
        one, other = refused(denied, 404, "not_found"), refused(missing, 404, "not_found")
        assert one | {"request_id": ""} == other | {"request_id": ""}
        assert denied.content.replace(one["request_id"].encode(), other["request_id"].encode()) == missing.content
        assert own_headers(denied) == own_headers(missing)
    records = await on_record(api)
    assert [one["subject"] for one in records] == [hidden, MISSING] * 3
    assert [told(one) for one in records] == [
        (TAINTED, action, "not_found") for action in ("read", "history", "version") for _ in range(2)
    ]
    assert len({one["at"] for one in records}) == 1, "the clock stands still here"
    assert len({frozenset(one) for one in records}) == 1


def own_headers(answer: object) -> dict[str, str]:
    headers: dict[str, str] = dict(getattr(answer, "headers"))
    headers.pop("x-request-id")
    return headers


async def test_a_command_on_a_case_one_may_not_see_is_recorded_as_one_on_no_case(api: Client) -> None:
    hidden = (await about_the_head(api))["id"]
    answers = [await api.post(f"/v1/cases/{one}/start", by=TAINTED) for one in (hidden, MISSING)]
    problems = [refused(answer, 404, "not_found") for answer in answers]
    assert problems[0] | {"request_id": ""} == problems[1] | {"request_id": ""}
    first, second = await on_record(api)
    assert (first["subject"], second["subject"]) == (hidden, MISSING)
    assert told(first) == told(second) == (TAINTED, "start", "not_found")


async def test_of_a_merge_the_case_that_was_not_found_is_on_record(api: Client) -> None:
    case = await api.report(village="V0101")
    refused(
        await api.post(
            f"/v1/cases/{case['id']}/merge",
            {"into": MISSING, "basis": "same_person_same_matter"},
            by="dispatcher",
        ),
        404,
        "not_found",
    )
    [record] = await on_record(api)
    assert (record["subject"], *told(record)) == (MISSING, "dispatcher", "merge", "not_found")


async def test_an_id_that_cannot_be_is_recorded_as_a_missing_one(api: Client) -> None:
    for asked in ("no%20id", "%E4%BA%8B%E9%A1%B9", "a%0Ab", "%7F"):
        refused(await api.get(f"/v1/cases/{asked}", TAINTED), 404, "not_found")
        refused(await api.post(f"/v1/cases/{asked}{'x' * 100}/start", by=TAINTED), 404, "not_found")
        as_missing(*(await on_record(api))[-2:])


def as_missing(read: Json, start: Json) -> None:
    assert (told(read), told(start)) == ((TAINTED, "read", "not_found"), (TAINTED, "start", "not_found"))
    assert len(start["subject"]) == 64
    assert start["subject"].startswith(read["subject"])
    assert read["subject"].isprintable()


async def test_what_one_may_see_is_read_without_a_record_except_by_an_auditor(api: Client) -> None:
    case = await api.report(village="V0101")
    await api.case(case, by="head:T01")
    await api.history(case, by="dispatcher")
    assert await on_record(api) == []
    await api.case(case, by="auditor")
    await api.case(case, by="auditor", version=1)
    await api.history(case, by="auditor")
    records = await on_record(api)
    assert [told(one) for one in records] == [("auditor", one, "shown") for one in ("read", "version", "history")]
    assert {one["subject"] for one in records} == {case["id"]}


async def test_an_auditor_who_is_told_what_happened_since_a_version_has_read_it(api: Client) -> None:
    case = await api.report(village="V0101")
    await api.ask(case, "accept", by="clerk:T01")
    for by in ("head:T01", "auditor"):
        answer = await api.post(f"/v1/cases/{case['id']}/note", {"text": "seen"}, by=by, if_match='"1"')
        assert refused(answer, 412, "version_conflict")["events"] == [{"type": "case.accepted", "version": 2}]
    [record] = await on_record(api)
    assert (*told(record), record["subject"]) == ("auditor", "history", "shown", case["id"])


async def test_an_auditors_looks_at_views_and_files_are_on_record_with_their_purpose(api: Client) -> None:
    views = (
        "cases?kind=request&q=%E6%B0%B4",
        "problem-bank",
        "response-times?group_by=tier",
        "events",
        "scorecards?year=2025",
    )
    for view in views:
        for _ in range(2):
            assert (
                await api.get(f"/v1/{view}", "auditor", sanji_purpose="%E5%B9%B4%E5%BA%A6%E5%AE%A1%E8%AE%A1")
            ).is_success
            assert (await api.get(f"/v1/{view}", "leader:D-MASSWORK")).is_success
    assert (await api.get("/v1/exports/cases.xes", "leader:D-MASSWORK")).is_success
    records = await on_record(api)
    assert [
        (one["by"], one["action"], one["of"], one["subject"], one["detail"], one["purpose"]) for one in records
    ] == [
        ("auditor", "view", "view", "/v1/cases", "kind=request", "年度审计"),
        ("auditor", "view", "view", "/v1/problem-bank", "", "年度审计"),
        ("auditor", "view", "view", "/v1/response-times", "group_by=tier", "年度审计"),
        ("auditor", "view", "view", "/v1/events", "", "年度审计"),
        ("auditor", "view", "view", "/v1/scorecards", "year=2025", "年度审计"),
        ("leader:D-MASSWORK", "export", "view", "cases.xes", "", ""),
    ], "what is looked at twice in a minute is one look, and what was searched for is not told"


async def test_what_came_of_an_auditors_look_at_a_view_is_on_record_and_what_was_not_valid_is_no_look(
    api: Client,
) -> None:
    refused(await api.get("/v1/cases?limit=0", "auditor"), 422, "invalid")
    refused(await api.get("/v1/problem-bank?at=2099-01-01T00:00:00%2B08:00", "auditor"), 422, "invalid")
    assert (await api.get("/open311/v2/requests.json?status=none", "auditor")).status_code == 400
    refused(await api.get("/v1/me/queue?unit=x", "auditor"), 422, "invalid")
    assert await on_record(api) == []
    refused(await api.get("/v1/webhooks", "auditor"), 403, "not_permitted")
    refused(await api.get("/v1/units/nowhere", "auditor"), 404, "not_found")
    done(await api.get("/v1/cases", "auditor"))
    assert "该季度没有抽样" in (await api.get("/samples", "auditor")).text
    assert [(one["subject"], *told(one)) for one in await on_record(api)] == [
        ("/v1/webhooks", "auditor", "view", "not_permitted"),
        ("/v1/units/nowhere", "auditor", "view", "not_found"),
        ("/v1/cases", "auditor", "view", "shown"),
        ("/samples", "auditor", "view", "shown"),
    ], "a page is shown, whatever is missing in it"


async def test_accesses_do_not_move_the_log_of_cases(api: Client, office: Office) -> None:
    hidden = (await about_the_head(api))["id"]
    before = office.recorder.max_notification_id()
    await api.get(f"/v1/cases/{hidden}", TAINTED)
    await api.get(f"/v1/cases/{hidden}", "auditor")
    assert office.recorder.max_notification_id() == before
    assert [one["position"] for one in await on_record(api)] == [1, 2]


async def test_only_auditors_and_privacy_officers_read_the_access_log(api: Client) -> None:
    others = ("head:T02", "dispatcher", "leader:D-MASSWORK", "citizen:1", "admin")
    for by in others:
        refused(await api.get("/v1/access-log", by), 403, "not_permitted")
    denied = await on_record(api)
    assert {one["subject"] for one in denied} == {"/v1/access-log"}
    assert [told(one) for one in denied] == [(by, "view", "not_permitted") for by in others]
    assert await on_record(api, "auditor") == denied
    assert [told(one) for one in await on_record(api, "auditor")][len(denied) :] == [("auditor", "view", "shown")]


async def test_who_may_not_see_a_case_does_not_learn_of_it_from_an_auditors_reading(api: Client) -> None:
    """Neither from what is read of the case, nor from what a view is asked for."""
    case = await api.report(kind="complaint", village="V0101", subjects=["privacy"])
    await api.case(case, by="discipline")
    sealed = await api.report(village="V0101", confidentiality="sealed")
    await api.case(sealed, by="auditor")
    seen = await api.report(village="V0101")
    await api.case(seen, by="auditor")
    assert [one["subject"] for one in await on_record(api, "auditor", "action=read")] == [sealed["id"], seen["id"]]
    assert [one["subject"] for one in await on_record(api, "privacy", "action=read")] == [seen["id"]]
    page = done(await api.get("/v1/access-log?action=read&limit=1", "privacy"))
    assert ([one["subject"] for one in page["items"]], page["next"]) == ([seen["id"]], None)
    open311 = [f"/open311/v2/{these}.json?service_request_id=" for these in ("requests", "servicerequestupdates")]
    for view in ("/v1/access-log?case=", *open311):
        assert (await api.get(f"{view}{sealed['id']}", "auditor")).status_code == 200
    assert sealed["id"] not in str(await on_record(api, "privacy"))


async def test_the_access_log_comes_in_pages_the_newest_last_and_by_case(api: Client) -> None:
    ids = [f"missing-{n % 2}" for n in range(5)]
    for one in ids:
        await api.get(f"/v1/cases/{one}", TAINTED)
    got: list[Json] = []
    address = "/v1/access-log?limit=2"
    while True:
        page = done(await api.get(address, "privacy"))
        got += page["items"]
        if page["next"] is None:
            break
        address = f"/v1/access-log?limit=2&cursor={page['next']}"
    assert [(one["position"], one["subject"]) for one in got] == list(enumerate(ids, 1))
    assert [one["position"] for one in await on_record(api, query="case=missing-1")] == [2, 4]
    assert await on_record(api, query="case=never-asked-for") == []


async def test_the_chain_holds_over_the_stored_bytes_however_many_ask_at_once(api: Client, office: Office) -> None:
    other = AccessLog(open_database(office.engine.url.render_as_string(hide_password=False)), office.recorder.stamp)
    elsewhere = [
        other.record(
            Access(at=office.clock.now(), by="head:T02", action="read", subject="x", outcome=LookOutcome.NOT_FOUND)
        )
        for _ in range(20)
    ]
    await gather(*elsewhere, *(api.get(f"/v1/cases/missing-{n}", TAINTED) for n in range(20)))
    other.close()
    other.engine.dispose()
    with office.engine.connect() as db:
        lines = list(db.scalars(select(access_log.c.state).order_by(access_log.c.position)))
    records = await on_record(api)
    assert [one["position"] for one in records] == list(range(1, 41))
    assert [one["hash"] for one in records] == [sha256(line).hexdigest() for line in lines]
    assert [one["previous_hash"] for one in records] == ["", *(one["hash"] for one in records[:-1])]
    assert all(
        f'"previous":"{one["previous_hash"]}"'.encode() in line for one, line in zip(records, lines, strict=True)
    )


async def test_what_could_not_be_recorded_is_not_answered(api: Client, office: Office) -> None:
    with office.engine.begin() as db:
        db.execute(text("ALTER TABLE access_log RENAME TO elsewhere"))
    refused(await api.get(f"/v1/cases/{MISSING}", TAINTED), 503, "overloaded")
    with office.engine.begin() as db:
        db.execute(text("ALTER TABLE elsewhere RENAME TO access_log"))
    refused(await api.get(f"/v1/cases/{MISSING}", TAINTED), 404, "not_found")


HUSH = {
    "sqlite": ["CREATE TRIGGER hush BEFORE INSERT ON access_log BEGIN SELECT RAISE(IGNORE); END"],
    "postgresql": [
        "CREATE FUNCTION hush() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
        "CREATE TRIGGER hush BEFORE INSERT ON access_log FOR EACH ROW EXECUTE FUNCTION hush()",
    ],
}


async def test_a_record_that_the_database_swallows_is_missed_and_nothing_is_answered(
    api: Client, office: Office
) -> None:
    case = await api.report(village="V0101", petitioner={"name": "Petitioner One"})
    dialect = office.engine.dialect.name
    with office.engine.begin() as db:
        for statement in HUSH[dialect]:
            db.execute(text(statement))
        assert list(wrong_triggers(db)) == ["hush on access_log is not of this service"]
    answer = await api.post(f"/v1/cases/{case['id']}/disclose-identity", {"purpose": "a call back"}, by="privacy")
    refused(answer, 503, "overloaded")
    assert "Petitioner One" not in answer.text
    refused(await api.get(f"/v1/cases/{MISSING}", TAINTED), 503, "overloaded")
    with office.engine.begin() as db:
        db.execute(text("DROP TRIGGER hush" + (" ON access_log" if dialect == "postgresql" else "")))
        assert list(wrong_triggers(db)) == []
    refused(await api.get(f"/v1/cases/{MISSING}", TAINTED), 404, "not_found")


async def test_the_hash_of_a_record_lies_outside_the_database_before_the_answer_leaves(
    api: Client, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = office.notary.accesses
    monkeypatch.setattr(log, "follow", lambda: False)
    for number in (1, 2):
        await api.get(f"/v1/cases/{MISSING}", TAINTED)
        assert log.tree.size() == number


async def test_the_table_refuses_to_be_changed(api: Client, office: Office) -> None:
    await api.get(f"/v1/cases/{MISSING}", TAINTED)
    before = await on_record(api)
    for change in ("UPDATE access_log SET subject = 'another'", "DELETE FROM access_log"):
        with pytest.raises(exc.DBAPIError, match="append-only"), office.engine.begin() as db:
            db.execute(text(change))
    assert await on_record(api) == before
