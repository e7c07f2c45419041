"""To whoever a case is about, to his unit and to those below it, that case does not exist: byte for byte."""

import asyncio
import re
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import httpx
import pytest
from pydantic import TypeAdapter

from api_tests.client import Client, done, refused
from api_tests.district import MISSING, OFFICIALS, POSTS, Json, organisation, report
from api_tests.inprocess import at_work, in_front_of, reopened
from domain.tests.samples import SAMPLES
from service.office import Office

BODIES: dict[str, Json] = {
    sample.verb: TypeAdapter(type(sample)).dump_python(sample, mode="json", exclude_none=True) for sample in SAMPLES
}
"""A sensible body for every verb."""

WORD = "hushhush"
TOWN = ("head:T01", "clerk:T01", "officer:T01-LAND", "head:V0101", "head:V0102", "cadre:V0101")
VILLAGE = ("head:V0101", "cadre:V0101")


@dataclass(frozen=True)
class Matter:
    """Something about somebody, and from whom it must be kept."""

    kind: str
    subject: str
    kept_from: tuple[str, ...]
    seen_by: tuple[str, ...]

    def body(self) -> Json:
        return report(title=f"{WORD} {self.kind}", kind=self.kind, village="V0101", subjects=[self.subject])


MATTERS = (
    Matter("accusation", "head:T01", TOWN, ("auditor", "dispatcher", "officer:D-MASSWORK")),
    Matter("complaint", "head:T01", TOWN, ("auditor", "dispatcher", "citizen:1")),
    Matter("complaint", "head:V0101", VILLAGE, ("auditor", "head:T01", "clerk:T01", "citizen:1")),
    Matter("complaint", "clerk:T01", TOWN, ("auditor", "dispatcher", "citizen:1")),
)


@pytest.fixture(params=MATTERS, ids=lambda matter: f"{matter.kind}-{matter.subject}")
def matter(request: pytest.FixtureRequest) -> Matter:
    found: Matter = request.param
    return found


async def brought(api: Client, matter: Matter) -> Json:
    """It is reported, and every view has come up to it."""
    answer = await api.post("/v1/cases", matter.body(), by="citizen:1")
    await api.get("/v1/cases", sanji_min_position=answer.headers["sanji-position"])
    return done(answer, 201)


def plain(answer: httpx.Response) -> tuple[int, bytes, dict[str, str]]:
    """An answer without what tells one request from another."""
    request_id = answer.headers["x-request-id"]
    headers = {name: value for name, value in answer.headers.items() if name != "x-request-id"}
    return answer.status_code, answer.content.replace(request_id.encode(), b"-"), headers


async def test_reading_it_is_like_reading_what_is_not_there(standing_api: Client, matter: Matter) -> None:
    case = (await brought(standing_api, matter))["id"]

    async def alike(by: str, tail: str, language: str) -> None:
        hidden, missing = [
            await standing_api.get(f"/v1/cases/{id}{tail}", by, accept_language=language) for id in (case, MISSING)
        ]
        refused(hidden, 404, "not_found")
        assert plain(hidden) == plain(missing), (by, tail)

    tails = ("", "/history", "?version=1", "?version=9", "?at=2025-03-04T00:00:00Z", "/nothing", "/explain", "/diff")
    await asyncio.gather(*(alike(*asked) for asked in product(matter.kept_from, tails, ("en", "zh"))))


async def test_asking_anything_of_it_is_like_asking_it_of_what_is_not_there(
    standing_api: Client, standing_office: Office, matter: Matter
) -> None:
    case, last = await brought(standing_api, matter), standing_office.recorder.max_notification_id()

    async def alike(by: str, verb: str, body: Json, headers: dict[str, str]) -> None:
        hidden, missing = [
            await standing_api.post(f"/v1/cases/{id}/{verb}", body, by=by, **headers) for id in (case["id"], MISSING)
        ]
        refused(hidden, 404, "not_found")
        assert plain(hidden) == plain(missing), (by, verb)

    for by in {matter.subject, matter.kept_from[1], matter.kept_from[-1]}:
        await asyncio.gather(*(alike(by, verb, body, {}) for verb, body in BODIES.items()))
    knowing = {"if_match": '"7"'}
    await asyncio.gather(*(alike(matter.subject, verb, body, knowing) for verb, body in BODIES.items()))
    assert standing_office.recorder.max_notification_id() == last


async def test_joining_another_case_to_it_is_like_joining_it_to_what_is_not_there(
    standing_api: Client, matter: Matter
) -> None:
    hidden = await brought(standing_api, matter)
    own = await standing_api.report(by="citizen:2", village="V0101")
    basis = "same_matter_other_person"
    answers = [
        await standing_api.post(f"/v1/cases/{own['id']}/merge", {"into": id, "basis": basis}, by="clerk:T01")
        for id in (hidden["id"], MISSING)
    ]
    if "clerk:T01" in matter.kept_from:
        assert plain(answers[0]) == plain(answers[1])
        refused(answers[0], 404, "not_found")
    else:
        assert answers[0].status_code != 404


