"""An official's dossier: what he contacted and collected, what people say of it, his terms of office, and who may read it."""

from api_tests.client import Client, done, refused
from api_tests.district import DONE, SOLVED, Json, followed

CADRE = "/v1/officials/cadre:V0101/dossier?year=2025"
AT = "&at=2025-03-05T09:00:00%2B08:00"


async def busy(api: Client) -> Json:
    """Two visits with two needs, one of them a case, which the town solves."""
    done(await api.post("/v1/households", {"id": "HH-1", "village": "V0101"}, by="cadre:V0101"), 201)
    needs = [{"title": "The roof leaks"}, {"title": "Where to ask for a pension?", "answer": "at the town's desk"}]
    visit = {"met": ["head"], "needs": needs, "countersigned": True}
    opened = done(await api.post("/v1/households/HH-1/record-visit", visit, by="cadre:V0101"))["opened"]
    done(
        await api.post("/v1/households/HH-1/record-visit", {"met": ["head"], "countersigned": False}, by="cadre:V0101")
    )
    [case] = opened
    await api.ask(case, "accept", by="clerk:T01")
    await api.ask(case, "assign", by="clerk:T01", unit="T01")
    await api.ask(case, "contact", by="head:T01", outcome="reached")
    await api.ask(case, "resolve", by="head:T01", **DONE)
    await api.set_clock("2025-03-04 09:00")
    await api.ask(case, "feedback", by="follow-up", **SOLVED)
    await api.set_clock("2025-03-05 09:00")
    found: Json = case
    return found


async def test_a_cadre_is_judged_on_contact_and_collection_and_not_on_how_long_cases_took(api: Client) -> None:
    case = await busy(api)
    told = done(await api.get(CADRE, by="cadre:V0101"))
    assert (told["visits"]["n"], told["visits"]["hits"], told["collected"]) == (2, 1, 1)
    assert told["needs_found"] == {"answered": 1, "case": 1}
    assert (told["opinion"]["n"], told["opinion"]["raw"]) == (1, 1.0)
    assert (told["terms"], told["automatic_decision"]) == ([], False)
    assert {one["about"] for one in told["latest"]} == {"HH-1", case["id"]}
    assert "on_time_effective" not in told


async def test_what_the_household_says_on_the_telephone_is_what_counts(api: Client) -> None:
    await busy(api)
    await api.set_clock("2025-03-06 09:00")
    signed, unsigned = sorted(one["version"] for one in done(await api.get("/v1/visits"))["items"])
    for visit, happened in ((signed, False), (unsigned, True)):
        asked = {"visit": visit, "happened": happened}
        done(await api.post("/v1/households/HH-1/audit-visit", asked, by="head:T01"))
        await api.set_clock("2025-03-06 09:00")  # the views catch up
        visits = done(await api.get(CADRE))["visits"]
        assert (visits["n"], visits["hits"]) == (2, int(happened))
    marks = [one["mark"] for one in done(await api.get(CADRE))["latest"] if one["figure"] == "visited"]
    assert sorted(marks) == ["confirmed", "denied"]
    before = done(await api.get(CADRE + AT))["visits"]
    assert (before["n"], before["hits"]) == (2, 1), "as it was known then"
    assert sum(one["counts"] for one in done(await api.get("/v1/visits"))["items"]) == 1


async def test_whoever_answers_for_a_unit_has_his_term_of_office_beside_it(api: Client) -> None:
    await busy(api)
    [term] = done(await api.get("/v1/officials/head:T01/dossier?year=2025"))["terms"]
    assert (term["unit"], term["rates"]["solved"]["n"], term["score"]["note"]) == ("T01", 1, "not_enough_answers")


async def test_as_of_an_instant_it_is_the_same_bytes_for_ever(api: Client) -> None:
    await busy(api)
    await api.set_clock("2025-03-06 09:00")
    before = await api.get(CADRE + AT)
    done(await api.post("/v1/households/HH-1/record-visit", {"met": ["head"], "countersigned": True}, by="cadre:V0101"))
    await api.set_clock("2025-04-05 09:00")
    assert (await api.get(CADRE + AT)).content == before.content
    assert done(await api.get(CADRE))["visits"]["n"] == 3


async def test_who_may_read_it_and_what_is_withheld(api: Client) -> None:
    await busy(api)
    for by in ("head:T01", "organiser", "auditor", "leader:D-ROADS"):
        assert done(await api.get(CADRE, by=by))["collected"] == 1
    for by in ("head:T02", "head:V0101", "clerk:T01", "citizen:1"):
        refused(await api.get(CADRE, by=by), 403, "not_permitted")
    blind = done(await api.get(CADRE, by="leader:D-ROADS"))
    assert blind["withheld"] == 4
    refused(await api.get("/v1/officials/nobody/dossier?year=2025"), 404, "not_found")
    seen = done(await api.get("/v1/access-log", by="privacy"))["items"]
    assert any((one["action"], one["subject"]) == ("official:dossier", "cadre:V0101") for one in seen)


async def test_what_is_late_falls_to_who_was_head_then_and_what_is_solved_to_who_signed_for_it(api: Client) -> None:
    done(await api.send("PUT", "/v1/org", by="admin", body=followed("head:T01", "2025-04-01")))
    await api.set_clock("2025-03-27 09:00")
    case = await api.assigned()
    await api.set_clock("2025-04-02 09:00")
    await api.ask(case, "contact", by="next", outcome="reached")
    await api.ask(case, "resolve", by="next", **DONE)
    await api.ask(case, "feedback", by="follow-up", **SOLVED)
    await api.set_clock("2025-04-02 09:00")  # the views catch up

    async def term(who: str) -> list[tuple[int, int]]:
        [one] = done(await api.get(f"/v1/officials/{who}/dossier?year=2025"))["terms"]
        rates = (one["rates"]["response"], one["rates"]["solved"], one["on_time_effective"])
        return [(rate["n"], rate["hits"]) for rate in rates]

    assert await term("head:T01") == [(1, 0), (0, 0), (0, 0)]
    assert await term("next") == [(0, 0), (1, 1), (1, 1)]
