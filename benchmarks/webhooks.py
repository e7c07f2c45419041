"""Reporting while a webhook is told everything loses little of its rate: the keeper tells, not those who answer."""

import asyncio
from collections.abc import Callable
from contextlib import ExitStack, suppress
from functools import partial
from json import loads
from pathlib import Path
from socket import create_server, socket
from tempfile import TemporaryDirectory
from threading import Thread
from uuid import uuid4

from benchmarks.load import drive
from benchmarks.measured import Measured, Target, in_turn, median_rate, print_table
from benchmarks.reports import reports
from benchmarks.sanji import Sanji, ask, sanji

CONNECTIONS = 32
ACCEPTED = b"HTTP/1.1 204 No Content\r\n\r\n"


def run(seconds: float, rounds: int) -> list[Target]:
    """One service on SQLite; what is not told in a round is made up for in the next ones, so the webhook never rests."""
    with ExitStack() as stack:
        directory = Path(stack.enter_context(TemporaryDirectory(prefix="bench-")))
        reach = {"SANJI_WEBHOOK_NETWORKS": "127.0.0.0/8"}
        service = stack.enter_context(sanji(f"sqlite:///{directory}/sanji.db", directory, reach))
        listening, received = create_server(("127.0.0.1", 0)), list[None]()
        Thread(target=lambda: asyncio.run(receiving(listening, received)), daemon=True).start()
        port = listening.getsockname()[1]
        admin, integrator = service.key("admin"), service.key("integrator")
        webhook = asked(service, admin, "", {"url": f"http://127.0.0.1:{port}/"})

        def reporting(verb: str) -> Callable[[], Measured]:
            def one_round() -> Measured:
                asked(service, admin, f"/{webhook['id']}/{verb}", {})
                return drive(service.server.port, reports(integrator), connections=CONNECTIONS, seconds=seconds)

            return one_round

        sides = {"nobody is told": reporting("disable"), "one is told all": reporting("enable")}
        taken = in_turn(sides, rounds)
    print_table(f"Reporting at {CONNECTIONS} connections, SQLite", taken)
    print(f"{len(received):,} events received")
    ratio = median_rate(taken["one is told all"]) / median_rate(taken["nobody is told"])
    return [Target(what="reports with a webhook / without", figure=ratio, at_least=0.7)]


def asked(service: Sanji, key: dict[str, str], verb: str, body: object) -> dict[str, str]:
    headers = {**key, "Idempotency-Key": uuid4().hex}
    status, told, _ = ask(service.server.port, "POST", f"/v1/webhooks{verb}", headers, body)
    if status >= 300:
        raise RuntimeError(f"POST /v1/webhooks{verb}: {status} {told}")
    webhook: dict[str, str] = loads(told)
    return webhook


async def receiving(listening: socket, received: list[None]) -> None:
    """A receiver that accepts everything, at as little cost as can be."""
    async with await asyncio.start_server(partial(receive, received), sock=listening) as server:
        await server.serve_forever()


async def receive(received: list[None], reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(asyncio.IncompleteReadError, ConnectionError):
        await accept_all(received, reader, writer)


async def accept_all(received: list[None], reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while head := await reader.readuntil(b"\r\n\r\n"):
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        await reader.readexactly(length)
        received.append(None)
        writer.write(ACCEPTED)
