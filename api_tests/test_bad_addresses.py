"""Addresses, questions and headers that make no sense: refused with a clear problem, whoever asks and whatever for."""

import json
import re
from urllib.parse import quote

import pytest

from api_tests.client import Client, done, new_key, refused
from api_tests.district import report
from api_tests.operations import ALL, OPEN, READS
from service.office import Office

MARK = "Zq7Canary"

IDS = [
    "no-such-case",
    "a" * 64,
    "a" * 65,
    "a" * 5000,
    "%20",
    "..%2f..",
    "%2e%2e",
    "名",
    "a%0ab",
    "'--",
    "%25",
    "Zq7Canary",
]

INSTANTS = [
    "2025-03-03T08:00:00",
    "2025-03-03",
    "now",
    "1999-12-31T23:59:59Z",
    "2200-01-01T00:00:00Z",
    "0001-01-01T00:00:00%2B08:00",
    "9999-12-31T23:59:59-08:00",
    "2025-13-01T00:00:00Z",
    "1740000000",
    "1740000000000",
    "Zq7Canary",
]


async def unanswered(api: Client, address: str, *codes: str, by: str = "auditor") -> None:
    """Refused as one of these, in the shape of all problems, without an echo."""
    answer = await api.get(address, by)
    assert answer.status_code in range(400, 500), (address, answer.status_code, answer.text)
    code = answer.json()["code"]
    assert code in codes, (address, answer.text)
    refused(answer, answer.status_code, code)
    assert MARK not in answer.text


async def test_a_question_nobody_would_hear_is_refused(standing_api: Client) -> None:
    """A misspelt filter answered with everything would be believed."""
    for one in READS:
        await unanswered(standing_api, f"{one.address}?overdeu=true", "invalid")
    case = await standing_api.report(village="V0101")
    answer = await standing_api.post(f"/v1/cases/{case['id']}/accept?at=now", {}, by="dispatcher")
    refused(answer, 422, "invalid")
    problem = refused(await standing_api.get("/v1/events/stream?form=1"), 422, "invalid")
    known = "There is a name here that is not known; known are after, min_position, types"
    assert problem["errors"] == [{"field": "query", "message": known}]


async def test_a_question_that_stands_there_twice_is_refused(standing_api: Client) -> None:
    """Of two, only the last would be heard, and what is answered be believed to hold for both."""
    for twice in ("cases?status=reported&status=closed", "households?unit=T01&unit=T02", "events?limit=1&limit=1"):
        problem = refused(await standing_api.get(f"/v1/{twice}"), 422, "invalid")
        assert problem["errors"][0]["field"] in twice


@pytest.mark.parametrize("at", INSTANTS)
async def test_an_instant_has_an_offset_and_lies_in_history(standing_api: Client, at: str) -> None:
    case = await standing_api.report(village="V0101")
    for address in (f"/v1/cases/{case['id']}?at={at}", *(f"/v1/cases?{name}={at}" for name in BOUNDS)):
        await unanswered(standing_api, address, "invalid", "not_found")
    for name in ("from", "to", "at"):
        for view in ("response-times", "flows"):
            await unanswered(standing_api, f"/v1/{view}?{name}={at}", "invalid")
    for view in ("me/queue", "units/T01/queue", "problem-bank", "ageing"):
        await unanswered(standing_api, f"/v1/{view}?at={at}", "invalid")


async def test_an_instant_may_be_pasted_as_it_was_answered(standing_api: Client) -> None:
    """In an address a `+` is a space, and before an offset a space can mean nothing else."""
    case = await standing_api.report(village="V0101")
    for at in (case["reported_at"], case["reported_at"].replace("+", "%2B")):
        for thing in (f"cases/{case['id']}?at=", f"cases/{case['id']}/diff?from=", "cases?at=", "flows?to="):
            done(await standing_api.get(f"/v1/{thing}{at}"))
    for at in ("2025-03-03 08:00:00", "2025-03-03T08:00:00 +08:00", "2025-03-03T08:00:00 08:00:00"):
        await unanswered(standing_api, f"/v1/cases?at={at}", "invalid")


async def test_nobody_is_told_how_anything_will_stand(standing_api: Client) -> None:
    case = await standing_api.report(village="V0101")
    home = done(await standing_api.post("/v1/households", {"village": "V0101"}, by="cadre:V0101"), 201)
    one = f"cases/{case['id']}?", f"cases/{case['id']}/explain?", f"households/{home['id']}?"
    for thing in (*one, *AS_IT_STOOD):
        problem = refused(await standing_api.get(f"/v1/{thing}at=2031-03-03T09:00:00%2B08:00"), 422, "invalid")
        assert problem["detail"] == "at has not come yet", thing


AS_IT_STOOD = (
    "ageing?",
    "cases?",
    "coverage?",
    "flows?",
    "hotspots?",
    "households?",
    "officials/head:T01/dossier?year=2025&",
    "pairings?",
    "pending-list?",
    "problem-bank?",
    "response-times?",
    "scorecards?year=2025&",
    "units/T01/queue?",
)
PERIODS = ("response-times?", "flows?", "hotspots?", "detectors?unit=T01&")
EARLIER, LATER = "2025-03-02T00:00:00Z", "2025-03-03T00:00:00Z"
BOUNDS = ("due_before", "reported_after", "reported_before")

