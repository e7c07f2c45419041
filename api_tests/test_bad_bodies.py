"""Bodies that cannot be read, or not kept, are refused with a clear problem: never a crash, an echo, or a trace in the log."""

from collections.abc import AsyncIterator
from gzip import compress
from typing import Any

import httpx
import pytest
from fastapi.utils import create_model_field

from api_tests.client import Client, done, new_key, refused
from api_tests.district import Json, organisation, report
from api_tests.inprocess import reopened
from api_tests.operations import WRITES, Operation
from domain.org import ReorganiseDistrict
from service.http.bodies import MOST_FAULTS, AsWritten
from service.office import Office

MARK = "Zq7Canary"
"""Stands in everything that is sent here, and in no answer."""

MEGABYTE = b" " * 2**20

MALFORMED = {
    "nothing that is JSON": b"Zq7Canary",
    "half an object": b'{"title": "Zq7Canary',
    "two objects": b'{"title": "Zq7Canary"} {}',
    "a comma too many": b'{"title": "Zq7Canary",}',
    "single quotes": b"{'title': 'Zq7Canary'}",
    "NUL, escaped": b'{"title": "Zq7Canary\\u0000"}',
    "NUL in a name": b'{"Zq7Canary\\u0000": 1}',
    "NUL, raw": b'{"title": "Zq7Canary\x00"}',
    "NUL deep inside": b'{"proof": [{"kind": [["Zq7Canary\\u0000"]]}]}',
    "half a surrogate pair": b'{"title": "Zq7Canary\\ud800"}',
    "the other half": b'{"title": "\\udc00Zq7Canary"}',
    "half a pair, as bytes": b'{"title": "Zq7Canary\xed\xa0\x80"}',
    "no UTF-8": b'{"title": "Zq7Canary\xff"}',
    "UTF-16": '{"title": "Zq7Canary"}'.encode("utf-16"),
    "a byte order mark": b'\xef\xbb\xbf{"title": "Zq7Canary"}',
    "2^63": b'{"Zq7Canary": 9223372036854775808}',
    "2^53 and one": b'{"Zq7Canary": [9007199254740993]}',
    "a number of 5000 digits": b'{"Zq7Canary": ' + b"9" * 5000 + b"}",
    "not a number": b'{"Zq7Canary": NaN}',
    "infinity": b'{"Zq7Canary": -Infinity}',
    "1e400": b'{"Zq7Canary": 1e400}',
    "the same name twice": b'{"Zq7Canary": 1, "Zq7Canary": 1}',
    "the same name twice, spelt differently": b'{"title": "Zq7Canary", "\\u0074itle": "Zq7Canary"}',
    "the same name twice deep inside": b'{"proof": [{"kind": "Zq7Canary", "kind": "Zq7Canary"}]}',
    "lists without end": b"[" * 30_000 + b"]" * 30_000,
    "objects without end": b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
    "65 lists deep": b"[" * 65 + b"]" * 65,
    "300 objects deep": b'{"a":' * 300 + b"1" + b"}" * 300,
    "900 lists deep in a field": b'{"title": ' + b"[" * 900 + b"]" * 900 + b"}",
    "500 objects deep, one name twice": b'{"a":' * 500 + b'{"b":1,"b":1}' + b"}" * 500,
}

INVALID: dict[str, Any] = {
    "a text instead of an object": MARK,
    "a number": 7,
    "a list": [MARK],
    "an unknown field": {MARK: MARK},
    "an unknown field beside all the right ones": {"title": MARK, "kind": "request", MARK: MARK},
    "another unknown field": {"__class__": MARK},
}


@pytest.fixture
def last(standing_office: Office) -> int:
    return standing_office.recorder.max_notification_id() or 0


async def sent(
    api: Client, operation: Operation, content: bytes | AsyncIterator[bytes], **headers: str
) -> httpx.Response:
    by = "admin" if operation.method == "PUT" else "clerk:T01"
    return await api.send(
        operation.method,
        operation.address,
        by=by,
        content=content,
        headers={"Content-Type": "application/json", "Idempotency-Key": new_key(), **headers},
    )


