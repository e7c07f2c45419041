"""Building on a version, and reading what one has just written: ETag, If-Match, positions."""

import asyncio
from pathlib import Path

import pytest

from api_tests.client import Client, done, new_key, refused
from api_tests.district import DONE, POSTS, UNITS, instant, organisation
from api_tests.inprocess import at_work, in_front_of
from service.app import create_app
from service.office import Office
from service.record.clock import ManualClock


async def test_a_write_answers_its_version_and_its_position(standing_api: Client, standing_office: Office) -> None:
    first = await standing_api.post("/v1/cases", {"title": "A well", "kind": "request"}, by="citizen:1")
    assert first.headers["etag"] == '"1"'
    assert first.headers["sanji-position"] == str(standing_office.recorder.max_notification_id())
    second = await standing_api.post(f"/v1/cases/{first.json()['id']}/accept", by="clerk:T01")
    assert second.headers["etag"] == '"2"'
    assert int(second.headers["sanji-position"]) == int(first.headers["sanji-position"]) + 1
    read = await standing_api.get(f"/v1/cases/{first.json()['id']}")
    assert read.headers["etag"] == '"2"'


async def test_what_is_new_is_told_of_where_the_answer_says(standing_api: Client) -> None:
    for kind, body, by in (
        ("cases", {"title": "A well", "kind": "request"}, "citizen:1"),
        ("households", {"village": "V0101"}, "cadre:V0101"),
        ("programmes", {"title": "A road", "remedy": "road", "villages": ["V0101"]}, "head:T01"),
        ("webhooks", {"url": "http://localhost:9/"}, "admin"),
    ):
        new = await standing_api.post(f"/v1/{kind}", body, by=by)
        found = done(await standing_api.get(new.headers["location"], by))
        assert found["id"] == done(new, 201)["id"], kind
    assert (await standing_api.send("DELETE", new.headers["location"], by="admin")).status_code == 204
    files = {"file": ("a.txt", b"A well", "text/plain")}
    new = await standing_api.send("POST", "/v1/attachments", by="citizen:1", files=files)
    assert (await standing_api.get(new.headers["location"], "citizen:1")).content == b"A well"


async def test_a_write_that_builds_on_an_older_version_is_told_what_happened_since(
    standing_api: Client, standing_office: Office
) -> None:
    case = await standing_api.assigned()
    await standing_api.ask(case, "contact", by="head:T01", outcome="reached")
    last = standing_office.recorder.max_notification_id()
    answer = await standing_api.post(f"/v1/cases/{case['id']}/resolve", DONE, by="head:T01", if_match='"2"')
    problem = refused(answer, 412, "version_conflict")
    assert problem["current_version"] == 4
    assert problem["events"] == [
        {"type": "case.assigned", "version": 3},
        {"type": "case.citizen_contacted", "version": 4},
    ]
    assert standing_office.recorder.max_notification_id() == last
    done(await standing_api.post(f"/v1/cases/{case['id']}/resolve", DONE, by="head:T01", if_match='"4"'))


async def test_a_deadline_that_passed_unnoticed_is_among_what_happened_since(database_url: str, tmp_path: Path) -> None:
    with at_work(database_url, tmp_path, background=False) as office:
        async with in_front_of(create_app(office)) as api:
            case = await api.assigned()
            assert isinstance(office.clock, ManualClock)
            office.clock.set(instant("2025-04-01 09:00"))
            answer = await api.post(f"/v1/cases/{case['id']}/resolve", DONE, by="head:T01", if_match='"3"')
            problem = refused(answer, 412, "version_conflict")
            assert (problem["current_version"], problem["events"]) == (4, [{"type": "case.escalated", "version": 4}])
            assert (await api.case(case))["version"] == 4


async def test_of_two_who_build_on_the_same_version_one_wins(standing_api: Client) -> None:
    case = await standing_api.assigned()
    version = f'"{case["version"]}"'
    answers = await asyncio.gather(
        *(
            standing_api.post(f"/v1/cases/{case['id']}/note", {"text": text}, by="head:T01", if_match=version)
            for text in ("one", "two", "three")
        )
    )
    assert sorted(answer.status_code for answer in answers) == [200, 412, 412]


