"""Tokens of an OpenID Connect issuer: signed for this service, checked with the keys the issuer publishes."""

from __future__ import annotations

import asyncio
import logging
import warnings
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hmac import compare_digest
from threading import Lock
from time import monotonic
from typing import Any, TypeVar
from urllib.parse import quote_plus

import httpx
import orjson
from joserfc import jws, jwt
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import JWKRegistry, Key

from service.settings import Settings, is_private
from service.sign_in.refusals import IssuerSilent, Unauthenticated

T = TypeVar("T")

log = logging.getLogger("sanji.issuer")

SIGNED = jws.JWSRegistry(
    algorithms=["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519", "EdDSA"],
    strict_check_header=False,
)
"""Only what needs a private key to sign: with a shared secret, or with none, anybody who checks could sign.

Most issuers still call Ed25519 by its older name, EdDSA; of that the library would warn in our log.
"""
warnings.filterwarnings("ignore", "EdDSA is deprecated", SecurityWarning)

KINDS = ("RSA", "EC", "OKP")
TYPES = ("jwt", "at+jwt", "application/at+jwt")
"""The types of token that count: a notice of a sign-out, for example, is signed by the same keys."""

LEEWAY = 30
"""Seconds by which our clock and the issuer's may differ."""
FRESH = 600.0
"""Seconds after which the keys are fetched again; meanwhile the old ones still serve."""
LASTS = 3600.0
"""Seconds for which old keys serve while the issuer cannot be reached."""
FLOOR = 10.0
"""Seconds between two fetches at least, whatever unknown keys tokens name."""
PATIENCE = 5.0
SILENT = ("who signs in cannot be checked now; try again", "暂时无法核验身份，请稍后重试")
LARGEST = 1024 * 1024


class NotUnderstood(ValueError):
    """What the issuer answered is not what an issuer answers."""


@dataclass(frozen=True, kw_only=True)
class Published:
    """What the issuer says of itself, and when it was asked."""

    at: float
    keys: Mapping[str | None, Key]
    authorization: str
    token: str

    def key(self, header: Mapping[str, Any]) -> Key | None:
        """The key that a token names; the only one, where it names none."""
        kid = header.get("kid")
        if kid is None and len(self.keys) == 1:
            return next(iter(self.keys.values()))
        return self.keys.get(kid)