def unechoed(problem: Json) -> None:
    assert MARK.lower() not in str(problem).lower()


@pytest.mark.parametrize("text", MALFORMED.values(), ids=MALFORMED.keys())
async def test_what_cannot_be_read_in_one_way_only_is_malformed(
    standing_api: Client, standing_office: Office, last: int, text: bytes
) -> None:
    for operation in WRITES:
        unechoed(refused(await sent(standing_api, operation, text), 400, "malformed"))
    assert standing_office.recorder.max_notification_id() == last


@pytest.mark.parametrize("body", INVALID.values(), ids=INVALID.keys())
async def test_what_no_command_asks_for_is_invalid(
    standing_api: Client, standing_office: Office, last: int, body: Any
) -> None:
    content = httpx.Request("POST", "http://sanji", json=body).content
    for operation in WRITES:
        problem = refused(await sent(standing_api, operation, content), 422, "invalid")
        unechoed(problem)
        assert all(error["field"] and error["message"] for error in problem["errors"])
    assert standing_office.recorder.max_notification_id() == last


WRONG: dict[str, Any] = {
    "title": ["", "x" * 201, None, 7, ["x"], {"x": 1}, True],
    "kind": ["", MARK, "Request", None, 0],
    "description": ["x" * 8001, 5, None],
    "category": ["", "x" * 4001],
    "village": ["", "a b", "../..", "x" * 65, "名", "V9999", 5, MARK],
    "channel": [MARK, None],
    "source": [MARK],
    "grade": ["IV", 1, MARK],
    "occurred_at": [
        "2025-03-03T08:00:00",
        "2025-03-03",
        "yesterday",
        "2003-12-31T00:00:00+08:00",
        "2999-01-01T00:00:00+08:00",
        "0001-01-01T00:00:00+08:00",
        "9999-12-31T23:59:59-08:00",
        "2025-02-30T00:00:00+08:00",
        "2025-03-03T25:00:00+08:00",
        1740900000,
        1740900000000.0,
        "1740900000",
        MARK,
    ],
    "petitioner": [MARK, {MARK: MARK}, {"name": "x" * 2001}, {"name": 5}, []],
    "confidentiality": [MARK, "open "],
    "subjects": [MARK, [""], ["no such official"], ["nobody"], ["a"] * 21, [5]],
    "household": ["", "a b", 5],
    "proxy": ["perhaps", "yes", "true", 1, 2, None],
    "location": [
        MARK,
        {"lon": 181, "lat": 0},
        {"lon": 0, "lat": -91},
        {"lon": "a", "lat": 0},
        {"lon": "109.0", "lat": 0},
        {"lon": 1},
        {"lon": 1e300, "lat": 0},
    ],
    "external_id": ["x" * 201, 5],
}


@pytest.mark.parametrize("field", WRONG)
async def test_a_report_with_a_wrong_value_is_invalid_and_the_field_is_named(
    standing_api: Client, standing_office: Office, last: int, field: str
) -> None:
    for value in WRONG[field]:
        answer = await standing_api.post("/v1/cases", report(**{field: value}), by="citizen:1")
        problem = refused(answer, 422, "invalid")
        unechoed(problem)
        assert field in problem["detail"], (value, problem)
    assert standing_office.recorder.max_notification_id() == last


@pytest.mark.parametrize(
    ("sent", "at_fault", "message"),
    [
        ({"village": "V9999"}, "village", "is not a known village or community"),
        ({"subjects": ["nobody"]}, "subjects", "names 1 unknown officials"),
        ({"household": "HH-9"}, "household", "does not stand in the register"),
        ({"kind": "accusation", "confidentiality": "open"}, None, ""),
    ],
)
async def test_what_a_rule_refuses_about_a_field_names_the_field(
    standing_api: Client, sent: Json, at_fault: str | None, message: str
) -> None:
    problem = refused(await standing_api.post("/v1/cases", report(**sent), by="citizen:1"), 422, "invalid")
    assert problem.get("errors") == ([{"field": at_fault, "message": message}] if at_fault else None)


