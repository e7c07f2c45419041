"""An auditor replays: the case as it stood at any moment, what changed between two, why it is here and why it is red."""

from copy import deepcopy
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import msgspec
import pytest
import pytest_asyncio
from fastapi import FastAPI

from api_tests.client import Client, done, refused
from api_tests.district import DONE, Json, instant
from api_tests.inprocess import in_front_of
from domain.case import Case
from domain.case.clocks import ClockKind
from domain.case.correction import Correct, Field, Reclassify
from domain.case.terms import Grade
from domain.streams import case_stream
from domain.tests.road import assigned_to
from domain.tests.story import actor
from service.office import Office
from service.telling.case_view import case_fields
from service.telling.explaining import counted_from
from service.telling.trail import trail


async def long_road(api: Client) -> Json:
    """Late in the town, up to the district, asked about, extended, resolved, not solved, reopened, resolved again."""
    await api.set_clock("2025-09-19 15:00")
    case = await api.report(by="cadre:V0101", village="V0101", petitioner={"name": "Li", "phone": "13800000000"})
    await api.ask(case, "accept", by="clerk:T01")
    await api.set_clock("2025-09-19 16:00")
    await api.ask(case, "assign", by="clerk:T01", unit="T01")
    await api.set_clock("2025-09-22 10:00")
    await api.ask(case, "dispute", by="head:T01", ground="not_my_duty", evidence=["map"], suggested_unit="D-ROADS")
    await api.set_clock("2025-09-23 10:00")
    await api.ask(case, "rule", by="adjudicator", upheld=False)
    await api.set_clock("2025-10-09 09:00")
    await api.ask(case, "contact", by="officer:D-MASSWORK", outcome="reached")
    await api.ask(case, "request-information", by="officer:D-MASSWORK", items=["deed"], delivered="by hand")
    await api.set_clock("2025-10-13 09:00")
    await api.ask(case, "provide-information", by="officer:D-MASSWORK")
    await api.ask(case, "request-extension", by="officer:D-MASSWORK", days=5, reason="snow", petitioner_told=True)
    await api.ask(case, "decide-extension", by="adjudicator", granted=True)
    await api.set_clock("2025-10-20 09:00")
    await api.ask(case, "resolve", by="officer:D-MASSWORK", **DONE)
    await api.set_clock("2025-10-21 09:00")
    await api.ask(case, "feedback", by="follow-up", result="answered", solved=False)
    await api.set_clock("2025-10-22 09:00")
    await api.ask(case, "resolve", by="officer:D-MASSWORK", **DONE)
    await api.set_clock("2025-12-01 09:00")
    return await api.case(case)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def case(standing_app: FastAPI) -> Json:
    """One that has gone the long road; the tests only look at it."""
    async with in_front_of(standing_app) as api:
        return await long_road(api)


async def explained(api: Client, case: Json, query: str = "", **headers: str) -> Json:
    return done(await api.get(f"/v1/cases/{case['id']}/explain{query}", **headers))


def the(clocks: list[Json], kind: str, unit: str) -> Json:
    return next(one for one in clocks if (one["kind"], one["unit"]) == (kind, unit))


async def test_why_it_is_red_down_to_the_sunday_on_which_people_work(standing_api: Client, case: Json) -> None:
    told = await explained(standing_api, case)
    hold = the(told["clocks"], "hold", "T01")
    assert (hold["state"], hold["rule"], hold["amount"], hold["amount_unit"]) == (
        "breached",
        "hold_wd.T",
        7,
        "working_days",
    )
    assert (hold["policy"], hold["calendar"]) == ("hanbin-default-1.1", "cn-2025.1")
    assert [(one["day"], one["why"]) for one in hold["days"] if one["why"] != "working_day"] == [
        ("2025-09-20", "weekend"),
        ("2025-09-21", "weekend"),
        ("2025-09-27", "weekend"),
        ("2025-09-28", "makeup_workday"),
    ]
    assert "Sun 28 Sep works" in hold["sentence"]
    assert hold["sentence"] in told["red"]
    history = await standing_api.history(case)
    assert history[hold["started_by"] - 1]["type"] == "case.assigned"
    assert history[hold["stopped_by"] - 1]["type"] == "case.escalated"
    chinese = the((await explained(standing_api, case, accept_language="zh"))["clocks"], "hold", "T01")
    assert "9月28日（周日）调休上班" in chinese["sentence"]
    assert "已逾期" in chinese["sentence"]


