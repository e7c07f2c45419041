"""The clerk: requests hand him their orders and wait; he settles all that wait together, one batch after the other."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from threading import Condition, Thread

from service.record.ledger import Ledger
from service.record.orders import Order, Outcome, Receipt

log = logging.getLogger("sanji.clerk")

Waiting = asyncio.Future[Outcome] | Future[Outcome]

BATCH = 256
WAITING = 2048
DEADLINE = 60.0
"""Seconds a thread waits for its order; a request has a deadline of its own."""


class Overloaded(Exception):
    """More orders wait than can be settled in time."""


class Clerk:
    """A thread of its own, so that no request blocks the others and no commit is ever cancelled."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self._waiting: deque[tuple[Order, Waiting]] = deque()
        self._changed = Condition()
        self._stopped = False
        self._thread = Thread(target=self._work, name="clerk", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Settle what waits, then end the thread."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
        self._thread.join()

    async def settle(self, order: Order) -> Receipt:
        """Have an order settled; raises what it was refused with, or Overloaded. The request's own deadline bounds it."""
        future: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._hand_in(order, future)
        return _or_raise(await future)

    def settle_now(self, order: Order) -> Receipt:
        """The same for a thread: the timekeeper, the command line."""
        future: Future[Outcome] = Future()
        self._hand_in(order, future)
        return _or_raise(future.result(DEADLINE))

    def settle_all(self, orders: list[Order]) -> list[Outcome]:
        """Many at once, in this order. Those for whom there was no room any more are Overloaded."""
        futures: list[Future[Outcome]] = [Future() for _ in orders]
        for order, future in zip(orders, futures, strict=True):
            try:
                self._hand_in(order, future)
            except Overloaded as overloaded:
                future.set_result(overloaded)
        return [future.result(DEADLINE) for future in futures]

    def settle_each(self, orders: list[Order]) -> list[Receipt]:
        """The same where none may fail: raises the first refusal of one that was not settled."""
        return list(map(_or_raise, self.settle_all(orders)))

    def _hand_in(self, order: Order, future: Waiting) -> None:
        with self._changed:
            if self._stopped or len(self._waiting) >= WAITING:
                raise Overloaded
            self._waiting.append((order, future))
            self._changed.notify()

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._stopped)
                if not self._waiting:
                    return
                batch = [self._waiting.popleft() for _ in range(min(BATCH, len(self._waiting)))]
            _answer([future for _, future in batch], self._settled([order for order, _ in batch]))

    def _settled(self, orders: list[Order]) -> list[Outcome]:
        """Settle a batch; if it fails, settle each order alone, so that a bug in one does not take the others with it."""
        try:
            return self.ledger.settle(orders)
        except Exception as error:
            log.exception("a batch of %d could not be settled", len(orders))
            self.ledger.forget()
            if len(orders) == 1:
                return [error]
            return [outcome for order in orders for outcome in self._settled([order])]


def _answer(futures: Sequence[Waiting], outcomes: Sequence[Outcome]) -> None:
    """Answer all who wait. An event loop is called once for all of its own, since each call gives up the interpreter
    lock.
    """
    loops: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[Outcome], Outcome]]] = {}
    for future, outcome in zip(futures, outcomes, strict=True):
        if isinstance(future, Future):
            future.set_result(outcome)
        else:
            loops.setdefault(future.get_loop(), []).append((future, outcome))
    for loop, answers in loops.items():
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(_tell, answers)


def _tell(answers: Sequence[tuple[asyncio.Future[Outcome], Outcome]]) -> None:
    for future, outcome in answers:
        if not future.done():
            future.set_result(outcome)


def _or_raise(outcome: Outcome) -> Receipt:
    if isinstance(outcome, Exception):
        raise outcome
    return outcome
