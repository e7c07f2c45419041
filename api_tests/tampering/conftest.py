"""Three cases lived through, and what a witness wrote down meanwhile."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from api_tests.databases import Databases
from api_tests.district import DONE, MONDAY
from api_tests.inprocess import at_work, in_front_of, reopened
from api_tests.tampering.kept import Kept
from service.audit.transparency import Signer
from service.settings import Settings


@pytest.fixture
def kept(databases: Databases, tmp_path: Path) -> Kept:
    url = databases.founded()
    settings = Settings(database_url=url, data_dir=tmp_path / "data", auth="dev", clock="manual")
    early, late, accesses = tmp_path / "early", tmp_path / "late", tmp_path / "accesses"

    async def lives() -> None:
        with at_work(url, settings.data_dir) as office:
            async with in_front_of(reopened(office)) as api:
                await api.set_clock(MONDAY)
                for number in (1, 2, 3):
                    case = await api.report(
                        by=f"citizen:{number}", village="V0101", petitioner={"name": f"Petitioner {number}"}
                    )
                    await api.ask(case, "accept", by="clerk:T01")
                    early.write_text((await api.get("/v1/log/checkpoint")).text, "utf-8")
                    await api.ask(case, "assign", by="clerk:T01", unit="T01")
                    await api.ask(case, "start", by="head:T01")
                    await api.ask(case, "resolve", by="head:T01", **DONE)
                    await api.case(case, by="auditor")
                late.write_text((await api.get("/v1/log/checkpoint")).text, "utf-8")
                accesses.write_text((await api.get("/v1/access-log/checkpoint")).text, "utf-8")

    asyncio.run(lives())
    return Kept(settings, early, late, accesses, Signer(settings.data_dir / "keys").key("log"))
