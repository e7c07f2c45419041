"""Who guesses keys or query codes is soon slowed down; whoever is known goes on, and so do the probes."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest

from api_tests.client import Client, done, refused
from api_tests.district import report
from api_tests.inprocess import in_front_of, reopened
from api_tests.server import PATIENCE
from domain.org import Role
from service.http import pace
from service.http.pace import BURST, LONGEST, MANY, Allowance, house
from service.office import Office
from service.settings import Settings
from service.sign_in.keys import make_key

WRONG = "AAAA-BBBB-CCCC"


class Watch:
    """A clock that goes on when it is told to."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def office(database_url: str, tmp_path: Path) -> Iterator[Office]:
    """So few requests a second that it does not matter how fast this machine is."""
    office = Office(
        Settings(database_url=database_url, data_dir=tmp_path, auth="keys", strangers_per_s=0.2, key_per_s=0.2)
    )
    office.open()
    yield office
    office.close()


@pytest.fixture
async def api(office: Office) -> AsyncIterator[Client]:
    async with in_front_of(reopened(office)) as client:
        yield client


@pytest.fixture
def integrator(office: Office) -> str:
    with office.engine.begin() as db:
        return make_key(db, office.seals, Role.INTEGRATOR, office.clock.now())


async def asked(api: Client, path: str, key: str = "", **headers: str) -> httpx.Response:
    signed = {"Authorization": f"Bearer {key}"} if key else {}
    return await api.http.get(path, headers={**signed, **headers})


async def test_who_guesses_query_codes_waits_while_others_go_on(api: Client, integrator: str) -> None:
    headers = {"Authorization": f"Bearer {integrator}", "Idempotency-Key": "one"}
    case = done(await api.http.post("/v1/cases", json=report(), headers=headers), 201)
    refused(await asked(api, f"/v1/track/{WRONG}", integrator), 404, "not_found")
    answer = await asked(api, f"/v1/track/{case['query_code']}", integrator)
    problem = refused(answer, 429, "rate_limited")
    assert 1 <= int(answer.headers["retry-after"]) <= LONGEST
    chinese = await asked(api, f"/v1/track/{WRONG}", **{"Accept-Language": "zh"})
    assert refused(chinese, 429, "rate_limited")["title"] != problem["title"]
    page = await asked(api, f"/track/{WRONG}", Accept="text/html")
    assert (page.status_code, page.headers["content-type"]) == (429, "text/html; charset=utf-8")
    assert page.headers["retry-after"]
    for format, said in (("json", '"code":429'), ("xml", "<code>429</code>")):
        errors = await asked(api, f"/open311/v2/requests.{format}")
        assert (errors.status_code, said in errors.text) == (429, True)
        assert errors.headers["content-type"].split(";")[0].endswith(f"/{format}")
        assert errors.headers["retry-after"]
    assert (await asked(api, "/v1/me", integrator)).status_code == 200, "his key is no guess"
    for probe in ("/healthz", "/readyz", "/metrics"):
        assert (await asked(api, probe)).status_code != 429


@pytest.mark.parametrize("address", ["/v1/me", "/open311/v2/requests.json?api_key=wrong"])
async def test_who_guesses_keys_is_not_even_told_that_he_found_one(api: Client, integrator: str, address: str) -> None:
    assert (await asked(api, address, "" if "api_key" in address else "wrong")).status_code in (401, 403)
    refused(await asked(api, "/v1/me", integrator), 429, "rate_limited")


async def test_who_shows_no_key_guesses_none_until_he_writes_one_on_the_page_for_it(api: Client) -> None:
    """A house full of people whose sessions ended overnight can still sign in."""
    for path in ("/v1/me", "/queue", "/v1/me"):
        assert (await asked(api, path)).status_code in (401, 303)
    own = {"Sec-Fetch-Site": "same-origin"}
    assert (await api.http.post("/sign-in", data={"key": "wrong"}, headers=own)).status_code == 401
    refused(await asked(api, "/v1/me"), 429, "rate_limited")


async def test_a_key_in_the_address_of_open311_is_known_and_does_not_cover_a_guess_in_the_form(
    api: Client, integrator: str
) -> None:
    place, form = f"/open311/v2/requests.json?api_key={integrator}", {"api_key": "wrong", "service_code": "request"}
    assert (await asked(api, place)).status_code == 200
    assert (await asked(api, f"/v1/track/{WRONG}")).status_code == 404
    refused(await asked(api, "/"), 429, "rate_limited")
    assert (await asked(api, place)).status_code == 200
    assert (await asked(api, "/open311/v2/requests.json", integrator)).status_code == 200, "and in a header"
    sent = await api.http.post(place, data={**form, "description": "x", "address_string": "here"})
    assert sent.status_code == 200, "the key in the address counts, here as there"


async def test_a_key_has_an_allowance_of_its_own(api: Client, integrator: str) -> None:
    statuses = [(await asked(api, "/v1/me", integrator)).status_code for _ in range(int(0.2 * BURST) + 5)]
    assert statuses[0] == 200
    assert statuses[-1] == 429


async def test_no_key_holds_all_connections(standing_api: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    done(await standing_api.get("/v1/me", "citizen:1"))
    at = (await standing_api.get("/readyz")).json()["position"]
    monkeypatch.setattr(pace, "room", lambda: 2)
    waiting = asyncio.create_task(standing_api.get(f"/v1/events?after={at}&wait=30", "citizen:1"))
    async with asyncio.timeout(PATIENCE):
        while (answer := await standing_api.get("/v1/me", "citizen:1")).status_code == 200:
            await asyncio.sleep(0)
    refused(answer, 429, "rate_limited")
    assert answer.headers["retry-after"]
    done(await standing_api.get("/v1/me", "citizen:2"))
    assert (await standing_api.get("/cases", "citizen:2")).status_code == 200, "what a page asks holds none"
    monkeypatch.setattr(pace, "room", lambda: 4)
    await standing_api.report(by="citizen:1")
    done(await waiting)
    monkeypatch.setattr(pace, "room", lambda: 2)
    done(await standing_api.get("/v1/me", "citizen:1"))


def test_what_was_asked_ahead_is_paid_back_by_waiting() -> None:
    watch = Watch()
    allowance = Allowance(2, watch)
    allowance.charge("a", int(2 * BURST))
    assert allowance.wait("a") == 0, "a burst is allowed"
    allowance.charge("a", 4)
    assert allowance.wait("a") == 2
    assert allowance.wait("b") == 0, "each for himself"
    watch.now += 2
    assert allowance.wait("a") == 0
    allowance.charge("a", 10**6)
    assert allowance.wait("a") == LONGEST


def test_those_who_owe_least_are_forgotten_when_there_are_many() -> None:
    watch = Watch()
    allowance = Allowance(1, watch)
    for number in range(MANY):
        allowance.charge(f"once {number}")
    allowance.charge("often", 50)
    assert allowance.wait("often") > 0
    for number in range(3 * MANY):
        allowance.charge(f"other {number}")
        assert len(allowance) <= MANY
    assert allowance.wait("often") > 0


def test_an_address_is_a_house_with_all_its_doors() -> None:
    assert house(("192.0.2.1", 1)) != house(("192.0.2.2", 1))
    assert house(("2001:db8::1", 1)) == house(("2001:db8:0:0:ffff::2", 1)) != house(("2001:db8:0:1::1", 1))
    assert house(("::ffff:192.0.2.1", 1)) != house(("::ffff:192.0.2.2", 1)), "an address of IPv4, said in IPv6"
    assert house(None) == house(("", 0))
