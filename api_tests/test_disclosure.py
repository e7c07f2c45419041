"""Who brought a case is told to whoever may know it, for a purpose, and on record before the answer leaves."""

from asyncio import gather
from urllib.parse import quote

import pytest
from sqlalchemy import text

from api_tests.client import Client, done, new_key, refused
from api_tests.district import MISSING, Json
from service.office import Office

WHO = {"name": "Li", "phone": "13800000000", "id_number": "612401", "address": "Group 2", "note": "is ill"}
PURPOSE = {"purpose": "to call back"}


async def held_by_the_town(api: Client, **fields: object) -> Json:
    return await api.assigned(by="clerk:T01", petitioner=WHO, **fields)


async def asked(api: Client, case: Json, by: str, *, key: str | None = None, **body: str) -> tuple[int, Json]:
    address = f"/v1/cases/{case['id']}/disclose-identity"
    answer = await api.post(address, {**PURPOSE, **body}, by=by, key=key)
    return answer.status_code, answer.json()


async def on_record(api: Client, query: str = "") -> list[Json]:
    """Without the looks at this log itself: an auditor's are on record, too."""
    items: list[Json] = done(await api.get(f"/v1/access-log?{query}", "auditor"))["items"]
    return [one for one in items if one["of"] != "view"]


async def test_whoever_handles_an_open_case_and_whoever_calls_back_get_the_telephone_number(api: Client) -> None:
    case = await held_by_the_town(api)
    for by in ("head:T01", "officer:T01-LAND", "follow-up", "privacy"):
        assert await asked(api, case, by) == (200, {**WHO, "erased": False})
    records = await on_record(api)
    assert [one["by"] for one in records] == ["head:T01", "officer:T01-LAND", "follow-up", "privacy"]
    assert {(one["subject"], one["action"], one["outcome"], one["purpose"]) for one in records} == {
        (case["id"], "disclose-identity", "shown", "to call back")
    }
    assert (await api.case(case))["version"] == case["version"], "a reading is no event"


async def test_who_handles_a_case_sees_the_matter_and_not_the_person_who_wants_to_stay_unknown(api: Client) -> None:
    case = await held_by_the_town(api, confidentiality="identity_hidden")
    assert (await asked(api, case, "head:T01"))[0] == 403
    assert (await asked(api, case, "follow-up"))[1]["phone"] == WHO["phone"]
    records = await on_record(api)
    assert [(one["by"], one["outcome"]) for one in records] == [("head:T01", "not_permitted"), ("follow-up", "shown")]


async def test_an_official_who_brings_a_matter_of_his_own_and_is_not_to_be_known_is_named_nowhere(api: Client) -> None:
    """He wrote it down himself, so that its events have him as who collected it, too."""
    case = await api.report(
        by="cadre:V0101", kind="complaint", village="V0101", subjects=["head:V0102"], confidentiality="identity_hidden"
    )
    await api.ask(case, "note", by="cadre:V0101", text="it goes on")
    await api.ask(case, "accept", by="clerk:T01")
    await api.ask(case, "assign", by="clerk:T01", unit="T01")
    views = [f"/v1/cases/{case['id']}{view}" for view in ("", "/history", "/explain", "/diff?from=1&to=2")]
    dossier = "/v1/officials/cadre:V0101/dossier?year=2025"

    async def named(by: str) -> list[bool]:
        feed: list[Json] = (await api.get("/v1/events?limit=200", by)).json()
        told = [str(one["data"]) for one in feed if one["subject"] == case["id"]]
        told += [(await api.get(address, by)).text for address in (*views, "/v1/exports/cases.xes")]
        return ["cadre:V0101" in one for one in told] + [case["id"] in (await api.get(dossier, by)).text]

    assert not any(await named("head:T01"))
    assert not any(await named("auditor"))
    assert any(await named("cadre:V0101")), "control: from himself he is not hidden"


