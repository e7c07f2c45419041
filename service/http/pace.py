"""How often somebody may ask: a stranger by his address, whoever is known by his key, and of him how much at once.

Who guesses is soon slowed down.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable
from functools import lru_cache
from ipaddress import IPv6Address, IPv6Network, ip_address
from math import ceil
from time import monotonic

from starlette.datastructures import QueryParams
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.http.connections import room
from service.http.problems import RateLimited, refusal
from service.office import Office

BURST = 30.0
"""Seconds' worth of requests that may be made at once."""
LONGEST = 60.0
"""Seconds anybody has to wait at most, however much he asked."""
MANY = 10_000
"""Askers that are remembered in one process."""

MISS = 20
"""A wrong key or a wrong query code counts as so many requests."""
BY_CODE = "/v1/track/"
"""Requests under this path are counted by address, even of those who sign in: a query code may be guessed."""
BY_FIELD = "/open311/"
"""Under this path a key may stand in the address."""
IN_A_FORM = "/sign-in"
"""Under this path a key is written into a form."""
MISSED = {BY_CODE: 404, BY_FIELD: 403, IN_A_FORM: 401}
"""The status that answers a wrong key or code under these paths; elsewhere it is 401."""
UNCOUNTED = ("/healthz", "/readyz", "/metrics", "/static/", "/docs/assets/")
INSIDE = "sanji_inside"
"""In the scope of what a page asks of the routes: that holds no connection."""


class Allowance:
    """An allowance of requests a second for each who asks. For each is kept until when he has used it up; most owe
    nothing.
    """

    def __init__(self, per_second: float, clock: Callable[[], float] = monotonic) -> None:
        self._each = 1 / per_second
        self._clock = clock
        self._until: dict[str, float] = {}

    def wait(self, who: str) -> float:
        """Seconds until he may ask again; 0 if he may now."""
        until = self._until.get(who)
        return 0.0 if until is None else max(0.0, until - self._clock() - BURST)

    def charge(self, who: str, requests: int = 1) -> None:
        now = self._clock()
        until = max(self._until.get(who, now), now) + requests * self._each
        self._until[who] = min(until, now + BURST + LONGEST)
        if len(self._until) > MANY:
            self._forget(now)

    def _forget(self, now: float) -> None:
        """Forget those who owe nothing, and if that does not make room, those who owe least."""
        owing = sorted((one for one in self._until.items() if one[1] > now), key=lambda one: one[1])
        self._until = dict(owing[-MANY // 2 :])

    def __len__(self) -> int:
        return len(self._until)


class Pace:
    """Refuses with 429 who asks too fast, or holds three in four of all connections: a system that opens streams and
    forgets them would leave none to others. Each process counts for itself.
    """

    def __init__(self, app: ASGIApp, office: Office) -> None:
        self.app = app
        self._known = office.identity.known
        settings = office.settings
        self._strangers = Allowance(settings.strangers_per_s) if settings.strangers_per_s else None
        self._keys = Allowance(settings.key_per_s) if settings.key_per_s else None
        self._under_way: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(UNCOUNTED):
            await self.app(scope, receive, send)
            return
        shown = authorization(scope)
        key = self._known(shown) if shown else None
        allowance, who = (self._keys, key) if key else (self._strangers, house(scope["client"]))
        wait = 0.0 if allowance is None else allowance.wait(who)
        holder = "" if key is None or INSIDE in scope else key
        if wait or (holder and self._under_way[holder] >= room() * 3 // 4):
            answer = refusal(scope, RateLimited())
            answer.headers["Retry-After"] = str(ceil(wait) or 1)
            await answer(scope, receive, send)
        elif key:
            if allowance is not None:
                allowance.charge(who)
            await self._among_its_own(holder, self.app(scope, receive, send))
        elif allowance is None:
            await self.app(scope, receive, send)
        else:
            await self.app(scope, receive, self._counted(allowance, who, scope["path"], shown, send))

    async def _among_its_own(self, holder: str, work: Awaitable[None]) -> None:
        self._under_way[holder] += 1
        try:
            await work
        finally:
            self._under_way[holder] -= 1
            if not self._under_way[holder]:
                del self._under_way[holder]

    def _counted(self, allowance: Allowance, who: str, path: str, shown: str, send: Send) -> Send:
        """Charges a stranger once the answer is known: nothing for a valid key, MISS requests for a wrong one."""
        miss = next((status for place, status in MISSED.items() if path.startswith(place)), 401 if shown else None)

        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                missed = message["status"] == miss
                if missed or not (shown and self._known(shown)):
                    allowance.charge(who, MISS if missed else 1)
            await send(message)

        return counted


def authorization(scope: Scope) -> str:
    """The Authorization that a request shows. A key in the body of a form is read too late to be seen here."""
    if scope["path"].startswith(BY_CODE):
        return ""
    header = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"authorization"), "")
    if header or not scope["path"].startswith(BY_FIELD):
        return header
    return f"Bearer {QueryParams(scope['query_string']).get('api_key', '')}"


def house(client: tuple[str, int] | None) -> str:
    """The address of the client. Behind a proxy uvicorn says so, if it was told to believe that proxy."""
    return _house(client[0]) if client else ""


@lru_cache(maxsize=4096)
def _house(host: str) -> str:
    """An IPv6 address stands for all that share its first 64 bits."""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if isinstance(address, IPv6Address) and address.ipv4_mapped is None:
        return str(IPv6Network((int(address), 64), strict=False))
    return host
