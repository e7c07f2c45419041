"""Opening the demonstration: filled once, then served on the first free port."""

from __future__ import annotations

import errno
import fcntl
import logging
import os
import shutil
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import uvicorn

from service.app import create_app
from service.demo import screen
from service.demo.filling import Facts, fill, is_filled, shape_of_tables, unfinished
from service.demo.keyring import around
from service.http.connections import Bounded
from service.keeping.leadership import leadership
from service.logs import log_as_json
from service.office import Office
from service.settings import THIS_MACHINE, Settings
from service.storage.database import open_database
from service.web.session import Ready

PORTS = 50
"""How many ports are tried, one after the other."""


def open_demo(settings: Settings, *, fresh: bool, cases: int) -> None:
    """Fill the folder `demo` of the data folder, unless that is done, and serve it. No other database is touched."""
    log_as_json(logging.WARNING)
    folder = settings.data_dir / "demo"
    demo = Settings.model_validate(
        settings.model_dump()
        | {"data_dir": folder, "database_url": "", "auth": "keys", "clock": "system", "webhook_networks": THIS_MACHINE}
    )
    with alone(settings.data_dir):
        facts = kept(demo, fresh) or filled(folder, cases)
    serve(demo, facts)


def kept(demo: Settings, fresh: bool) -> Facts | None:
    """What an earlier start made; thrown away where it shall not, or cannot, be used again."""
    folder = demo.data_dir
    if not is_filled(folder):
        if folder.exists():
            sys.exit(f"sanji: {folder} is there, but is no demonstration; move it away")
        return None
    facts = Facts.of(folder)
    if facts.shape != shape_of_tables() or any(one.role not in facts.keys for one in around(facts.place)):
        screen.console.print("Another version of Sanji made this demonstration; beginning anew.")
    elif not fresh:
        return facts
    forget(demo)
    return None


@contextmanager
def alone(data_dir: Path) -> Iterator[None]:
    """Only one process at a time may fill, or throw away."""
    data_dir.mkdir(parents=True, exist_ok=True)
    file = os.open(data_dir / "demo.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sys.exit(f"sanji: another process is filling {data_dir / 'demo'}; wait for it")
        yield
    finally:
        os.close(file)


def forget(demo: Settings) -> None:
    """Throw the demonstration away, unless it is being served."""
    leading = leadership(open_database(demo.database, pool=1))
    if not leading.held():
        sys.exit(f"sanji: {demo.data_dir} is being served; stop that first")
    shutil.rmtree(demo.data_dir)
    leading.release()


def filled(folder: Path, cases: int) -> Facts:
    if unfinished(folder).exists():
        screen.console.print("The last start was interrupted; beginning anew.")
    try:
        with screen.filling_up(cases) as on_progress:
            return fill(folder, cases, datetime.now(UTC), on_progress)
    except KeyboardInterrupt:
        sys.exit("\nsanji: stopped; the next start begins anew")


def serve(demo: Settings, facts: Facts) -> None:
    listening = first_free(demo.host, demo.port)
    port = listening.getsockname()[1]
    if port != demo.port:
        screen.console.print(f"Port {demo.port} is taken; this is {port}.")
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "::1": "[::1]"}.get(demo.host, demo.host)
    ready = tuple(
        Ready(role=one.role, chinese=one.chinese, english=one.english, key=facts.keys[one.role])
        for one in around(facts.place)
    )
    app = create_app(Office(demo), ready=ready)
    config = uvicorn.Config(app, http=Bounded, log_config=None, access_log=False)
    with suppress(KeyboardInterrupt):
        Announcing(config, facts, f"http://{host}:{port}", demo.data_dir).run(sockets=[listening])


class Announcing(uvicorn.Server):
    """Says where it is once it answers there."""

    def __init__(self, config: uvicorn.Config, facts: Facts, address: str, folder: Path) -> None:
        super().__init__(config)
        self._said = (facts, address, folder)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        if self.started:
            screen.opened(*self._said)


def first_free(host: str, port: int) -> socket.socket:
    """A listening socket on this port, or on the next that is free."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for candidate in range(port, min(port + PORTS, 65536)):
        try:
            return socket.create_server((host, candidate), family=family, backlog=2048)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
    sys.exit(f"sanji: none of the ports {port} to {port + PORTS - 1} is free; choose another with --port")
