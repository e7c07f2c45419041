"""Tokens of an issuer: only what it signed for this service and what is valid now lets anybody in, with today's posts."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
from joserfc import jwk
from pydantic import ValidationError

from api_tests.client import Client, done, refused
from api_tests.databases import Databases
from api_tests.district import report
from api_tests.inprocess import in_front_of, reopened
from api_tests.issuer import AUDIENCE, Issuer, ec, okp, rsa, settings, trusting
from domain.org import Role
from service.office import Office
from service.settings import Settings
from service.sign_in import issuer as ours
from service.sign_in.keys import make_key
from service.sign_in.refusals import IssuerSilent, Unauthenticated


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    with Issuer().at_work() as issuer:
        yield issuer


@pytest.fixture(scope="module")
def office(databases: Databases, tmp_path_factory: pytest.TempPathFactory, issuer: Issuer) -> Iterator[Office]:
    """One office for all tests: what they change is the issuer."""
    with trusting(issuer, databases.founded(), tmp_path_factory.mktemp("office")) as office:
        yield office


@pytest.fixture
async def api(office: Office) -> AsyncIterator[Client]:
    async with in_front_of(reopened(office)) as client:
        yield client


@pytest.fixture
def new() -> Iterator[Issuer]:
    """An issuer nobody has asked yet, and who may be changed."""
    with Issuer().at_work() as issuer:
        yield issuer


def trust(issuer: Issuer, **more: str) -> ours.Issuer:
    """What the service knows of an issuer, without the service around it."""
    return ours.Issuer(settings(issuer, **more))


async def asked(api: Client, token: str) -> httpx.Response:
    """Who the service takes the bearer of this token to be."""
    return await api.http.get("/v1/me", headers={"Authorization": f"Bearer {token}"})


async def test_a_token_speaks_for_an_official_with_the_posts_of_the_day(api: Client, issuer: Issuer) -> None:
    me = done(await asked(api, issuer.token(sub="head:T01")))
    assert me["id"] == "head:T01"
    assert [(post["unit"], post["role"]) for post in me["posts"]] == [("T01", "town_head")]
    assert (
        done(await asked(api, issuer.token(key=issuer.keys[1], sub="clerk:T02", aud=["other", AUDIENCE])))["id"]
        == "clerk:T02"
    )


async def test_it_writes_as_with_a_key(api: Client, issuer: Issuer) -> None:
    headers = {"Authorization": f"Bearer {issuer.token(sub='clerk:T01')}", "Idempotency-Key": "one"}
    case = done(await api.http.post("/v1/cases", json=report(village="V0101"), headers=headers), 201)
    assert "accept" in case["next_actions"]


def unsigned(claims: dict[str, Any], header: dict[str, Any], signature: str = "") -> str:
    def part(one: dict[str, Any]) -> str:
        return base64.urlsafe_b64encode(json.dumps(one).encode()).decode().rstrip("=")

    return f"{part(header)}.{part(claims)}.{signature}"


def with_none(issuer: Issuer) -> str:
    claims = {"iss": issuer.url, "aud": AUDIENCE, "sub": "head:T01", "exp": time.time() + 60}
    return unsigned(claims, {"alg": "none", "kid": "first"})


def with_the_public_key_as_a_secret(issuer: Issuer) -> str:
    public = cast(jwk.RSAKey, issuer.keys[0]).as_pem(private=False)
    shared = jwk.OctKey.import_key(base64.urlsafe_b64encode(public).decode(), {"kid": "first"})
    return issuer.token(key=shared, alg="HS256")


def changed_afterwards(issuer: Issuer) -> str:
    header, _, signature = issuer.token(sub="clerk:T01").split(".")
    return ".".join((header, issuer.token(sub="head:T01").split(".")[1], signature))


now = time.time
FORGED: dict[str, Callable[[Issuer], str]] = {
    "signed by somebody else under the same name": lambda issuer: issuer.token(key=rsa("first")),
    "signed by somebody unknown": lambda issuer: issuer.token(key=rsa("stranger")),
    "signed with another kind of key": lambda issuer: issuer.token(key=ec("first")),
    "signed by nobody": with_none,
    "signed with what everybody knows": with_the_public_key_as_a_secret,
    "changed afterwards": changed_afterwards,
    "expired": lambda issuer: issuer.token(exp=now() - 60),
    "without an end": lambda issuer: issuer.token(exp=None),
    "ending at no number": lambda issuer: issuer.token(exp="never"),
    "not valid yet": lambda issuer: issuer.token(nbf=now() + 120),
    "issued in the future": lambda issuer: issuer.token(iat=now() + 120),
    "for somebody else": lambda issuer: issuer.token(aud="other"),
    "for somebody whose name begins alike": lambda issuer: issuer.token(aud=[AUDIENCE + "2"]),
    "for nobody": lambda issuer: issuer.token(aud=None),
    "of another issuer": lambda issuer: issuer.token(iss="https://elsewhere.example"),
    "of this issuer, nearly": lambda issuer: issuer.token(iss=issuer.url + "/"),
    "for an official who does not exist": lambda issuer: issuer.token(sub="nobody"),
    "for a number": lambda issuer: issuer.token(sub=7),
    "for the system": lambda issuer: issuer.token(sub="system"),
    "for the administrator of development": lambda issuer: issuer.token(sub="admin"),
}
GARBAGE = ("x", "a.b.c", "..", "dev:admin", "WyJhbGciXQ.e30.x", "ImFsZyI.e30.x", "e30.e30.x", "é.é.é", "x" * 50_000)


@pytest.mark.parametrize("token", FORGED.values(), ids=FORGED.keys())
async def test_any_other_token_lets_nobody_in(api: Client, issuer: Issuer, token: Callable[[Issuer], str]) -> None:
    done(await asked(api, issuer.token()))
    refused(await asked(api, token(issuer)), 401, "unauthenticated")


async def test_what_is_no_token_lets_nobody_in(api: Client) -> None:
    for garbage in GARBAGE:
        answer = await api.http.get("/v1/me", headers={b"Authorization": f"Bearer {garbage}".encode()})
        refused(answer, 401, "unauthenticated")


async def test_a_little_difference_between_two_clocks_is_borne(api: Client, issuer: Issuer) -> None:
    done(await asked(api, issuer.token(exp=now() - 10, nbf=now() + 10, iat=now() + 10)))


async def test_what_is_no_token_is_refused_without_asking_the_issuer(new: Issuer) -> None:
    trusted = trust(new)
    for garbage in (*GARBAGE, with_none(new), with_the_public_key_as_a_secret(new)):
        with pytest.raises(Unauthenticated):
            await trusted.official(garbage)
    assert new.asked == 0


@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
@pytest.mark.parametrize("alg", ["Ed25519", "EdDSA"])
async def test_a_signature_of_ed25519_counts_under_both_its_names(new: Issuer, alg: str) -> None:
    new.keys = [okp("edwards")]
    assert await trust(new).official(new.token(alg=alg)) == "head:T01"


async def test_a_new_key_is_fetched_when_it_is_first_seen_and_the_old_one_is_not_kept(
    new: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ours, "FLOOR", 0.0)
    trusted, old = trust(new), new.token()
    for _ in range(3):
        assert await trusted.official(old) == "head:T01"
    assert new.asked == 1
    new.keys = [rsa("second")]
    assert await trusted.official(new.token()) == "head:T01"
    assert new.asked == 2
    with pytest.raises(Unauthenticated):
        await trusted.official(old)


async def test_keys_nobody_has_heard_of_do_not_make_it_ask_again_and_again(new: Issuer) -> None:
    trusted = trust(new)
    for number in range(5):
        with pytest.raises(Unauthenticated):
            await trusted.official(new.token(key=ec(f"unheard-of-{number}")))
    assert new.asked == 1


async def test_what_the_issuer_said_serves_for_an_hour_when_it_is_down(
    new: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ours, "FLOOR", 0.0)
    trusted, new.down = trust(new), True
    with pytest.raises(IssuerSilent):
        await trusted.official(new.token())
    new.down = False
    await trusted.official(new.token())
    new.down = True
    monkeypatch.setattr(ours, "FRESH", 0.0)
    assert await trusted.official(new.token()) == "head:T01"
    monkeypatch.setattr(ours, "LASTS", 0.0)
    with pytest.raises(IssuerSilent):
        await trusted.official(new.token())


async def test_while_the_issuer_is_down_tokens_wait_and_keys_go_on(
    new: Issuer, databases: Databases, tmp_path: Path
) -> None:
    new.down = True
    with trusting(new, databases.founded(), tmp_path) as office:
        with office.engine.begin() as db:
            key = make_key(db, office.seals, Role.INTEGRATOR, office.clock.now())
        async with in_front_of(reopened(office)) as api:
            answer = await asked(api, new.token())
            refused(answer, 503, "overloaded")
            assert answer.headers["retry-after"]
            assert done(await asked(api, key))["posts"][0]["role"] == "integrator"


@pytest.mark.parametrize(
    "changed", [{"issuer": "https://elsewhere.example"}, {"jwks_uri": "http://elsewhere.example/keys"}, {"jwks_uri": 7}]
)
async def test_an_issuer_that_names_another_is_not_believed(new: Issuer, changed: dict[str, Any]) -> None:
    new.says = changed
    with pytest.raises(IssuerSilent):
        await trust(new).official(new.token())


async def test_another_claim_may_name_the_official(new: Issuer) -> None:
    trusted = trust(new, oidc_claim="staff_no")
    assert await trusted.official(new.token(sub="u-17", staff_no="head:T02")) == "head:T02"
    with pytest.raises(Unauthenticated):
        await trusted.official(new.token(sub="head:T02"))


@pytest.mark.parametrize("issuer", ["", "http://login.example", "login.example", "ftp://login.example"])
def test_an_issuer_anybody_could_speak_for_is_not_trusted(issuer: str) -> None:
    with pytest.raises(ValidationError, match="SANJI_OIDC_ISSUER"):
        Settings.model_validate({"auth": "oidc", "oidc_issuer": issuer, "oidc_audience": AUDIENCE})


def test_keys_that_cannot_be_used_do_not_spoil_the_others() -> None:
    good = rsa("good").as_dict(private=False)
    published: list[Any] = [
        {"kty": "oct", "kid": "shared", "k": "c2VjcmV0"},
        {"kty": "AKP", "kid": "of the future"},
        {"kty": "EC", "kid": "broken", "crv": "P-256", "x": "!", "y": "!"},
        {**rsa("for boxes").as_dict(private=False), "use": "enc"},
        "x",
        {},
        good,
    ]
    assert list(ours.usable(published)) == ["good"]
    nothing: tuple[Any, ...] = ([], {}, None, published[:-1])
    for none in nothing:
        with pytest.raises(ValueError, match="key"):
            ours.usable(none)
