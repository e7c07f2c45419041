"""Whatever the OpenAPI document allows, and much that it does not: the service answers as described, and never fails."""

import json
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path
from typing import Any

import httpx
import jsonschema_rs
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.generation.meta import TestPhase
from schemathesis.schemas import BaseSchema
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

from api_tests.client import new_key
from api_tests.databases import Databases, PostgresServer, SqliteFolder
from api_tests.district import OFFICIALS, Json, report
from api_tests.operations import DOCUMENT, EVERY
from api_tests.server import Server
from service.http.problems import BUG, PLAIN, SHAPES

FEW = settings(max_examples=1, derandomize=True, suppress_health_check=list(HealthCheck))
MANY = settings(FEW, max_examples=200, derandomize=False)
CHECKS = [not_a_server_error, response_schema_conformance, content_type_conformance]

Case = schemathesis.Case[Any]

PARTS = 12
"""So many tests share the work: the operations of a part are thought of when it runs, not whenever tests are collected."""
OF_EVERYBODY = ("authorization", "idempotency-key", "sanji-purpose", "sanji-min-position", "min_position", "wait")
"""What every request says of itself is left to other tests: here nobody waits, and each has a key of his own."""
HEADERS = {"ETag", "Sanji-Position", "Idempotency-Replayed", "Link", "Location", "Retry-After"}
"""What clients go by beside a body."""
chance = random.Random(0)


def headers_described(path: str, method: str, status: int) -> set[str]:
    """Those that the document names of an answer."""
    answers = DOCUMENT["paths"][path][method.lower()]["responses"]
    answer = answers.get(str(status), answers["default"])
    if answer == {"$ref": "#/components/responses/Problem"}:
        answer = DOCUMENT["components"]["responses"]["Problem"]
    return set(answer.get("headers", ()))


