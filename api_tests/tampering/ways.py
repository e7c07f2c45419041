"""Ways of changing a log, each with the first position where it is no longer what it was."""

from __future__ import annotations

import json

from api_tests.tampering.hands import Lines, chained, numbered


def of_case(rows: Lines, number: int, topic: str) -> int:
    """The position of an event of one of the three cases."""
    positions: list[int] = [row["position"] for row in rows if row["topic"] == topic]
    return positions[number - 1]


Change = tuple[int, Lines]


def edit(rows: Lines) -> Change:
    at = of_case(rows, 2, "case.resolved")
    rows[at - 1]["state"] = rows[at - 1]["state"].replace(b"It is done.", b"It is late.")
    return at, rows


def edit_early(rows: Lines) -> Change:
    at = of_case(rows, 2, "case.reported")
    rows[at - 1]["state"] = rows[at - 1]["state"].replace(b"The pipe", b"The tube")
    return at, rows


def remove(rows: Lines) -> Change:
    at = of_case(rows, 2, "case.resolved")
    return at, rows[: at - 1] + rows[at:]


def remove_and_close_up(rows: Lines) -> Change:
    at = of_case(rows, 2, "case.work_started")
    return at, chained(numbered(rows[: at - 1] + rows[at:]))


def slip_in(rows: Lines) -> Change:
    at = of_case(rows, 3, "case.reported")
    line = json.loads(rows[at - 1]["state"]) | {"stream": "case:never-reported"}
    forged = rows[at - 1] | {"stream": "case:never-reported", "state": json.dumps(line).encode(), "command": None}
    return at, chained(numbered([*rows[: at - 1], forged, *rows[at - 1 :]]))


def swap(rows: Lines) -> Change:
    one, two = of_case(rows, 1, "case.resolved"), of_case(rows, 2, "case.accepted")
    rows[one - 1], rows[two - 1] = rows[two - 1], rows[one - 1]
    return min(one, two), numbered(rows)


def cut_off(rows: Lines) -> Change:
    return len(rows) - 1, rows[:-2]


def rewrite(rows: Lines) -> Change:
    at, rows = edit_early(rows)
    return at, chained(rows)


def fork(rows: Lines) -> Change:
    at = of_case(rows, 2, "case.accepted")
    line = json.loads(rows[at - 1]["state"]) | {"stream": "case:another"}
    forged = rows[at - 1] | {"stream": "case:another", "state": json.dumps(line).encode(), "command": None}
    return at, chained(numbered([*rows[: at - 1], *([forged] * len(rows))]))


def exchange_streams(rows: Lines) -> Change:
    one, two = of_case(rows, 1, "case.resolved"), of_case(rows, 3, "case.resolved")
    rows[one - 1]["stream"], rows[two - 1]["stream"] = rows[two - 1]["stream"], rows[one - 1]["stream"]
    return min(one, two), rows


def exchange_identity(rows: Lines) -> Change:
    one, two = (of_case(rows, number, "case.reported") for number in (1, 2))
    others = json.loads(rows[two - 1]["state"])["data"]["petitioner"]
    line = json.loads(rows[one - 1]["state"])
    line["data"]["petitioner"] = others
    rows[one - 1]["state"] = json.dumps(line).encode()
    return one, chained(rows)


TAMPERINGS = (
    edit,
    edit_early,
    remove,
    remove_and_close_up,
    slip_in,
    swap,
    cut_off,
    rewrite,
    fork,
    exchange_streams,
    exchange_identity,
)
