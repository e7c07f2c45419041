"""A person is found again by his number, or by where he stands: by the privacy officer alone, and on record."""

import pytest
from sqlalchemy import select

from api_tests.client import Client, done
from service.office import Office
from service.storage.tables import person_index

PETITIONER = {"name": "A villager", "phone": "139 0000 0007", "id_number": "61240119800101001x"}


async def test_a_person_is_found_by_his_number_however_it_is_written(api: Client) -> None:
    case = await api.report(by="clerk:T01", village="V0101", petitioner=PETITIONER)
    home = {"id": "HH-1", "village": "V0101", "head": "The same", "phone": "+86 13900000007"}
    done(await api.post("/v1/households", home, by="cadre:V0101"), 201)
    found = await api.persons("phone=13900000007")
    assert {(one["case"], one["household"]) for one in found} == {(case["id"], None), (None, "HH-1")}
    assert len({one["person"] for one in found}) == 2, "a key for each place: the two cannot be joined"
    [same] = await api.persons("id_number=61240119800101001X")
    assert same["case"] == case["id"]
    assert await api.persons("phone=13900000008") == []


async def test_the_same_number_in_the_register_and_with_a_case_lies_under_different_tokens(
    api: Client, office: Office
) -> None:
    await api.report(by="clerk:T01", village="V0101", petitioner={"name": "A", "phone": "13900000007"})
    home = {"id": "HH-1", "village": "V0101", "head": "A", "phone": "13900000007"}
    done(await api.post("/v1/households", home, by="cadre:V0101"), 201)
    with office.engine.connect() as db:
        tokens = list(db.scalars(select(person_index.c.token)))
    assert len(set(tokens)) == len(tokens) == 3, "the number twice, and once the household"


async def test_a_household_whose_id_has_a_colon_is_not_taken_for_a_member_of_another(api: Client) -> None:
    for id in ("610", "610:7"):
        home = {"id": id, "village": "V0101", "head": f"Head of {id}"}
        done(await api.post("/v1/households", home, by="cadre:V0101"), 201)
        joining = {"member": "7", "relation": "son", "name": f"Son of {id}"}
        done(await api.post(f"/v1/households/{id}/join-member", joining, by="cadre:V0101"))
    for id in ("610", "610:7"):
        path, purpose = f"/v1/households/{id}/disclose-identity", {"purpose": "to bring a letter"}
        read = done(await api.post(path, purpose, by="cadre:V0101"))
        assert (read["head"], read["members"][0]["name"]) == (f"Head of {id}", f"Son of {id}")
        assert [one["household"] for one in await api.persons(f"household={id}")] == [id, id]
    parting = {"into": "611", "members": ["7"]}
    done(await api.post("/v1/households/610/split", parting, by="cadre:V0101"))
    [parted] = await api.persons("household=611")
    assert parted in await api.persons("household=610"), "he is found where he lives, and where he told his name"


@pytest.mark.parametrize(
    "hidden",
    [{"confidentiality": "identity_hidden"}, {"confidentiality": "sealed"}, {"kind": "accusation"}],
    ids=["hidden", "sealed", "accusation"],
)
async def test_who_asked_to_stay_hidden_is_not_found(api: Client, hidden: dict[str, str]) -> None:
    await api.report(by="clerk:T01", village="V0101", petitioner=PETITIONER, **hidden)
    assert await api.persons("phone=13900000007") == []


@pytest.mark.parametrize("who", ["auditor", "admin", "head:T01", "citizen:1"])
async def test_nobody_but_the_privacy_officer_looks_for_persons(api: Client, who: str) -> None:
    refused = await api.get("/v1/persons?phone=13900000007", who)
    assert refused.status_code == 403
    log = done(await api.get("/v1/access-log?action=persons"))["items"]
    assert [(one["by"], one["outcome"]) for one in log] == [(who, "not_permitted")]


async def test_every_look_is_on_record_with_the_person_and_never_with_the_number(api: Client) -> None:
    await api.report(by="clerk:T01", village="V0101", petitioner=PETITIONER)
    [found] = await api.persons("phone=13900000007")
    await api.persons("phone=13900000008")
    answer = await api.get("/v1/access-log?action=persons", "privacy")
    looked = [(one["subject"], one["outcome"]) for one in answer.json()["items"]]
    assert looked == [(found["person"], "shown"), ("-", "not_found")]
    assert "1390000000" not in answer.text