async def test_a_retry_is_answered_although_its_version_is_no_longer_the_current_one(standing_api: Client) -> None:
    case, key = await standing_api.assigned(), new_key()
    version = f'"{case["version"]}"'
    address = f"/v1/cases/{case['id']}/note"
    first = await standing_api.post(address, {"text": "seen"}, by="head:T01", key=key, if_match=version)
    again = await standing_api.post(address, {"text": "seen"}, by="head:T01", key=key, if_match=version)
    assert (first.status_code, again.status_code) == (200, 200)
    assert again.content == first.content


async def test_whoever_may_not_see_a_case_does_not_learn_its_version(standing_api: Client) -> None:
    case = await standing_api.assigned()
    for by in ("citizen:2", "head:T02"):
        answer = await standing_api.post(f"/v1/cases/{case['id']}/note", {"text": "?"}, by=by, if_match='"1"')
        refused(answer, 404, "not_found")


async def test_nor_does_who_names_what_he_may_not_see_learn_whether_it_is_there(api: Client) -> None:
    home, person = {"id": "HH-1", "village": "V0201"}, {"target": "P-1", "kind": "deputy", "village": "V0201"}
    veto = {"kind": "retaliation", "basis": "decision 7 of 2025"}
    written = (
        ("/v1/households", home, "head:V0201"),
        ("/v1/duties/targets", person, "clerk:T02"),
        ("/v1/scorecards/T01/2025/veto", veto, "discipline"),
    )
    for address, body, by in written:
        assert (await api.post(address, body, by=by)).is_success
        for reader in ("citizen:1", "clerk:T01"):
            for asked in (body, body | {"village": "V0101"}) if "village" in body else (body,):
                answers = [await api.post(address, asked, by=reader, **more) for more in ({}, {"if_match": '"0"'})]
                assert len({(answer.status_code, answer.json()["detail"]) for answer in answers}) == 1
                assert answers[0].status_code in (403, 409)
        refused(await api.post(address, body, by=by, if_match='"0"'), 412, "version_conflict")


async def test_who_publishes_on_an_older_version_takes_nothing_back(api: Client) -> None:
    """Two administrators change the district: what the first one opened, the other's older copy would close."""
    village = {"id": "V9999", "name": "New village", "kind": "village", "parent": "T01"}
    seen = (await api.get("/v1/org")).headers["etag"]
    older = organisation()
    newer = {**older, "units": [*older["units"], village]}
    opened = await api.send("PUT", "/v1/org", by="admin", body=newer, headers={"If-Match": seen})
    assert done(opened)["changes"] == 1
    problem = refused(
        await api.send("PUT", "/v1/org", by="admin", body=older, headers={"If-Match": seen}), 412, "version_conflict"
    )
    assert f'"{problem["current_version"]}"' == opened.headers["etag"]
    assert [event["type"] for event in problem["events"]] == ["org.unit_opened"]
    assert done(await api.get("/v1/units/V9999"))["closed_on"] is None
    now = await api.get("/v1/org", if_none_match=seen)
    assert now.headers["etag"] == opened.headers["etag"]
    known = await api.get("/v1/org", if_none_match=now.headers["etag"])
    assert (known.status_code, known.content) == (304, b""), (
        "a third of a megabyte that a mirror need not take in again"
    )
    done(await api.send("PUT", "/v1/org", by="admin", body=older, headers={"If-Match": now.headers["etag"]}))


async def test_the_organisation_may_be_written_down_as_it_was_read(api: Client) -> None:
    """What was closed stays closed, and what somebody else changed since is not undone."""
    without_roads = organisation(
        [one for one in UNITS if one[0] != "D-ROADS"], [one for one in POSTS if one[1] != "D-ROADS"]
    )
    done(await api.send("PUT", "/v1/org", by="admin", body=without_roads))
    read = done(await api.get("/v1/org"))
    assert done(await api.send("PUT", "/v1/org", by="admin", body=read))["changes"] == 0
    renamed = {**read, "units": [one | {"name": "Well"} if one["id"] == "V0101" else one for one in read["units"]]}
    assert done(await api.send("PUT", "/v1/org", by="admin", body=renamed))["changes"] == 1
    assert done(await api.get("/v1/units/V0101"))["name"] == "Well"
    assert done(await api.get("/v1/units/D-ROADS"))["closed_on"] == "2025-03-03"
    refused(await api.send("PUT", "/v1/org", by="admin", body=read), 412, "version_conflict")