async def test_every_clock_is_counted_out_to_the_day_on_which_it_ends(standing_api: Client, case: Json) -> None:
    told = await explained(standing_api, case)
    assert [(one["kind"], one["unit"]) for one in told["clocks"]] == [
        (one["kind"], one["unit"]) for one in case["clocks"]
    ]
    for clock in told["clocks"]:
        assert clock["days"], clock
        assert sum(one["counts"] for one in clock["days"]) == clock["amount"]
        last = instant(clock["due_at"]) - timedelta(seconds=1)
        assert clock["days"][-1]["day"] == last.date().isoformat()
        assert clock["rule"], clock
    district = the(told["clocks"], "hold", "D-MASSWORK")
    assert [one["day"] for one in district["days"] if one["why"] == "paused"] == [
        "2025-10-10",
        "2025-10-11",
        "2025-10-12",
    ]
    assert len(district["events"]) == 3, "paused, resumed, extended"


def test_what_proved_urgent_is_told_from_then_on() -> None:
    urgent = Reclassify(grade=Grade.URGENT, reason="smoke")
    story = assigned_to("T01").step_by("03-04 10:00", "dispatcher", urgent)
    told = {one.clock.kind: counted_from(one) for one in trail(Case(id="case-1"), story.history).clocks}
    assert told[ClockKind.HOLD] == told[ClockKind.FIRST_RESPONSE] == (instant("2025-03-04 10:00"), 4)
    assert told[ClockKind.DISPUTE_WINDOW] == (instant("2025-03-03 09:30"), 3)


def test_when_it_began_is_told_as_it_was_corrected() -> None:
    dated = Correct(field=Field.OCCURRED_AT, value="2025-03-01T18:00:00+08:00", reason="misheard")
    story = assigned_to("T01").step_by("03-04 10:00", "dispatcher", dated)
    told = case_fields(story.case, story.act(actor("auditor"), instant("2025-03-04 10:00")))
    assert told["occurred_at"] == told["reported_at"] == instant("2025-03-01 18:00")


async def test_why_it_is_here(standing_api: Client, case: Json) -> None:
    before = await explained(standing_api, case, "?at=2025-10-02T00:00:00Z")
    assert (before["unit"], before["tier"], before["status"]) == ("D-MASSWORK", "district", "assigned")
    history = await standing_api.history(case)
    assert history[before["here"] - 1]["sentence"] == before["why_here"]
    assert before["why_here"].startswith("Escalated to D-MASSWORK (district)")
    assert [(one["unit"], one["why"]) for one in before["waiting_for"]] == [("D-MASSWORK", "escalated")]
    fresh = await standing_api.report(village="V0101")
    told = await explained(standing_api, fresh)
    assert (told["here"], told["status_by"], told["tier"]) == (None, 1, None)
    assert told["why_here"].startswith("Reported as a request")
    assert [(one["unit"], one["why"]) for one in told["waiting_for"]] == [("T01", "triage")]


async def test_a_patch_between_two_moments_turns_the_one_into_the_other(standing_api: Client, case: Json) -> None:
    last = case["version"]
    for first, then in [(1, last), (1, 3), (3, 4), (last - 1, last), (5, 5)]:
        told = done(await standing_api.get(f"/v1/cases/{case['id']}/diff?from={first}&to={then}"))
        before, after = [await standing_api.case(case, version=one) for one in (first, then)]
        assert applied(told["patch"], before) == after
        assert [one["version"] for one in told["sentences"]] == list(range(first + 1, then + 1))
    by_instant = "from=2025-09-19T15:30:00%2B08:00&to=2025-10-02T00:00:00%2B08:00"
    told = done(await standing_api.get(f"/v1/cases/{case['id']}/diff?{by_instant}"))
    history = await standing_api.history(case)
    assert [one["sentence"] for one in told["sentences"]] == [one["sentence"] for one in history[2 : told["to"]]]
    assert history[told["to"] - 1]["type"] == "case.escalated"


async def test_a_difference_is_asked_for_between_two_moments_that_were(standing_api: Client, case: Json) -> None:
    for wrong in ("from=2&to=1", "from=x", "from=2025-03-03", "from=-1", "from=1&to="):
        answer = await standing_api.get(f"/v1/cases/{case['id']}/diff?{wrong}")
        assert answer.status_code in (404, 422), wrong
    refused(await standing_api.get(f"/v1/cases/{case['id']}/diff?to={case['version'] + 1}"), 404, "not_found")


def applied(patch: list[Json], to: Any) -> Any:
    """A JSON Patch applied, by the words of RFC 6902."""
    result = deepcopy(to)
    for one in patch:
        *way, last = [part.replace("~1", "/").replace("~0", "~") for part in one["path"].split("/")[1:]]
        place = result
        for part in way:
            place = place[int(part) if isinstance(place, list) else part]
        if isinstance(place, list):
            index = int(last)
            if one["op"] == "add":
                place.insert(index, one["value"])
            elif one["op"] == "remove":
                place.pop(index)
            else:
                place[index] = one["value"]
        elif one["op"] == "remove":
            del place[last]
        else:
            assert (last in place) is (one["op"] == "replace")
            place[last] = one["value"]
    return result


