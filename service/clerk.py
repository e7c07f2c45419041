"""The clerk: requests hand him their orders and wait; he settles all that wait together, one batch after the other."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from threading import Condition, Thread

from service.ledger import Ledger, Order, Outcome, Receipt, Unsettled

log = logging.getLogger("sanji.clerk")

BATCH = 256
WAITING = 2048
DEADLINE = 20.0
"""Seconds a request waits for its order."""


class Overloaded(Exception):
    """More orders wait than can be settled in time."""


class Clerk:
    """A thread of its own, so that no request blocks the others and no commit is ever cancelled."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self._waiting: deque[tuple[Order, Callable[[Outcome], object]]] = deque()
        self._changed = Condition()
        self._stopped = False
        self._thread = Thread(target=self._work, name="clerk", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Settle what waits, then go home."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
        self._thread.join()

    async def settle(self, order: Order) -> Receipt:
        """Have an order settled; raises what it was refused with, Overloaded or Unsettled."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Outcome] = loop.create_future()

        def answer(outcome: Outcome) -> None:
            if not future.done():
                future.set_result(outcome)

        self._hand_in(order, lambda outcome: loop.call_soon_threadsafe(partial(answer, outcome)))
        try:
            outcome = await asyncio.wait_for(future, DEADLINE)
        except TimeoutError:
            raise Unsettled("it took too long") from None
        return _or_raise(outcome)

    def settle_now(self, order: Order) -> Receipt:
        """The same for a thread: the timekeeper, the command line."""
        future: Future[Outcome] = Future()
        self._hand_in(order, future.set_result)
        return _or_raise(future.result(DEADLINE * 3))

    def settle_all(self, orders: list[Order]) -> list[Outcome]:
        """Many at once, in this order."""
        futures: list[Future[Outcome]] = [Future() for _ in orders]
        for order, future in zip(orders, futures, strict=True):
            self._hand_in(order, future.set_result)
        return [future.result(DEADLINE * 3) for future in futures]

    def _hand_in(self, order: Order, answer: Callable[[Outcome], object]) -> None:
        with self._changed:
            if self._stopped or len(self._waiting) >= WAITING:
                raise Overloaded
            self._waiting.append((order, answer))
            self._changed.notify()

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._stopped)
                if not self._waiting:
                    return
                batch = [self._waiting.popleft() for _ in range(min(BATCH, len(self._waiting)))]
            for (_, answer), outcome in zip(batch, self._settled([order for order, _ in batch]), strict=True):
                answer(outcome)

    def _settled(self, orders: list[Order]) -> list[Outcome]:
        """A bug in one order must not take the clerk with it: settle each alone, and answer it with its own error."""
        try:
            return self.ledger.settle(orders)
        except Exception as error:
            log.exception("a batch of %d could not be settled", len(orders))
            self.ledger.pages.clear()
            self.ledger.refresh_reference()
            if len(orders) == 1:
                return [error]
            return [outcome for order in orders for outcome in self._settled([order])]


def _or_raise(outcome: Outcome) -> Receipt:
    if isinstance(outcome, Exception):
        raise outcome
    return outcome
