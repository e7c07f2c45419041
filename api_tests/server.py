"""The service as it is run: a process of its own on a port of this machine, that can be killed and started again."""

from __future__ import annotations

import os
from collections.abc import Mapping
from multiprocessing.process import BaseProcess
from pathlib import Path
from time import monotonic

import httpx

from api_tests.commands import sanji
from benchmarks.servers import free_port, healthy

PATIENCE = 60.0
"""Seconds within which a server must answer on a slow and busy machine."""


class Server:
    """`sanji serve`, restarted on the same port with the same data."""

    def __init__(self, folder: Path, database_url: str, environment: Mapping[str, str], name: str = "server") -> None:
        self.name = name
        self.port = free_port()
        self._log = folder / f"{name}.log"
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("SANJI_")},
            "SANJI_DATABASE_URL": database_url,
            "SANJI_DATA_DIR": str(folder),
            "SANJI_AUTH": "dev",
            "SANJI_PORT": str(self.port),
            **environment,
        }
        self._process: BaseProcess | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> Server:
        """Begin, and wait for the first answer."""
        process = self.launch()
        until = monotonic() + PATIENCE
        while not healthy(self.port):
            process.join(0.02)
            assert process.is_alive(), f"{self.name} ended: {self.logged()}"
            assert monotonic() < until, f"{self.name} did not answer in {PATIENCE} s: {self.logged()}"
        return self

    def launch(self) -> BaseProcess:
        self._process = sanji("serve", environment=self._environment, out=self._log)
        return self._process

    def kill(self) -> None:
        """As a power cut would: no goodbye."""
        assert self._process is not None
        self._process.kill()
        self._process.join()

    def stop(self) -> bool:
        """Whether it ended by itself, within seconds."""
        if self._process is None or not self._process.is_alive():
            return True
        self._process.terminate()
        self._process.join(10)
        ended = not self._process.is_alive()
        self.kill()
        return ended

    def logged(self) -> str:
        return self._log.read_text("utf-8") if self._log.exists() else ""

    def http(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(base_url=self.url, timeout=30)
