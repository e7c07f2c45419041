"""The yardstick: the app one writes instead of Sanji, a row for a case and nothing remembered."""

import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Annotated, Any, Literal

import asyncpg
from fastapi import FastAPI, Request
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9:._-]{1,64}$")]
Short = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Kind = Literal["emergency", "request", "benefit", "suggestion", "complaint", "accusation", "petition", "inquiry"]
Channel = Literal["household_visit", "village_desk", "walk_in", "hotline", "phone", "web", "letter", "meeting", "patrol",
                  "other"]  # fmt: skip
Source = Literal["referred", "walk_in", "complaint_report", "request", "suggestion", "other"]


class Petitioner(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: Short | None = None
    phone: Short | None = None
    id_number: Short | None = None
    address: Short | None = None


class Location(BaseModel):
    model_config = ConfigDict(extra="forbid")
    lon: float = Field(ge=-180, le=180)
    lat: float = Field(ge=-90, le=90)


class NewCase(BaseModel):
    model_config = ConfigDict(extra="forbid")
    title: Short
    description: str = Field(default="", max_length=8000)
    kind: Kind
    category: Short | None = None
    village: Id | None = None
    channel: Channel = "other"
    source: Source = "other"
    grade: Literal["I", "II", "III"] = "III"
    occurred_at: datetime | None = None
    petitioner: Petitioner | None = None
    confidentiality: Literal["open", "identity_hidden", "anonymous", "sealed"] = "open"
    subjects: list[Id] = []
    household: Id | None = None
    proxy: Id | None = None
    location: Location | None = None
    external_id: Id | None = None


class Case(NewCase):
    id: int
    status: str
    reported_at: datetime


FIELDS = list(NewCase.model_fields)
PLACES = ", ".join(f"${place}" for place in range(1, len(FIELDS) + 1))
INSERT = f"INSERT INTO cases ({', '.join(FIELDS)}) VALUES ({PLACES}) RETURNING *"
TABLE = """CREATE TABLE IF NOT EXISTS cases (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, title text NOT NULL, description text NOT NULL,
    kind text NOT NULL, category text, village text, channel text NOT NULL, source text NOT NULL, grade text NOT NULL,
    occurred_at timestamptz, petitioner jsonb, confidentiality text NOT NULL, subjects text[] NOT NULL, household text,
    proxy text, location jsonb, external_id text, status text NOT NULL DEFAULT 'reported',
    reported_at timestamptz NOT NULL DEFAULT now());
CREATE INDEX IF NOT EXISTS cases_of_village ON cases (village, reported_at)"""


async def read_json(connection: asyncpg.Connection) -> None:
    await connection.set_type_codec("jsonb", encoder=json.dumps, decoder=json.loads, schema="pg_catalog")


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    async with asyncpg.create_pool(os.environ["CRUD_DATABASE_URL"], init=read_json) as pool:
        await pool.execute(TABLE)
        app.state.pool = pool
        yield


app = FastAPI(lifespan=lifespan)


@app.get("/healthz")
async def healthz() -> dict[str, str]:
    return {"status": "ok"}


@app.post("/v1/cases", status_code=201, response_model=Case)
async def report(body: NewCase, request: Request) -> dict[str, Any]:
    """Insert the row and answer it."""
    given = body.model_dump()
    async with request.app.state.pool.acquire() as connection, connection.transaction():
        row = await connection.fetchrow(INSERT, *(given[field] for field in FIELDS))
    return dict(row)