@pytest.mark.parametrize("path", ["/v1/policies/hanbin-default-1", "/v1/calendars/cn/2026"])
async def test_rules_are_published_on_the_version_that_was_read(api: Client, path: str) -> None:
    read = await api.get(path)
    told = done(read)
    notice = {name: told[name] for name in ("holidays", "makeup_workdays") if name in told}
    body = told.get("policy") or {**notice, "source": "a corrected notice"}
    written = await api.send("PUT", path, by="admin", body=body, headers={"If-Match": read.headers["etag"]})
    assert done(written)
    assert (await api.get(path)).headers["etag"] == written.headers["etag"]
    garbage = await api.send("PUT", path, by="admin", body=body, headers={"If-Match": "garbage"})
    refused(garbage, 400, "malformed")
    stale = await api.send("PUT", path, by="admin", body=body, headers={"If-Match": '"0"'})
    refused(stale, 412, "version_conflict")


@pytest.mark.parametrize("etag", ["3", '"three"', 'W/"3"', '"-1"', '"9999999999"', '"3", "4"'])
async def test_an_if_match_that_is_no_version_is_refused(standing_api: Client, etag: str) -> None:
    case = await standing_api.report(village="V0101")
    answer = await standing_api.post(f"/v1/cases/{case['id']}/accept", by="clerk:T01", if_match=etag)
    refused(answer, 400, "malformed")


VIEWS = (
    "/v1/cases",
    "/v1/me/queue",
    "/v1/units/T01/queue",
    "/v1/problem-bank",
    "/v1/response-times",
    "/v1/flows",
    "/v1/ageing",
    "/v1/pending-list",
)


@pytest.mark.parametrize("view", VIEWS)
async def test_a_view_waits_until_it_shows_what_was_written(standing_api: Client, view: str) -> None:
    written = await standing_api.post("/v1/cases", {"title": "A roof", "kind": "request"}, by="citizen:1")
    position = written.headers["sanji-position"]
    for how in ({"sanji_min_position": position}, {}):
        asked = view if how else f"{view}?min_position={position}"
        answer = await standing_api.get(asked, by="head:T01", **how)
        assert answer.status_code == 200
        assert int(answer.headers["sanji-position"]) >= int(position)


async def test_a_report_is_listed_at_once_for_whoever_asks_for_its_position(standing_api: Client) -> None:
    for turn in range(3):
        written = await standing_api.post("/v1/cases", {"title": f"A roof {turn}", "kind": "request"}, by="citizen:9")
        listed = await standing_api.get(
            "/v1/cases", by="citizen:9", sanji_min_position=written.headers["sanji-position"]
        )
        assert written.json()["id"] in [one["id"] for one in done(listed)["items"]]


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
async def test_a_view_that_does_not_reach_the_position_in_time_says_so(
    standing_api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Office.viewed_up_to, "__defaults__", (0.2,))
    answer = await standing_api.get("/v1/cases", sanji_min_position=str(2**62))
    refused(answer, 503, "view_behind")
    assert answer.headers["retry-after"] == "1"


async def test_a_queue_that_has_not_changed_is_not_sent_again(standing_api: Client) -> None:
    case = await standing_api.assigned()
    position = (await standing_api.history(case))[-1]["position"]
    first = await standing_api.get("/v1/me/queue", by="head:T01", sanji_min_position=str(position))
    etag = first.headers["etag"]
    for known in (etag, f'"older", {etag}', f"W/{etag}", "*"):
        again = await standing_api.get("/v1/me/queue", by="head:T01", if_none_match=known)
        assert (first.status_code, again.status_code, again.content) == (200, 304, b"")
    changed = await standing_api.post(f"/v1/cases/{case['id']}/start", by="head:T01")
    after = await standing_api.get(
        "/v1/me/queue",
        by="head:T01",
        if_none_match=first.headers["etag"],
        sanji_min_position=changed.headers["sanji-position"],
    )
    assert after.status_code == 200
    assert after.headers["etag"] != first.headers["etag"]
