"""An issuer of tokens on a port of this machine, with keys of its own: what a district's OpenID Connect provider is."""

from __future__ import annotations

import base64
import hashlib
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import uvicorn
from joserfc import jwk, jws, jwt
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from service.office import Office
from service.settings import Settings

AUDIENCE = "sanji-api"
CLIENT, SECRET = "sanji-pages", "a secret of the pages"


def rsa(kid: str) -> jwk.RSAKey:
    return jwk.RSAKey.generate_key(2048, {"kid": kid, "use": "sig"})


def ec(kid: str) -> jwk.ECKey:
    return jwk.ECKey.generate_key("P-256", {"kid": kid, "use": "sig"})


def okp(kid: str) -> jwk.OKPKey:
    return jwk.OKPKey.generate_key("Ed25519", {"kid": kid, "use": "sig"})


def settings(issuer: Issuer, **more: Any) -> Settings:
    trusted = {"auth": "oidc", "oidc_issuer": issuer.url, "oidc_audience": AUDIENCE}
    return Settings.model_validate({**trusted, **more})


@contextmanager
def trusting(issuer: Issuer, url: str, folder: Path, **more: str) -> Iterator[Office]:
    """The service in this process, which believes what this issuer signs."""
    office = Office(settings(issuer, database_url=url, data_dir=folder, **more)).open()
    try:
        yield office
    finally:
        office.close()


class Issuer:
    """Signs whatever a test wants signed, and counts how often it is asked for its keys."""

    def __init__(self, host: str = "127.0.0.1") -> None:
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.url = f"http://{host}:{self._listening.getsockname()[1]}"
        self.keys: list[jwk.Key] = [rsa("first"), ec("curve")]
        self.asked = 0
        self.down = False
        self.says: dict[str, Any] = {}
        """What it says of itself otherwise than it should."""
        self.signs_in = "head:T01"
        self.codes: dict[str, dict[str, str]] = {}
        self.changed: dict[str, Any] = {}
        """What its identity tokens say otherwise than they should."""

    def token(self, *, key: jwk.Key | None = None, alg: str | None = None, **claims: Any) -> str:
        """A token in order, but for what a test says."""
        key = key or self.keys[0]
        now = int(time.time())
        told = {"iss": self.url, "aud": AUDIENCE, "sub": "head:T01", "iat": now, "exp": now + 300, **claims}
        kind = alg or ("ES256" if key.key_type == "EC" else "RS256")
        registry = jws.JWSRegistry(algorithms=[kind])
        told = {name: value for name, value in told.items() if value is not None}
        return jwt.encode({"alg": kind, "kid": key.kid}, told, key, registry=registry)

    def app(self) -> Starlette:
        routes = [
            Route("/.well-known/openid-configuration", self._discovery),
            Route("/keys", self._keys),
            Route("/authorize", self._authorize),
            Route("/token", self._token, methods=["POST"]),
        ]
        return Starlette(routes=routes)

    async def _discovery(self, _: Request) -> Response:
        if self.down:
            return Response("out of order", 500)
        return JSONResponse(
            {
                "issuer": self.url,
                "jwks_uri": f"{self.url}/keys",
                "authorization_endpoint": f"{self.url}/authorize",
                "token_endpoint": f"{self.url}/token",
                **self.says,
            }
        )

    async def _keys(self, _: Request) -> Response:
        self.asked += 1
        return JSONResponse({"keys": [key.as_dict(private=False) for key in self.keys]})

    async def _authorize(self, request: Request) -> Response:
        """Nobody is asked for a password here: whoever comes is the one who signs in."""
        asked = dict(request.query_params)
        code = base64.urlsafe_b64encode(hashlib.sha256(json.dumps(asked).encode()).digest()).decode()
        self.codes[code] = asked
        return RedirectResponse(f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}", 303)

    async def _token(self, request: Request) -> Response:
        if self.down:
            return Response("out of order", 500)
        sent = {name: str(value) for name, value in (await request.form()).items()}
        asked = self.codes.pop(sent.get("code", ""), None)
        proof = base64.urlsafe_b64encode(hashlib.sha256(sent.get("code_verifier", "").encode()).digest())
        basic = base64.b64encode(f"{CLIENT}:{SECRET.replace(' ', '+')}".encode()).decode()
        if (
            asked is None
            or asked["redirect_uri"] != sent.get("redirect_uri")
            or asked["code_challenge"] != proof.decode().rstrip("=")
            or request.headers.get("authorization") != f"Basic {basic}"
        ):
            return JSONResponse({"error": "invalid_grant"}, 400)
        told = {"aud": asked["client_id"], "nonce": asked["nonce"], "sub": self.signs_in, **self.changed}
        return JSONResponse({"token_type": "Bearer", "access_token": "x", "id_token": self.token(**told)})

    @contextmanager
    def at_work(self) -> Iterator[Issuer]:
        server = uvicorn.Server(uvicorn.Config(self.app(), log_config=None, access_log=False, lifespan="off"))
        thread = threading.Thread(target=server.run, args=([self._listening],), daemon=True)
        thread.start()
        try:
            yield self
        finally:
            server.should_exit = True
            thread.join()
            self._listening.close()