async def test_the_feed_tells_when_an_event_took_effect_and_when_it_was_stored(api: Client) -> None:
    """A deadline that nobody saw lapse counts from when it was over, not from when that was noticed."""
    case = await api.assigned()
    await api.set_clock("2025-03-20 09:00")
    history = [(one["type"], one["at"], one["recorded_at"]) for one in await api.history(case)]
    assert history[-1] == ("case.escalated", "2025-03-13T00:00:00+08:00", "2025-03-20T09:00:00+08:00")
    feed = (await api.get("/v1/events?types=case.reported,case.accepted,case.assigned,case.escalated")).json()
    assert [(one["type"], one["time"], one["sanjirecordedat"]) for one in feed] == history


async def test_names_are_said_with_their_ids(api: Client) -> None:
    org = done(await api.get("/v1/org", "admin"))
    for one in org["units"]:
        one.pop("tier"), one.pop("closed_on"), one.pop("successor")
        one["name"] = {"T01": "石门镇"}.get(one["id"], one["name"])
    for one in org["officials"]:
        one["name"] = {"head:T01": "Wang"}.get(one["id"], one["name"])
    body = {"units": org["units"], "officials": org["officials"]}
    done(await api.send("PUT", "/v1/org", by="admin", body=body))
    case = await api.assigned()
    await api.ask(case, "start", by="head:T01")
    history = await api.history(case)
    assert "Assigned to 石门镇 (T01) (town)" in history[2]["sentence"]
    assert "Wang (head:T01) answers for it" in history[2]["sentence"]
    assert (history[3]["by"], history[3]["by_name"]) == ("head:T01", "Wang")
    assert (await explained(api, case))["unit_name"] == "石门镇"


class Fold:
    """What a case adds up to, told a second time from the stored lines alone."""

    def __init__(self) -> None:
        self.version, self.unit, self.tier = 0, None, None
        self.clocks: list[Json] = []

    def follow(self, line: Json) -> None:
        data, at = line["data"], line["at"]
        self.version = line["version"]
        opened = data.get("stay") or data
        if line["type"] == "case.transferred":
            self.unit = data["unit"]
        elif "tier" in opened and "unit" in opened:
            self.unit, self.tier = opened["unit"], opened["tier"]
        for stop in data.get("stops", ()):
            for clock in self.clocks:
                if clock["stopped_at"] is None and (clock["kind"], clock["unit"]) == (stop["kind"], stop["unit"]):
                    clock |= {"stopped_at": at}
        for move in data.get("moves", ()):
            clock = [one for one in self.clocks if (one["kind"], one["unit"]) == (move["kind"], move["unit"])][-1]
            if move.get("to_unit"):
                clock["unit"] = move["to_unit"]
            elif move.get("paused"):
                clock["due_at"] = None
            elif not move.get("lapsed") and not move.get("restored"):
                clock["due_at"] = move["due_at"]
        for start in data.get("starts", ()):
            self.clocks.append(
                {"kind": start["kind"], "unit": start["unit"], "due_at": start["due_at"], "stopped_at": None}
            )

    def told(self) -> Json:
        def at(text: str | None) -> datetime | None:
            return datetime.fromisoformat(text) if text else None

        clocks = [one | {name: at(one[name]) for name in ("due_at", "stopped_at")} for one in self.clocks]
        return {"version": self.version, "unit": self.unit, "tier": self.tier, "clocks": clocks}


def shown(case: Json) -> Json:
    clocks = [
        {"kind": one["kind"], "unit": one["unit"]}
        | {name: instant(one[name]) if one[name] else None for name in ("due_at", "stopped_at")}
        for one in case["clocks"]
    ]
    return {"version": case["version"], "unit": case["unit"], "tier": case["tier"], "clocks": clocks}


@pytest.mark.parametrize("instants", [40, pytest.param(1000, marks=pytest.mark.soak)])
async def test_what_is_answered_as_of_a_moment_is_what_the_stored_lines_add_up_to(
    standing_api: Client, standing_office: Office, case: Json, instants: int
) -> None:
    random = Random(instants)
    stored = standing_office.recorder.select_streams([case_stream(case["id"])])[case_stream(case["id"])]
    lines: list[Json] = [msgspec.json.decode(line) for line in stored]
    first, last = datetime.fromisoformat(lines[0]["at"]), datetime(2025, 11, 20, tzinfo=UTC)
    exactly = [datetime.fromisoformat(one["at"]) for one in random.sample(lines, 10)]
    for at in [*exactly, *(first + random.random() * (last - first) for _ in range(instants - len(exactly)))]:
        fold = Fold()
        for line in lines:
            if datetime.fromisoformat(line["at"]) <= at:
                fold.follow(line)
        asked = at.isoformat().replace("+", "%2B")
        then = done(await standing_api.get(f"/v1/cases/{case['id']}?at={asked}"))
        assert shown(then) == fold.told(), asked
        assert shown(await standing_api.case(case, version=fold.version)) == fold.told()