VALUES = {
    "status": ["Closed", "unknown", MARK],
    "tier": ["city", MARK],
    "kind": [MARK],
    "grade": ["0", MARK],
    "overdue": ["maybe", MARK],
    "sort": ["title", MARK],
    "q": ["a" * 101],
}


async def test_what_is_wrong_with_an_instant_is_said_in_plain_words(standing_api: Client) -> None:
    problem = refused(await standing_api.get("/v1/problem-bank?at=1740000000"), 422, "invalid")
    assert problem["errors"] == [{"field": "at", "message": "Input should be an instant with its offset"}]


async def test_of_two_ends_the_one_that_is_wrong_is_named(standing_api: Client) -> None:
    case = await standing_api.report()
    for asked, field, message in (
        (f"cases/{case['id']}/diff?from=1&to=x", "to", "must be a version, or an instant with its offset"),
        ("log/consistency?from=1&to=999999", "to", "must be a size the log has had, the smaller first"),
        ("log/consistency?from=2&to=1", "from", "must be a size the log has had, the smaller first"),
        *((f"{view}from={LATER}&to={EARLIER}", "from", "must not lie after to") for view in PERIODS),
        (f"access-log?since={LATER}&until={EARLIER}", "since", "must not lie after until"),
    ):
        problem = refused(await standing_api.get(f"/v1/{asked}"), 422, "invalid")
        assert problem["errors"] == [{"field": field, "message": message}], asked


async def test_who_leaves_a_filter_empty_is_not_told_that_there_is_nothing(standing_api: Client) -> None:
    """Nor is he told of everything, as if he had not asked for it."""
    await standing_api.report(village="V0101")
    for asked in (
        "cases?unit=",
        "cases?under=",
        "cases?category=",
        "households?unit=",
        "hotspots?unit=",
        "flows?unit=",
    ):
        await unanswered(standing_api, f"/v1/{asked}", "invalid")
    for asked in ("case=", "by=", "action="):
        await unanswered(standing_api, f"/v1/access-log?{asked}", "invalid")


@pytest.mark.parametrize("name", VALUES)
async def test_a_filter_takes_only_what_a_case_can_be(standing_api: Client, name: str) -> None:
    for value in VALUES[name]:
        await unanswered(standing_api, f"/v1/cases?{name}={value}", "invalid")


async def test_times_that_leave_nothing_between_them_are_no_fault(standing_api: Client) -> None:
    between = "reported_after=2025-03-04T00:00:00Z&reported_before=2025-03-03T00:00:00Z"
    assert done(await standing_api.get(f"/v1/cases?{between}")) == {"items": [], "next": None}


@pytest.mark.parametrize("text", ["%", "_", "'", '"', "\\", "%%%", "*", "题", "'; DROP TABLE events; --", " "])
async def test_a_search_takes_every_character_for_itself(standing_api: Client, text: str) -> None:
    written = await standing_api.post("/v1/cases", report(title=f"Before {text} after"), by="citizen:search")
    await standing_api.report(by="citizen:search", title="Nothing of that kind")
    headers = {"sanji_min_position": written.headers["sanji-position"]}
    found = done(await standing_api.get(f"/v1/cases?q={quote(f'e {text} a')}", "citizen:search", **headers))["items"]
    assert [one["id"] for one in found] == [written.json()["id"]]


@pytest.mark.parametrize("id", IDS)
async def test_what_is_not_there_is_not_found_whatever_it_is_called(
    standing_api: Client, standing_office: Office, id: str
) -> None:
    last = standing_office.recorder.max_notification_id()
    for address in (f"/v1/cases/{id}", f"/v1/cases/{id}/history", f"/v1/units/{id}", f"/v1/policies/{id}"):
        await unanswered(standing_api, address, "not_found", "invalid")
    await unanswered(standing_api, f"/v1/track/{id}", "not_found", "invalid")
    await unanswered(standing_api, f"/v1/calendars/{id}/2025", "not_found", "invalid")
    await unanswered(standing_api, f"/v1/calendars/cn/{id}", "not_found", "invalid")
    for verb in ("accept", "acknowledge", "urge"):
        answer = await standing_api.post(f"/v1/cases/{id}/{verb}", by="dispatcher")
        refused(answer, 404, "not_found")
    assert standing_office.recorder.max_notification_id() == last


async def test_an_address_with_nul_or_a_hundred_parameters_is_refused_everywhere(
    standing_api: Client, standing_office: Office
) -> None:
    last = standing_office.recorder.max_notification_id()
    for operation in ALL:
        path, query = operation.address + "%00", operation.address + "?q=%00"
        for address in (path, query, f"{operation.address}?{'a&' * 100}"):
            answer = await standing_api.send(operation.method, address, by="admin")
            refused(answer, 400, "malformed")
            assert answer.headers["x-request-id"] == answer.json()["request_id"]
    assert standing_office.recorder.max_notification_id() == last


