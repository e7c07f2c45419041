"""Three cases lived through once, what a witness wrote down meanwhile, and a copy of it all for each test."""

from __future__ import annotations

import asyncio
from pathlib import Path
from shutil import copytree

import pytest

from api_tests.databases import Databases
from api_tests.district import DONE, MONDAY
from api_tests.inprocess import at_work, in_front_of, reopened
from api_tests.tampering.kept import Kept
from service.audit.transparency import Signer
from service.settings import Settings


@pytest.fixture(scope="session")
def lived(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """The database, and the folder of the service and of its witness."""
    url, folder = databases.founded(), tmp_path_factory.mktemp("lived")

    async def lives() -> None:
        with at_work(url, folder / "data") as office:
            async with in_front_of(reopened(office)) as api:
                await api.set_clock(MONDAY)
                for number in (1, 2, 3):
                    case = await api.report(
                        by=f"citizen:{number}", village="V0101", petitioner={"name": f"Petitioner {number}"}
                    )
                    await api.ask(case, "accept", by="clerk:T01")
                    (folder / "early").write_text((await api.get("/v1/log/checkpoint")).text, "utf-8")
                    await api.ask(case, "assign", by="clerk:T01", unit="T01")
                    await api.ask(case, "start", by="head:T01")
                    await api.ask(case, "resolve", by="head:T01", **DONE)
                    await api.case(case, by="auditor")
                (folder / "late").write_text((await api.get("/v1/log/checkpoint")).text, "utf-8")
                (folder / "accesses").write_text((await api.get("/v1/access-log/checkpoint")).text, "utf-8")

    asyncio.run(lives())
    return url, folder


@pytest.fixture
def kept(lived: tuple[str, Path], databases: Databases, tmp_path: Path) -> Kept:
    url, folder = lived
    copytree(folder, tmp_path, dirs_exist_ok=True)
    settings = Settings(database_url=databases.copied(url), data_dir=tmp_path / "data", auth="dev", clock="manual")
    early, late, accesses = tmp_path / "early", tmp_path / "late", tmp_path / "accesses"
    return Kept(settings, early, late, accesses, Signer(settings.data_dir / "keys").key("log"))