async def test_what_a_rule_refuses_in_a_document_names_its_place_as_the_schema_does(standing_api: Client) -> None:
    unit: Json = {"id": "V0101", "name": "Village", "kind": "village", "parent": "T99"}
    for parent, place in (("T99", "units.0.parent"), (5, "units.0.parent")):
        body = {"units": [unit | {"parent": parent}], "officials": []}
        answer = await standing_api.send(
            "PUT", "/v1/org", by="admin", body=body, headers={"Idempotency-Key": new_key()}
        )
        assert [one["field"] for one in refused(answer, 422, "invalid")["errors"]] == [place]
    chinese = await standing_api.get("/v1/cases?at=2199-01-01T00:00:00Z", "auditor", accept_language="zh")
    assert refused(chinese, 422, "invalid")["errors"] == [{"field": "at", "message": "尚未到来"}]


async def test_what_is_wrong_is_told_once_in_words_of_who_sends_json(standing_api: Client) -> None:
    body = report(subjects=["a"] * 21, petitioner={"nickname": "A"}, one=1, other=2)
    problem = refused(await standing_api.post("/v1/cases", body, by="citizen:1"), 422, "invalid")
    [nested, many, unknown] = problem["errors"]
    assert many == {"field": "subjects", "message": "Input should have 20 items or fewer"}
    assert nested == {"field": "petitioner", "message": "There is a field here that is not known"}
    assert unknown["message"].startswith("There is a field here that is not known; known are category, channel, ")
    assert problem["detail"] == "check petitioner, subjects, body"
    for verb, known in {"urge": "note", "start": "none"}.items():
        answer = await standing_api.post(f"/v1/cases/x/{verb}", {"one": 1}, by="citizen:1")
        [only] = refused(answer, 422, "invalid")["errors"]
        assert only["message"] == f"There is a field here that is not known; known are {known}"


async def test_a_body_of_another_type_is_not_taken(standing_api: Client, standing_office: Office, last: int) -> None:
    for operation in WRITES:
        for kind in ("text/plain", "application/x-www-form-urlencoded", "application/xml", "application/jsonp", ""):
            answer = await sent(standing_api, operation, b'{"Zq7Canary": 1}', **{"Content-Type": kind})
            unechoed(refused(answer, 415, "unsupported_media_type"))
    assert standing_office.recorder.max_notification_id() == last


async def test_a_body_that_is_encoded_is_not_taken_and_how_it_may_come_is_told(standing_api: Client) -> None:
    for operation in WRITES:
        answer = await sent(standing_api, operation, compress(b'{"Zq7Canary": 1}'), **{"Content-Encoding": "gzip"})
        unechoed(refused(answer, 415, "unsupported_media_type"))
        assert answer.headers["accept-encoding"] == "identity"
    answer = await sent(standing_api, WRITES[0], b"", **{"Content-Encoding": "Identity"})
    assert answer.status_code != 415


async def test_a_body_that_is_too_large_is_refused_before_it_is_read(
    standing_api: Client, standing_office: Office, last: int
) -> None:
    taken = 0

    async def fifty_megabytes() -> AsyncIterator[bytes]:
        nonlocal taken
        for _ in range(50):
            taken += 1
            yield MEGABYTE

    for operation in WRITES:
        taken = 0
        refused(await sent(standing_api, operation, fifty_megabytes()), 413, "too_large")
        assert taken <= 21, "no more is read than may be sent"
        taken = 0
        declared = {"Content-Length": str(50 * 2**20)}
        refused(await sent(standing_api, operation, fifty_megabytes(), **declared), 413, "too_large")
    assert standing_office.recorder.max_notification_id() == last


async def test_a_whole_organisation_is_read_of_administrators_only(standing_api: Client) -> None:
    answers = (None, 401, "unauthenticated"), ("head:T01", 403, "not_permitted"), ("admin", 400, "malformed")
    for by, status, code in answers:
        kind = {"Content-Type": "application/json"}
        refused(await standing_api.send("PUT", "/v1/org", by=by, headers=kind, content=b"["), status, code)