async def test_every_address_names_the_methods_it_takes(standing_api: Client) -> None:
    taken: dict[str, set[str]] = {}
    for operation in ALL:
        taken.setdefault(operation.address, set()).add(operation.method)
    for address, methods in taken.items():
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "PROPFIND"} - methods:
            answer = await standing_api.send(method, address, by="admin")
            if answer.status_code != 404:
                refused(answer, 405, "method_not_allowed")
                named = set(re.split(r",\s*", answer.headers["allow"]))
                assert named == methods | ({"HEAD"} if "GET" in methods else set())


async def test_whoever_asks_for_the_head_alone_is_answered_as_if_he_had_asked_for_all(standing_api: Client) -> None:
    for address in ("/healthz", "/v1/problem-bank", "/v1/cases/nobody"):
        head, whole = [await standing_api.send(method, address, by="auditor") for method in ("HEAD", "GET")]
        assert (head.status_code, head.headers["content-type"]) == (whole.status_code, whole.headers["content-type"])


async def test_an_address_that_does_not_exist_is_not_found(standing_api: Client) -> None:
    for address in (
        "/v1",
        "/v2/cases",
        "/v1/cases/",
        "/v1/Cases",
        "/v1/cases/x/no-such-verb",
        "/.env",
        f"/{MARK}",
    ):
        await unanswered(standing_api, address, "not_found")


@pytest.mark.parametrize("year", ["25", "20250", "9" * 5000])
async def test_what_is_no_year_has_no_card_to_appeal_against(standing_api: Client, year: str) -> None:
    refused(await standing_api.post(f"/v1/scorecards/T01/{year}/appeal", {}, by="head:T01"), 404, "not_found")


AUTHORIZATIONS = [
    "",
    "dev:admin",
    "Basic ZGV2OmFkbWlu",
    "Bearer",
    "Bearer ",
    "Bearer dev:",
    "Bearer dev:nobody",
    "Bearer admin",
    "Bearer dev:citizen:" + "x" * 60,
    "Bearer " + "x" * 100_000,
    "Bearer Zq7Canary",
]


@pytest.mark.parametrize("authorization", AUTHORIZATIONS, ids=lambda text: text[:30] or "none")
async def test_nobody_gets_in_without_saying_who_he_is(
    standing_api: Client, standing_office: Office, authorization: str
) -> None:
    last = standing_office.recorder.max_notification_id()
    headers = {"Idempotency-Key": new_key(), "Content-Type": "application/json"}
    if authorization:
        headers["Authorization"] = authorization
    for operation in ALL:
        if operation.path in OPEN:
            continue
        body = json.dumps(operation.body) if operation.writes else None
        answer = await standing_api.http.request(operation.method, operation.address, headers=headers, content=body)
        refused(answer, 401, "unauthenticated")
        assert answer.headers["www-authenticate"] == "Bearer"
        assert MARK not in answer.text
    assert standing_office.recorder.max_notification_id() == last


POSITIONS = ["-1", "1.5", "Zq7Canary", "9" * 30, "0x1"]


@pytest.mark.parametrize("position", POSITIONS)
async def test_a_position_to_wait_for_is_a_number(standing_api: Client, position: str) -> None:
    waiting = [one for one in READS if any(p["name"] == "Sanji-Min-Position" for p in one.spec.get("parameters", ()))]
    assert waiting
    for operation in waiting:
        answer = await standing_api.get(operation.address, "head:T01", sanji_min_position=position)
        refused(answer, 422, "invalid")
        assert MARK not in answer.text


async def test_headers_of_a_hundred_kilobytes_hurt_nobody(standing_api: Client) -> None:
    long = "x" * 100_000
    assert (await standing_api.get("/v1/me", "head:T01", accept_language=long, user_agent=long)).status_code == 200
    refused(await standing_api.post("/v1/cases", report(), by="citizen:1", key=long), 400, "malformed")
    answer = await standing_api.post("/v1/cases", report(), by="citizen:1", if_match=long)
    refused(answer, 400, "malformed")


@pytest.mark.parametrize("path", ["/v1/cases", "/v1/programmes"])
async def test_whoever_asks_for_a_status_that_there_is_not_is_offered_those_he_may_ask_for(
    standing_api: Client, path: str
) -> None:
    [said] = refused(await standing_api.get(f"{path}?status=foo"), 422, "invalid")["errors"]
    offered = re.findall(r"'(\w+)'", said["message"])
    assert len(offered) >= 3
    for status in offered:
        done(await standing_api.get(f"{path}?status={status}"))


async def test_an_address_whose_gap_was_left_open_is_of_nothing(standing_api: Client) -> None:
    for gap, body in (
        ("cases/%7Bcase_id%7D/note", {"text": "x"}),
        ("households/%7Bhousehold_id%7D/contest", {"reason": "it is"}),
    ):
        refused(await standing_api.post(f"/v1/{gap}", body, by="head:T01"), 404, "not_found")