async def test_whose_report_has_left_again_stays_as_unknown_as_he_was(api: Client) -> None:
    hidden = {"village": "V0101", "confidentiality": "identity_hidden"}
    first, second = [await api.report(by=by, **hidden) for by in ("citizen:1", "cadre:V0101")]
    await api.ask(second, "merge", by="clerk:T01", into=first["id"], basis="same_matter_other_person")
    await api.ask(first, "note", by="cadre:V0101", text="it goes on")
    await api.ask(second, "unmerge", by="clerk:T01", reason="two matters")
    history = await api.history(first, by="head:T01")
    assert [one["by"] for one in history] == ["hidden-1", "clerk:T01", "hidden-2", "clerk:T01"]
    assert "cadre:V0101" not in str(history)


async def test_a_sealed_identity_is_for_mass_work_and_discipline_only(api: Client) -> None:
    case = await api.report(by="citizen:1", village="V0101", petitioner=WHO, confidentiality="sealed")
    for by in ("officer:D-MASSWORK", "adjudicator", "discipline"):
        assert (await asked(api, case, by))[1]["name"] == "Li", by
    assert (await asked(api, case, "dispatcher"))[0] == 403
    for by in ("head:T01", "follow-up", "privacy", "clerk:T01"):
        assert (await asked(api, case, by))[0] == 404, by


async def test_a_denied_try_and_a_missing_case_are_recorded_alike(api: Client) -> None:
    case = await api.report(kind="complaint", village="V0101", petitioner=WHO, subjects=["head:T01"])
    for one in (case, {"id": MISSING}):
        assert (await asked(api, one, "head:T01"))[0] == 404
    denied, missing = await on_record(api)
    assert (denied["subject"], missing["subject"]) == (case["id"], MISSING)
    apart = {"position": 0, "subject": "", "hash": "", "previous_hash": ""}
    assert denied | apart == missing | apart
    assert denied["purpose"] == "to call back"


async def test_a_report_without_a_name_tells_none(api: Client) -> None:
    case = await api.report(village="V0101", confidentiality="anonymous")
    nobody = dict.fromkeys(WHO) | {"erased": False}
    assert await asked(api, case, "follow-up") == (200, nobody)


def renamed(office: Office, old: str, new: str) -> None:
    with office.engine.begin() as db:
        db.execute(text("SELECT count(*) FROM access_log"))  # SQLite reads a schema anew for this, not for a renaming
        db.execute(text(f"ALTER TABLE access_log RENAME COLUMN {old} TO {new}"))


async def test_what_could_not_be_recorded_is_not_told(api: Client, office: Office) -> None:
    case = await held_by_the_town(api)
    renamed(office, "state", "elsewhere")
    address = f"/v1/cases/{case['id']}/disclose-identity"
    silent = await api.post(address, PURPOSE, by="head:T01")
    renamed(office, "elsewhere", "state")
    assert silent.status_code == 503
    assert WHO["phone"] not in silent.text
    assert (await asked(api, case, "head:T01"))[0] == 200, "a control"


async def test_the_same_key_asks_for_the_same_and_every_reading_is_recorded(api: Client) -> None:
    case, key = await held_by_the_town(api), new_key()
    address = f"/v1/cases/{case['id']}/disclose-identity"
    first, again = [await api.post(address, PURPOSE, by="head:T01", key=key) for _ in range(2)]
    assert again.content == first.content
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    other = await api.post(address, {"purpose": "to sell it"}, by="head:T01", key=key)
    refused(other, 422, "idempotency_key_reused")
    taken = await api.post(f"/v1/cases/{case['id']}/start", by="head:T01", key="of a command".replace(" ", "-"))
    assert taken.status_code == 200
    refused(await api.post(address, PURPOSE, by="head:T01", key="of-a-command"), 422, "idempotency_key_reused")
    assert len(await on_record(api)) == 2