async def test_a_report_may_be_as_long_as_its_fields_allow(standing_api: Client) -> None:
    body = report(title="题" * 200, description="事" * 8000)
    answer = await standing_api.post("/v1/cases", body, by="citizen:1")
    assert answer.status_code == 201
    assert answer.json()["description"] == body["description"]


@pytest.mark.parametrize(
    "title", ["a\\b", 'say "x": y', '{"a":1,"a":2}', "12345678901234567890", "\\u0000", "\u202e", "💧"]
)
async def test_a_text_that_only_looks_wrong_is_kept_as_it_is(standing_api: Client, title: str) -> None:
    answer = await standing_api.post("/v1/cases", report(title=title), by="citizen:1")
    assert answer.status_code == 201, answer.text
    assert (await standing_api.case(answer.json()))["title"] == title


async def test_what_can_mean_one_thing_only_is_taken_however_it_is_written(api: Client) -> None:
    """A whole number as 3.0, a day as the instant it begins; one that begins at five is another thing."""
    at = "/v1/households"
    done(await api.post(at, {"id": "HH-1", "village": "V0101"}, by="cadre:V0101"), 201)
    facts = {"members": 3.0, "income_per_head": 900.0, "debt_total": 0, "hardships": []}
    done(await api.post(f"{at}/HH-1/record-facts", facts, by="cadre:V0101"))
    refused(await api.post(f"{at}/HH-1/record-facts", {**facts, "members": 3.5}, by="cadre:V0101"), 422, "invalid")
    for begins, status in (("2021-01-01T00:00:00+08:00", 200), ("2021-01-01T05:00:00+08:00", 422)):
        org = organisation()
        org["officials"][0]["posts"][0]["from"] = begins
        assert (await api.send("PUT", "/v1/org", by="admin", body=org)).status_code == status


@pytest.mark.parametrize("path", ["/v1/cases", "/v1/attachments"])
async def test_who_goes_away_in_the_middle_of_a_body_is_no_failure_of_ours(
    standing_office: Office, caplog: pytest.LogCaptureFixture, path: str
) -> None:
    """As a telephone does where its signal ends."""
    headers = {"host": "localhost", "authorization": "Bearer dev:citizen:1", "idempotency-key": "gone"}
    headers["content-type"] = "application/json"
    if path == "/v1/attachments":
        headers["content-type"] = "multipart/form-data; boundary=x"
    scope = {"type": "http", "method": "POST", "path": path, "query_string": b"", "client": ("127.0.0.1", 1)}
    scope["headers"] = [(name.encode(), value.encode()) for name, value in headers.items()]
    received = iter([{"type": "http.request", "body": b"{", "more_body": True}, {"type": "http.disconnect"}])

    async def receive() -> Any:
        return next(received)

    async def send(_message: Any) -> None:
        pass

    await reopened(standing_office)(scope, receive, send)
    assert not caplog.records


def test_what_is_only_written_otherwise_is_no_fault_however_much_there_is_of_it() -> None:
    """As a program in JavaScript writes the days of all posts of a district."""
    body = AsWritten(create_model_field("body", ReorganiseDistrict))
    post = {"unit": "D", "role": "cadre", "from": "2025-01-01T00:00:00.000Z"}
    officials = [{"id": f"o{number}", "name": "Wang", "posts": [post]} for number in range(MOST_FAULTS + 1)]
    read, faults = body.validate({"units": [], "officials": officials}, loc=("body",))
    assert (len(read.officials), faults) == (MOST_FAULTS + 1, [])


async def test_what_is_full_of_faults_is_not_told_them_all_nor_a_stranger_any(standing_api: Client) -> None:
    body = report(subjects=[1] * 5_000)
    refused(await standing_api.send("POST", "/v1/cases", by=None, body=body), 401, "unauthenticated")
    problem = refused(await standing_api.post("/v1/cases", body, by="citizen:1"), 422, "invalid")
    assert [one["field"] for one in problem["errors"]] == ["body"]
    assert "faults in it" in problem["errors"][0]["message"]
