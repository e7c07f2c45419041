"""What the environment says: where the data lie, who signs in how, and which clock counts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from domain.zone import DISTRICT

LOOPBACK = ("127.0.0.1", "::1", "localhost")
THIS_MACHINE = "127.0.0.0/8,::1/128"

BACKENDS = ("sqlite", "postgresql", "postgres")


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="SANJI_", extra="ignore", frozen=True)

    data_dir: Path = Path("data")
    database_url: str = ""
    keys_url: str = ""
    auth: Literal["keys", "oidc", "dev"] = "keys"
    oidc_issuer: str = ""
    oidc_audience: str = ""
    oidc_claim: str = Field(default="sub", min_length=1)
    oidc_client_id: str = ""
    oidc_client_secret: SecretStr = SecretStr("")
    clock: Literal["system", "manual"] = "system"
    zone: str = DISTRICT.key
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=1, le=65535)
    strangers_per_s: float = Field(default=20, ge=0)
    key_per_s: float = Field(default=0, ge=0)
    webhook_networks: str = ""

    @field_validator("zone")
    @classmethod
    def of_the_district(cls, zone: str) -> str:
        if zone != DISTRICT.key:
            raise ValueError(f"SANJI_ZONE is {DISTRICT.key}: all that is told here is told by the district's clock")
        return zone

    @field_validator("database_url", "keys_url")
    @classmethod
    def known_database(cls, url: str) -> str:
        try:
            if not url or (make_url(url).get_backend_name() in BACKENDS and not in_memory(url)):
                return url
        except (ArgumentError, ValueError):
            pass
        raise ValueError("it is sqlite:///path or postgresql+psycopg://user:password@host/database")

    @field_validator("webhook_networks")
    @classmethod
    def known_networks(cls, networks: str) -> str:
        networks_in(networks)
        return networks

    @model_validator(mode="after")
    def not_open_to_the_world(self) -> Self:
        if self.host not in LOOPBACK and (self.auth == "dev" or self.clock == "manual"):
            raise ValueError(f"dev sign-in and the manual clock are for this machine only, not for {self.host}")
        return self

    @model_validator(mode="after")
    def knows_whom_to_trust(self) -> Self:
        if self.auth == "oidc" and not (self.oidc_issuer and self.oidc_audience):
            raise ValueError("SANJI_AUTH=oidc needs SANJI_OIDC_ISSUER and SANJI_OIDC_AUDIENCE")
        if self.auth == "oidc" and not is_private(self.oidc_issuer):
            raise ValueError("SANJI_OIDC_ISSUER is an https address, or one of this machine")
        return self

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite:///{self.data_dir / 'sanji.db'}"

    @property
    def keys_database(self) -> str:
        """The database of the persons' keys: for SQLite a file beside the log by default."""
        beside = f"{self.database}-keys" if self.database.startswith("sqlite") else self.database
        return self.keys_url or beside

    @property
    def keys_apart(self) -> bool:
        """Whether the keys of persons lie in a database of their own."""
        return self.keys_database != self.database

    @property
    def reachable(self) -> tuple[IPv4Network | IPv6Network, ...]:
        """The networks besides the internet that webhooks may reach: those named, and while it is tried out this machine."""
        trying = self.auth == "dev" or self.clock == "manual"
        return networks_in(self.webhook_networks) + (networks_in(THIS_MACHINE) if trying else ())


def misspelt(names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """The environment variables that are no settings but look like one, each with the setting it looks like."""
    known = [f"SANJI_{name.upper()}" for name in Settings.model_fields]
    for name in names:
        if name.upper() not in known and (alike := get_close_matches(name.upper(), known, 1, 0.85)):
            yield name, alike[0]


def networks_in(text: str) -> tuple[IPv4Network | IPv6Network, ...]:
    """Raises ValueError for what is no list of networks such as 10.0.0.0/8,fd00::/8."""
    return tuple(ip_network(one.strip()) for one in text.split(",") if one.strip())


def in_memory(url: str) -> bool:
    """Whether this is an SQLite database in memory, which no other connection would see."""
    parsed = make_url(url)
    return parsed.get_backend_name() == "sqlite" and parsed.database in (None, "", ":memory:")


def is_private(address: str) -> bool:
    """Whether an address is encrypted, or on this machine."""
    parts = urlsplit(address)
    return bool(parts.hostname) and (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK))