class Issuer:
    """An issuer of OpenID Connect. Threads of its own ask it, so that nobody else waits while it is slow."""

    def __init__(self, settings: Settings) -> None:
        self.url = settings.oidc_issuer
        self._audience = settings.oidc_audience
        self._claim = settings.oidc_claim
        self.client = settings.oidc_client_id
        self._secret = settings.oidc_client_secret.get_secret_value()
        self._published: Published | None = None
        self._next = 0.0
        self._turn = Lock()
        self._threads = ThreadPoolExecutor(2, thread_name_prefix="issuer")

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def official(self, token: str) -> str:
        """The official a token was issued to. Raises Unauthenticated, or IssuerSilent when nobody can tell."""
        return self.named(await self.claims(token, self._audience))

    def named(self, claims: Mapping[str, Any]) -> str:
        """The official that a token speaks of."""
        named = claims.get(self._claim)
        if not isinstance(named, str):
            raise Unauthenticated("the token does not say which official it is", "令牌未说明人员身份")
        return named

    async def claims(self, token: str, audience: str) -> dict[str, Any]:
        """The claims of a token, if this issuer signed it for this audience and it is valid now."""
        try:
            header = jws.extract_compact(token.encode(), registry=SIGNED).headers()
            SIGNED.get_alg(header["alg"])
            key = await self._key(header)
            claims = jwt.decode(token, key, registry=SIGNED).claims
            self._valid(audience).validate(claims)
        except (JoseError, ValueError, TypeError, KeyError) as error:
            log.info("a token was refused: %s", type(error).__name__)
            raise Unauthenticated("the token is not valid, or not any more", "令牌无效或已过期") from None
        if str(header.get("typ", "jwt")).lower() not in TYPES:
            raise Unauthenticated("this kind of token signs nobody in", "该类型令牌不能用于登录")
        return claims

    @property
    def scope(self) -> str:
        return "openid" if self._claim == "sub" else "openid profile"

    async def signed_in(self, code: str, verifier: str, back: str, nonce: str) -> str:
        """The official whom a code stands for. Raises Unauthenticated, or IssuerSilent."""
        published = await self.published()
        token = await self._in_thread(lambda: self._exchanged(published, code, verifier, back))
        claims = await self.claims(token, self.client)
        claimed = str(claims.get("nonce", "")).encode()
        if not compare_digest(claimed, nonce.encode()) or claims.get("azp", self.client) != self.client:
            raise Unauthenticated("the token was issued for another sign-in", "令牌不属于本次登录")
        return self.named(claims)

    def _exchanged(self, published: Published, code: str, verifier: str, back: str) -> str:
        """The token the issuer gives for a code."""
        sent = {"grant_type": "authorization_code", "code": code, "redirect_uri": back, "code_verifier": verifier}
        named = {} if self._secret else {"client_id": self.client}
        auth = httpx.BasicAuth(quote_plus(self.client), quote_plus(self._secret)) if self._secret else None
        try:
            with httpx.Client(timeout=PATIENCE, auth=auth) as http:
                token = answered(http, "POST", published.token, data={**sent, **named}).get("id_token")
        except httpx.HTTPStatusError as error:
            if error.response.is_client_error:
                raise Unauthenticated("the issuer does not know this sign-in", "身份认证服务未认可本次登录") from None
            raise IssuerSilent(*SILENT) from None
        except (httpx.HTTPError, httpx.InvalidURL, ValueError):
            raise IssuerSilent(*SILENT) from None
        if not isinstance(token, str):
            raise Unauthenticated("the issuer says nothing of who it is", "身份认证服务未返回身份信息")
        return token

    def _valid(self, audience: str) -> jwt.JWTClaimsRegistry:
        return jwt.JWTClaimsRegistry(
            leeway=LEEWAY,
            iss={"essential": True, "value": self.url},
            aud={"essential": True, "value": audience},
            exp={"essential": True},
        )

    async def _key(self, header: Mapping[str, Any]) -> Key:
        """Raises KeyError for one that the issuer does not have."""
        found = (await self.published()).key(header)
        if found is None:
            await self._in_thread(self._look)
            found = (await self.published()).key(header)
        if found is None:
            raise KeyError("kid")
        return found

    async def published(self) -> Published:
        """The metadata and keys of the issuer, at most LASTS seconds old and renewed after FRESH. Raises IssuerSilent."""
        if self._age() > LASTS:
            await self._in_thread(self._look)
        elif self._age() > FRESH:
            self._threads.submit(self._look)
        if self._published is None or self._age() > LASTS:
            raise IssuerSilent(*SILENT)
        return self._published

    def _age(self) -> float:
        return monotonic() - self._published.at if self._published else float("inf")

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    def _look(self) -> None:
        """Fetch the metadata again, unless that was done a moment ago. If that fails, the old ones are kept."""
        with self._turn:
            if monotonic() < self._next:
                return
            self._next = monotonic() + FLOOR
            try:
                self._published = self._asked()
            except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
                log.warning("the issuer of tokens gave no keys: %s", type(error).__name__)

    def _asked(self) -> Published:
        with httpx.Client(timeout=PATIENCE) as http:
            metadata = answered(http, "GET", f"{self.url.rstrip('/')}/.well-known/openid-configuration")
            if metadata.get("issuer") != self.url:
                raise NotUnderstood("it calls itself something else")
            published = answered(http, "GET", self._address(metadata, "jwks_uri"))
        return Published(
            at=monotonic(),
            keys=usable(published.get("keys")),
            authorization=self._address(metadata, "authorization_endpoint", needed=False),
            token=self._address(metadata, "token_endpoint", needed=False),
        )

    def _address(self, metadata: Mapping[str, Any], name: str, *, needed: bool = True) -> str:
        """An address in the metadata, which must be as safe from listeners as that of the issuer."""
        address = metadata.get(name, "")
        if not isinstance(address, str) or (address and not is_private(address)) or (needed and not address):
            raise NotUnderstood(f"{name} is not an address that nobody else can read")
        return address


def usable(published: Any) -> dict[str | None, Key]:
    """The usable keys by their ids. One that cannot be read does not spoil the others."""
    if not isinstance(published, list):
        raise NotUnderstood("there is no list of keys")
    keys: dict[str | None, Key] = {}
    for one in published:
        if not isinstance(one, dict) or one.get("kty") not in KINDS or one.get("use", "sig") != "sig":
            continue
        try:
            keys[one.get("kid")] = JWKRegistry.import_key(one)
        except (JoseError, ValueError, TypeError, KeyError):
            continue
    if not keys:
        raise NotUnderstood("there is no key")
    return keys


def answered(http: httpx.Client, method: str, address: str, **sent: Any) -> dict[str, Any]:
    """The JSON object that the issuer answers. Raises NotUnderstood or httpx.HTTPError."""
    until, body = monotonic() + PATIENCE, b""
    with http.stream(method, address, headers={"Accept": "application/json"}, **sent) as answer:
        answer.raise_for_status()
        for part in answer.iter_bytes():
            body += part
            if len(body) > LARGEST or monotonic() > until:
                raise NotUnderstood("it answers too much, or too slowly")
    document = orjson.loads(body)
    if not isinstance(document, dict):
        raise NotUnderstood("it is no object")
    return document