VIEWS = (
    "/v1/cases?limit=200",
    f"/v1/cases?q={WORD}",
    "/v1/cases?village=V0101&kind=complaint",
    "/v1/cases?bank=village&under=T01&open=true",
    "/v1/cases?bank=village&ever=true",
    "/v1/cases?bank=village&came_after=2025-01-01T00:00:00Z",
    f"/v1/possible-duplicates?village=V0101&title={WORD}+complaint",
    "/v1/me/queue",
    "/v1/problem-bank",
    "/v1/problem-bank?unit=V0101",
    "/v1/problem-bank?unit=T01",
    "/v1/ageing",
    "/v1/ageing?unit=T01",
    "/v1/flows",
    "/v1/pending-list",
    "/v1/response-times",
    "/v1/response-times?group_by=kind",
    "/v1/response-times?group_by=unit",
    "/v1/scorecards?year=2025",
    "/v1/scorecards/T01/2025",
    "/v1/detectors?unit=T01&from=2025-01-01T00:00:00Z&to=2026-01-01T00:00:00Z",
    "/v1/units/T01/queue",
    "/v1/units/V0101/queue",
    "/v1/events?limit=200&types=case.reported,case.identity_sealed,case.accepted,case.assigned",
)

PAGES = (
    "/",
    "/?unit=T01",
    "/overview/tiles",
    "/queue",
    "/queue/cards?unit=V0101",
    "/cases",
    f"/cases?q={WORD}",
    "/choices/cases?q=hush",
    f"/report/alike?village=V0101&q={WORD}+complaint",
)


async def views(api: Client, by: str, matter: Matter) -> list[object]:
    """Everything somebody sees in lists, counts and figures; its subject also on pages, which are drawn from those."""
    seen = (*VIEWS, *PAGES) if by == matter.subject else VIEWS
    answers = await asyncio.gather(*(api.get(view, by) for view in seen))
    return [told(answer) for answer in answers]


def told(answer: httpx.Response) -> object:
    """An answer, or a page, without the number of its request."""
    if answer.headers["content-type"].startswith("text/html"):
        return re.sub(r"请求编号 \w+", "", answer.text)
    body: Json = answer.json()
    return body | {"request_id": ""} if answer.is_error else body


async def test_a_page_of_it_is_like_a_page_of_what_is_not_there(standing_api: Client, matter: Matter) -> None:
    case = (await brought(standing_api, matter))["id"]
    pages = (
        *("/cases/{}", "/cases/{}/replay", "/cases/{}/replay/moment?version=1"),
        *("/choices/tasks?case={}", "/choices/households?case={}", "/choices/reporters?case={}"),
    )
    for by, page in product(matter.kept_from, pages):
        hidden, missing = [await standing_api.get(page.format(id), by) for id in (case, MISSING)]
        assert hidden.status_code == missing.status_code == 404, (by, page)
        assert str(told(hidden)).replace(case, "-") == str(told(missing)).replace(MISSING, "-"), (by, page)


async def test_no_list_and_no_count_of_theirs_changes_when_it_is_brought(api: Client, matter: Matter) -> None:
    kept_from = {matter.subject, *matter.kept_from[1::2]}
    other = await api.post("/v1/cases", report(village="V0101"), by="citizen:2")
    await api.get("/v1/cases", sanji_min_position=other.headers["sanji-position"])
    before = {by: await views(api, by, matter) for by in kept_from}
    seen_before = {by: told(await api.get(VIEWS[0], by)) for by in matter.seen_by}
    case = await brought(api, matter)
    if matter.kind == "complaint":
        by = "dispatcher" if matter.subject != "head:V0101" else "clerk:T01"
        await api.ask(case, "accept", by=by)
        await api.ask(case, "assign", by=by, unit="D-MASSWORK" if by == "dispatcher" else "T01")
        position = str((await api.history(case))[-1]["position"])
        await api.get("/v1/cases", sanji_min_position=position)
    for by in kept_from:
        assert await views(api, by, matter) == before[by], by
    for by in matter.seen_by:
        assert told(await api.get(VIEWS[0], by)) != seen_before[by], by


async def test_what_counts_other_peoples_cases_is_for_those_in_office(api: Client) -> None:
    """A system that reports for others is not, whatever unit its key was made for."""
    district = organisation(posts=(*POSTS, ("gateway", "T01", "integrator")))
    done(await api.send("PUT", "/v1/org", by="admin", body=district))
    counts = ("ageing", "coverage", "flows", "hotspots", "problem-bank", "response-times?group_by=unit")
    units = (
        "cases?under=T01",
        "scorecards?year=2025",
        "scorecards/T01/2025",
        "units/T01/queue",
        "units/T01/queue/stream",
    )
    for view in (*counts, *units):
        for by in ("citizen:2", "gateway"):
            refused(await api.get(f"/v1/{view}", by), 403, "not_permitted")
    for view in counts:
        assert (await api.get(f"/v1/{view}", "head:T01")).status_code == 200, view
    await api.assigned()
    assert done(await api.get("/v1/me/queue", "gateway"))["counts"]["open"] == 0


