"""A household of the district, written down as its cadre does."""

from typing import Any

from api_tests.client import Client, done
from api_tests.district import Json

CADRE, HEAD, ORGANISER = "cadre:V0101", "head:T01", "organiser"
POOR: Json = {
    "members": 4,
    "income_per_head": 3400,
    "debt_total": 26000,
    "hardships": [{"kind": "illness", "severity": 3}],
}


async def registered(api: Client, id: str = "HH-1", village: str = "V0101", by: str = CADRE, **more: str) -> Json:
    return done(await api.post("/v1/households", {"id": id, "village": village, **more}, by=by), 201)


async def ask(api: Client, verb: str, by: str = CADRE, id: str = "HH-1", **body: Any) -> Json:
    return done(await api.post(f"/v1/households/{id}/{verb}", dict(body), by=by))


async def poor(api: Client, id: str = "HH-1") -> Json:
    await registered(api, id)
    return await ask(api, "record-facts", id=id, **POOR)