async def test_building_on_an_older_version_tells_nothing(api: Client) -> None:
    case = await held_by_the_town(api)
    address = f"/v1/cases/{case['id']}/disclose-identity"
    problem = refused(await api.post(address, PURPOSE, by="head:T01", if_match='"1"'), 412, "version_conflict")
    assert [one["version"] for one in problem["events"]] == list(range(2, case["version"] + 1))
    done(await api.post(address, PURPOSE, by="head:T01", if_match=f'"{case["version"]}"'))


@pytest.mark.parametrize("purpose", ["", "x", "x" * 501, None])
async def test_nothing_is_told_without_a_purpose(api: Client, purpose: str | None) -> None:
    case = await held_by_the_town(api)
    answer = await api.post(f"/v1/cases/{case['id']}/disclose-identity", {"purpose": purpose}, by="head:T01")
    refused(answer, 422, "invalid")
    assert await on_record(api) == []


async def test_whom_the_case_has_left_since_is_not_told_even_before_the_deadline_was_noticed(api: Client) -> None:
    case = await held_by_the_town(api)
    await api.set_clock("2025-03-20 09:00")
    assert (await api.case(case))["unit"] == "D-MASSWORK"
    assert (await asked(api, case, "head:T01"))[0] == 403
    assert (await asked(api, case, "officer:D-MASSWORK"))[0] == 200


async def test_a_citizen_sees_by_his_code_who_read_his_case_and_for_what(api: Client) -> None:
    case, other = await api.report(village="V0101", petitioner=WHO), await api.report(village="V0101", petitioner=WHO)
    await asked(api, case, "follow-up")
    await asked(api, other, "follow-up")
    await asked(api, case, "clerk:T02")
    await api.get(f"/v1/cases/{case['id']}", "auditor", sanji_purpose=quote("年度审计"))
    items = done(await api.http.get(f"/v1/track/{case['query_code']}/access"))["items"]
    assert [(one["by"], one["units"], one["action"], one["purpose"]) for one in items] == [
        ("follow-up", ["D-FOLLOWUP"], "disclose-identity", "to call back"),
        ("auditor", ["D-AUDIT"], "read", "年度审计"),
    ]
    page = done(await api.http.get(f"/v1/track/{case['query_code']}/access?limit=1"))
    assert [one["by"] for one in page["items"]] == ["follow-up"]
    rest = done(await api.http.get(f"/v1/track/{case['query_code']}/access?limit=1&cursor={page['next']}"))
    assert [one["by"] for one in rest["items"]] == ["auditor"]
    refused(await api.http.get("/v1/track/AAAA-BBBB-CCCC/access"), 404, "not_found")


async def test_a_citizen_sees_by_his_code_who_found_him_by_his_number(api: Client) -> None:
    case, other = await api.report(village="V0101", petitioner=WHO), await api.report(village="V0101")
    done(await api.get(f"/v1/persons?phone={WHO['phone']}", "privacy", sanji_purpose="to%20erase%20him"))
    items = done(await api.http.get(f"/v1/track/{case['query_code']}/access"))["items"]
    assert [(one["by"], one["action"], one["purpose"]) for one in items] == [("privacy", "persons", "to erase him")]
    assert done(await api.http.get(f"/v1/track/{other['query_code']}/access"))["items"] == []


async def test_the_access_log_is_asked_by_who_what_and_when(api: Client) -> None:
    case = await held_by_the_town(api)
    await gather(asked(api, case, "follow-up"), asked(api, case, "head:T01"), asked(api, {"id": MISSING}, "head:T02"))
    await api.set_clock("2025-03-03 10:00")
    await api.case(case)
    assert {one["by"] for one in await on_record(api, "by=head:T02")} == {"head:T02"}
    assert {one["by"] for one in await on_record(api, "action=disclose-identity&outcome=shown")} == {
        "follow-up",
        "head:T01",
    }
    assert [one["action"] for one in await on_record(api, "since=2025-03-03T10:00:00%2B08:00")] == ["read"]
    assert len(await on_record(api, "until=2025-03-03T10:00:00%2B08:00")) == 3
    assert len(await on_record(api, f"case={case['id']}")) == 3
