"""What the environment says: where the data lie, who signs in how, and which clock counts."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, Self
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

LOOPBACK = ("127.0.0.1", "::1", "localhost")


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="SANJI_", extra="ignore", frozen=True)

    data_dir: Path = Path("data")
    database_url: str = ""
    auth: Literal["keys", "oidc", "dev"] = "keys"
    oidc_issuer: str = ""
    oidc_audience: str = ""
    clock: Literal["system", "manual"] = "system"
    zone: str = "Asia/Shanghai"
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=1, le=65535)

    @field_validator("zone")
    @classmethod
    def known_zone(cls, zone: str) -> str:
        ZoneInfo(zone)
        return zone

    @model_validator(mode="after")
    def not_open_to_the_world(self) -> Self:
        if self.host not in LOOPBACK and (self.auth == "dev" or self.clock == "manual"):
            raise ValueError(f"dev sign-in and the manual clock are for this machine only, not for {self.host}")
        if self.auth == "oidc":
            raise ValueError("SANJI_AUTH=oidc is not served yet; use keys")
        return self

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite:///{self.data_dir / 'sanji.db'}"
