"""A policy as clients write it and as it is stored: JSON, in which what is left out has its shipped value."""

import json
from typing import Any

import msgspec
import pytest
from pydantic import TypeAdapter, ValidationError

from domain.rules import Policy, PolicyPublished, PublishPolicy

HANBIN: dict[str, Any] = {
    "id": "hanbin-default-1",
    "tz": "Asia/Shanghai",
    "hours": [["08:00", "12:00"], ["14:00", "18:00"]],
    "hold_wd": {"V": 3, "T": 7, "D": 15},
    "urgent_hours": {"first_response": 2, "hold": {"V": 4, "T": 24, "D": 72}},
    "first_response_wd": 1,
    "dispute_window_wd": 2,
    "information_wait_wd": 10,
    "reopen_wd": {"V": 3, "T": 5, "D": 10},
    "remand_default_wd": 5,
    "feedback_window_nd": 15,
    "benefit_wd": 30,
    "petition": {
        "notice_nd": 15,
        "handle_nd": 60,
        "extend_nd": 30,
        "review_request_nd": 30,
        "review_nd": 30,
        "final_request_nd": 30,
        "final_nd": 30,
    },
}
"""The values of the worked cases, word for word."""


def test_the_values_of_the_worked_cases_are_the_policy_that_ships() -> None:
    assert TypeAdapter(Policy).validate_python(HANBIN) == Policy(id="hanbin-default-1")
    assert msgspec.json.decode(json.dumps(HANBIN), type=Policy) == Policy(id="hanbin-default-1")


def test_a_stored_policy_spells_out_every_value_however_it_was_read() -> None:
    read = msgspec.json.decode(json.dumps(HANBIN), type=Policy)
    stored = msgspec.json.encode(PolicyPublished(policy=read, policy_version=1))
    assert json.loads(stored)["policy"] == TypeAdapter(Policy).dump_python(Policy(id="hanbin-default-1"), mode="json")
    assert json.loads(stored)["policy"]["limits"]["transfers_per_entry"] == 2
    assert msgspec.json.decode(stored, type=PolicyPublished).policy == read


@pytest.mark.parametrize(
    "wrong",
    [{"hold_wdd": 3}, {"petition": {"foo": 1}}, {"hold_wd": {"V": 3, "T": 7}}, {"hours": "08:00"}, {"intake_wd": 1.5}],
)
def test_what_a_policy_does_not_know_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(PublishPolicy).validate_python({"policy": HANBIN | wrong})
