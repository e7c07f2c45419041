"""Where a delivery may go: to the open internet, and to those networks that the settings name. Nowhere else inside."""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Collection
from contextlib import suppress
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from threading import Thread
from typing import TYPE_CHECKING

from domain.refusals import Invalid
from service.settings import LOOPBACK

if TYPE_CHECKING:
    import httpx

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

TRANSLATED = ip_network("64:ff9b::/96")
"""Prefixes of NAT64: the last 32 bits of such an address are an IPv4 address (RFC 6052)."""
UNICAST = ip_network("2000::/3")
"""The part of IPv6 that is assigned to the open internet (RFC 4291)."""
PORTS = range(1, 65536)
NAME = re.compile(rb"[A-Za-z0-9._-]+")
ADDRESS = (
    "url is an https address without user, password or fragment",
    "url 须为 https 地址，且不含用户名、密码和锚点",
)
INSIDE = ("url leads to an address that may not be reached from here", "url 指向不允许访问的地址")


class NotReachable(Exception):
    """There is no address under this name, or one that may not be reached."""


class Reach:
    def __init__(self, networks: Collection[Network]) -> None:
        self._networks = networks

    def must_be_fit(self, url: str) -> None:
        """What an address can be refused for before anybody looks it up. Raises Invalid."""
        import httpx  # most districts have no webhook, and it takes its part of a start

        try:
            parts = httpx.URL(url)
            host = parts.host
        except (httpx.InvalidURL, UnicodeError, ValueError):
            raise Invalid(*ADDRESS) from None
        plain = parts.scheme == "http" and host in LOOPBACK
        literal = _literal("127.0.0.1" if plain else host)
        named = literal is not None or NAME.fullmatch(parts.raw_host)
        possible = parts.port is None or parts.port in PORTS
        if not (parts.scheme == "https" or plain) or not named or not possible or parts.userinfo or parts.fragment:
            raise Invalid(*ADDRESS)
        if literal is not None and not self.allows(literal):
            raise Invalid(*INSIDE)

    def allows(self, address: Address) -> bool:
        """Whether an address lies in the open internet, or in a network that the settings name, however it is written."""
        return any(address in network for network in self._networks) or all(map(_is_open, (address, *_within(address))))

    async def addresses(self, url: httpx.URL) -> list[str]:
        """The addresses of a name. Raises NotReachable if any of them may not be reached: it must not be a matter of
        luck.
        """
        literal = _literal(url.host)
        found = [literal] if literal else [ip_address(one) for one in await _looked_up(url.host)]
        if not found:
            raise NotReachable("unknown_host")
        if not all(map(self.allows, found)) or (url.scheme == "http" and not all(one.is_loopback for one in found)):
            raise NotReachable("address_not_allowed")
        return [str(one) for one in found]


def _literal(host: str) -> Address | None:
    with suppress(ValueError):
        return ip_address(host)
    return None


def _is_open(address: Address) -> bool:
    """Whether it is assigned to the open internet; of IPv6 the most is assigned to nobody, or was to some inside."""
    assigned = isinstance(address, IPv4Address) or address in UNICAST or address in TRANSLATED
    return assigned and address.is_global and not address.is_multicast


def _within(address: Address) -> list[Address]:
    """The addresses that an IPv6 address stands for, or leads through to."""
    if isinstance(address, IPv4Address):
        return []
    found: list[Address] = [one for one in (address.ipv4_mapped, address.sixtofour, *(address.teredo or ())) if one]
    if address in TRANSLATED:
        found.append(IPv4Address(int(address) & 0xFFFF_FFFF))
    return found


async def _looked_up(host: str) -> list[str]:
    """Look a name up in a thread that is not waited for at the end: a name server may take half a minute."""
    loop = asyncio.get_running_loop()
    found: asyncio.Future[list[str]] = loop.create_future()

    def tell(addresses: list[str]) -> None:
        if not found.done():
            found.set_result(addresses)

    def look() -> None:
        addresses: list[str] = []
        with suppress(OSError, UnicodeError):
            answers = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
            addresses = list(dict.fromkeys(str(one[4][0]).partition("%")[0] for one in answers))
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(tell, addresses)

    Thread(target=look, name="names", daemon=True).start()
    return await found
