"""What is answered is for who asked: no proxy on the way keeps it for the next, but for what is everybody's."""

from __future__ import annotations

import pytest

from api_tests.client import Client
from api_tests.district import report
from api_tests.operations import OPEN311_READS, PROOFS, READS, Operation

FOR_ONE = ("private", "no-store")


@pytest.mark.parametrize("operation", [*READS, *OPEN311_READS], ids=str)
async def test_no_proxy_keeps_an_answer_that_is_not_everybodys(standing_api: Client, operation: Operation) -> None:
    answer = await standing_api.get(operation.address)
    told = answer.headers["cache-control"]
    assert operation.path in PROOFS or any(one in told for one in FOR_ONE), told


async def test_nor_what_a_citizen_is_told_by_his_code_which_is_all_that_he_shows(standing_api: Client) -> None:
    code = (await standing_api.post("/v1/cases", report(), by="citizen:1")).json()["query_code"]
    for what in ("", "/access"):
        answer = await standing_api.http.get(f"/v1/track/{code}{what}")
        assert (answer.status_code, answer.headers["cache-control"]) == (200, "private, no-cache")