async def test_how_far_the_feed_has_been_read_does_not_tell_of_what_type_hidden_events_are(
    standing_api: Client, matter: Matter
) -> None:
    await brought(standing_api, matter)
    types = ("case.reported", "case.identity_sealed", "case.finalised")
    for by in matter.kept_from:
        answers = [await standing_api.get(f"/v1/events?limit=200&types={type}", by) for type in types]
        assert len({answer.headers["sanji-position"] for answer in answers}) == 1, by


async def test_who_writes_down_the_same_matter_is_not_told_of_it(api: Client, matter: Matter) -> None:
    hidden = await brought(api, matter)
    body = report(title=hidden["title"], village="V0101")
    for by, told in [("dispatcher", True), *((by, False) for by in matter.kept_from)]:
        answer = done(await api.post("/v1/cases", body, by=by), 201)
        assert (hidden["id"] in str(answer["possible_duplicates"])) is told, by


async def test_who_becomes_its_subject_loses_it_at_once(api: Client) -> None:
    case = await api.assigned()
    assert (await api.case(case, by="head:T01"))["unit"] == "T01"
    await api.ask(case, "add-subject", by="clerk:T01", official="head:T01")
    for by in TOWN:
        refused(await api.get(f"/v1/cases/{case['id']}", by), 404, "not_found")
        refused(await api.post(f"/v1/cases/{case['id']}/note", {"text": "x"}, by=by), 404, "not_found")
    assert (await api.case(case))["unit"] != "T01"
    position = str((await api.history(case))[-1]["position"])
    for by in TOWN:
        listed = await api.get("/v1/cases?limit=200", by, sanji_min_position=position)
        assert case["id"] not in listed.text


async def test_what_came_since_views_are_behind_is_not_told_to_its_subject(database_url: str, tmp_path: Path) -> None:
    with at_work(database_url, tmp_path, background=False) as office:
        async with in_front_of(reopened(office)) as api:
            case = await api.assigned()
            office.background.settle(office.clock.now())
            open311 = ("requests", "servicerequestupdates")
            told = ("/v1/me/queue", "/v1/exports/cases.xes", *(f"/open311/v2/{one}.json" for one in open311))
            assert all([case["id"] in (await api.get(one, "head:T01")).text for one in told])
            await api.ask(case, "add-subject", by="clerk:T01", official="head:T01")
            assert not any([case["id"] in (await api.get(one, "head:T01")).text for one in told])


async def test_a_command_that_is_denied_leaves_nothing_behind(standing_api: Client, standing_office: Office) -> None:
    """Each verb by half of everybody, on a case that waits for the town: the log holds what was granted, and nothing else."""
    denied, granted = 0, 0
    for number, (verb, body) in enumerate(BODIES.items()):
        case = await standing_api.assigned()
        last = standing_office.recorder.max_notification_id() or 0
        address = f"/v1/cases/{case['id']}/{verb}"
        answers = await asyncio.gather(*(standing_api.post(address, body, by=by) for by in EVERYBODY[number % 2 :: 2]))
        for answer in answers:
            if answer.status_code == 200:
                last += len(answer.json().get("events", ()))
                granted += 1
            else:
                assert answer.status_code in (403, 404, 409, 422)
                refused(answer, answer.status_code, answer.json()["code"])
                denied += answer.status_code in (403, 404)
        assert standing_office.recorder.max_notification_id() == last, verb
    assert denied > len(BODIES) * len(EVERYBODY) / 4
    assert granted > len(BODIES) / 4


EVERYBODY = (*OFFICIALS, "admin", "citizen:1", "citizen:2")


async def test_a_case_leaves_the_unit_on_the_day_on_which_he_comes_there(api: Client) -> None:
    district = organisation()
    [head] = [one for one in district["officials"] if one["id"] == "head:T02"]
    head["posts"].append({"unit": "T01", "role": "town_officer", "from": "2025-03-05"})
    done(await api.send("PUT", "/v1/org", by="admin", body=district))
    await api.set_clock("2025-03-03 09:00")
    case = await api.assigned(kind="complaint", village="V0101", subjects=["head:T02"])
    await api.set_clock("2025-03-04 16:00")
    new = await api.report(kind="complaint", village="V0101", subjects=["head:T02"])
    units = []
    for moment in ("2025-03-04 23:59", "2025-03-05 00:00"):
        await api.set_clock(moment)
        [intake] = (await api.case(new))["clocks"]
        units.append(((await api.case(case))["unit"], intake["unit"]))
    assert units == [("T01", "T01"), ("D-MASSWORK", "D-DISPATCH")]