class Served:
    """A service with some cases, which anybody asks anything."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._session = requests.Session()
        self._session.trust_env = False
        self._cases = [self._report(number) for number in range(5)]

    def answers(self, case: Case) -> None:
        """Ask it as somebody, half of the time about a case that is there; then compare answer and description."""
        if "case_id" in case.path_parameters and chance.random() < 0.5:
            case.path_parameters["case_id"] = chance.choice(self._cases)
        by = chance.choice([*OFFICIALS, "admin", "citizen:1"])
        headers = {"Authorization": f"Bearer dev:{by}", "Idempotency-Key": new_key()}
        answer = case.call(base_url=self._server.url, session=self._session, headers=headers)
        case.validate_response(answer, checks=CHECKS)
        described = headers_described(case.operation.path, case.operation.method, answer.status_code)
        borne = {name for name in HEADERS if name.lower() in answer.headers}
        assert borne <= described, f"{case.operation.label} {answer.status_code} bears {borne - described}"

    def _report(self, number: int) -> str:
        headers = {"Authorization": f"Bearer dev:citizen:{number}", "Idempotency-Key": new_key()}
        body = report(village="V0101", title=f"Case {number}")
        case: str = httpx.post(f"{self._server.url}/v1/cases", json=body, headers=headers).json()["id"]
        return case

    def close(self) -> None:
        self._session.close()


@contextmanager
def serving(databases: Databases, folder: Path) -> Iterator[Served]:
    server = Server(folder, databases.founded(), {"SANJI_CLOCK": "manual", "SANJI_STRANGERS_PER_S": "0"}).start()
    served = Served(server)
    yield served
    served.close()
    server.stop()
    print(server.logged()[-20_000:])


@pytest.fixture(scope="module")
def served(sqlite: SqliteFolder, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(sqlite, tmp_path_factory.mktemp("sqlite")) as one:
        yield one


@pytest.fixture(scope="module")
def both(
    served: Served, postgresql: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Served, Served]]:
    """One on each database."""
    with serving(postgresql, tmp_path_factory.mktemp("postgresql")) as other:
        yield served, other


@pytest.fixture(params=range(PARTS))
def part(request: pytest.FixtureRequest) -> BaseSchema:
    """Of all operations but the streams, which never come to an end (see test_streams.py), and the clock, which would
    leave all others in a year for which there are no rules.
    """
    request.node._nodeid = request.node.nodeid  # pytest 9.2 calls it otherwise, schemathesis 4.32 looks for it
    paths = [path for path in DOCUMENT["paths"] if not path.endswith(("/stream", "/dev/clock"))]
    some = deepcopy({path: DOCUMENT["paths"][path] for path in paths[request.param :: PARTS]})
    for operation in (one for operations in some.values() for one in operations.values()):
        asked = operation.get("parameters", ())
        operation["parameters"] = [one for one in asked if one["name"].lower() not in OF_EVERYBODY]
    schema = schemathesis.openapi.from_dict({**DOCUMENT, "paths": some})
    # of the methods an address does not take one is enough (see test_bad_addresses.py)
    schema.config.phases.coverage.unexpected_methods = {"DELETE"}
    if request.node.get_closest_marker("soak") is None:
        schema.hook("filter_case")(sample())
    return schema


def sample() -> Callable[[object, Case], bool]:
    """Of the edges of what an operation takes, the first six and every thirty-second after them: rules have a thousand."""
    edges: Counter[str] = Counter()

    def is_tried(_: object, case: Case) -> bool:
        if case.meta is None or case.meta.phase.name is not TestPhase.COVERAGE:
            return True
        edges[case.operation.label] += 1
        number = edges[case.operation.label]
        return number <= 6 or number % 32 == 0

    return is_tried


operations = schemathesis.pytest.from_fixture("part")


def test_every_answer_in_json_has_its_shape_in_the_document() -> None:
    unsaid = [
        f"{operation} {status}"
        for operation in EVERY
        for status, answer in operation.spec["responses"].items()
        if status.startswith("2") and answer.get("content", {}).get("application/json", {}).get("schema") == {}
    ]
    assert unsaid == []


def test_no_two_shapes_have_one_name() -> None:
    """They would be told apart by their modules, or as what is sent and what is answered, which nobody knows who reads
    the document; and who has a client made from it goes by the titles: of two that are alike, the second is left out.
    """
    schemas = DOCUMENT["components"]["schemas"]
    assert [name for name in schemas if "__" in name or name.endswith(("-Input", "-Output"))] == []
    assert [name for name, schema in schemas.items() if schema["title"] != name] == []


def test_clients_can_be_made_from_it_whole() -> None:
    """Who makes them puts what bears one tag into one file, what comes to receivers over what is asked; and some end at
    a field that can be nothing but null.
    """
    asked = {tag for one in EVERY for tag in one.spec["tags"]}
    assert asked.isdisjoint(tag for one in DOCUMENT["webhooks"].values() for tag in one["post"]["tags"])
    fields = [
        field for schema in DOCUMENT["components"]["schemas"].values() for field in schema.get("properties", {}).items()
    ]
    assert [name for name, field in fields if field.get("type") == "null"] == []


def fits(shape: Json, value: Any) -> bool:
    """Whether a value is of a shape of the document."""
    return jsonschema_rs.Draft202012Validator({**DOCUMENT, **shape}, validate_formats=True).is_valid(value)


def test_what_is_invented_as_an_example_has_the_shape_it_shows() -> None:
    invented = {
        name: schema["examples"] for name, schema in DOCUMENT["components"]["schemas"].items() if "examples" in schema
    }
    assert {"Report", "Escalate", "Resolve", "ReportAnswer", "CaseAnswer", "Queue", "CloudEvent", "Problem"} <= set(
        invented
    )
    assert [name for name, (one,) in invented.items() if not fits({"$ref": f"#/components/schemas/{name}"}, one)] == []


def test_a_list_of_all_operations_says_what_each_is_for_in_words_of_its_readers() -> None:
    assert [str(one) for one in EVERY if len(one.spec["summary"]) < 8 or "\n" in one.spec["summary"]] == []
    assert not {mark for mark in ("[P]", "domain.md") if mark in json.dumps(DOCUMENT)}


def test_an_operation_is_called_by_what_is_asked_of_what() -> None:
    """Clients have functions of that name, whatever ours are called."""
    called = {str(one): one.spec["operationId"] for one in EVERY}
    assert len(set(called.values())) == len(called)
    assert [name for name in called.values() if not re.fullmatch(r"[a-z]+(_[a-z0-9]+)+", name)] == []
    assert {
        "GET /v1/cases": "get_cases",
        "POST /v1/cases": "create_case",
        "GET /v1/cases/{case_id}": "get_case",
        "POST /v1/cases/{case_id}/add-subject": "add_case_subject",
        "POST /v1/duties/visits/approve": "approve_duty_visit",
        "POST /v1/households/{household_id}/record-facts": "record_household_facts",
        "PUT /v1/policies/{policy_id}": "set_policy",
        "POST /v1/policies/{policy_id}/what-if": "what_if_policy",
        "GET /v1/exports/cases.{form}": "export_cases",
        "GET /open311/v2/requests/{service_request_id}.{format}": "get_open311_request",
    }.items() <= called.items()


def test_what_clients_go_by_beside_the_body_is_in_the_document() -> None:
    """A client made from it would otherwise not know that it may build on a version, wait for a position, turn a page."""
    report, list_, queue = "/v1/cases", "/v1/cases", "/v1/me/queue"
    assert headers_described(report, "POST", 201) >= {"ETag", "Sanji-Position", "Idempotency-Replayed", "Location"}
    assert headers_described(list_, "GET", 200) >= {"Sanji-Position", "Link"}
    assert headers_described(queue, "GET", 200) >= {"ETag", "Sanji-Position", "Link"}
    assert headers_described(queue, "GET", 304) >= {"ETag", "Sanji-Position"}
    assert "If-None-Match" in {one["name"] for one in DOCUMENT["paths"][queue]["get"]["parameters"]}
    assert headers_described("/v1/imports", "POST", 202) == {"Location", "Idempotency-Replayed"}, "a job has no version"
    assert "If-Match" not in {one["name"] for one in DOCUMENT["paths"]["/v1/imports"]["post"]["parameters"]}
    assert headers_described(list_, "GET", 503) == {"Retry-After"}


def test_events_and_who_held_a_case_have_their_fields_in_the_document() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    feed = DOCUMENT["paths"]["/v1/events"]["get"]["responses"]["200"]["content"]
    assert feed["application/cloudevents-batch+json"]["schema"]["items"] == {"$ref": "#/components/schemas/CloudEvent"}
    assert {"id", "type", "subject", "time", "data", "sanjiposition"} <= set(schemas["CloudEvent"]["required"])
    assert schemas["SegmentView"]["properties"]["units"]["items"] == {"$ref": "#/components/schemas/Held"}
    assert set(schemas["Held"]["required"]) == {"unit", "from", "to"}


def test_the_codes_of_refusals_are_in_the_document() -> None:
    known = DOCUMENT["components"]["schemas"]["Problem"]["properties"]["code"]["enum"]
    assert {shape.code for shape in (*SHAPES.values(), *PLAIN.values(), BUG)} == set(known)


@operations.parametrize()
@FEW
def test_every_operation_answers_as_it_is_described(case: Case, served: Served) -> None:
    served.answers(case)


@pytest.mark.soak
@operations.parametrize()
@MANY
def test_every_operation_answers_as_it_is_described_however_often_it_is_asked(
    case: Case, both: tuple[Served, Served]
) -> None:
    for served in both:
        served.answers(case)
