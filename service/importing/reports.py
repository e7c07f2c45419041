"""Reporting what stands in a file: each row once, however often the file is sent or the work interrupted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from hashlib import sha256
from itertools import islice
from typing import TYPE_CHECKING

import orjson
from eventsourcing.persistence import OperationalError
from pydantic import TypeAdapter, ValidationError

from domain.case import Case, Report
from domain.case.gate import may
from domain.decider import Act, Actor
from domain.refusals import Refused
from domain.rules.authority import IMPORT
from domain.streams import case_stream
from service.importing import sheets
from service.importing.columns import Place
from service.importing.faults import Fault, of_schema
from service.importing.sheets import Row
from service.record.clerk import Overloaded
from service.record.ids import new_id
from service.record.orders import KeyReused, Order, Outcome, Receipt, Unsettled
from service.record.recorder import Known

if TYPE_CHECKING:
    from service.office import Office

TOGETHER = 64
SHOWN = 500
"""Rows at most whose faults are kept; of more, only how many."""
AGAIN = (Overloaded, Unsettled, OperationalError)
NOT_YOURS = Fault("village", "a clerk imports for the villages of his own town", "只能导入本镇办所辖村（社区）的事项")
OTHERWISE = Fault("external_id", "it was imported before with another content", "该编号此前已导入，且内容不同")

_REPORT = TypeAdapter(Report)

Pause = Callable[[], None]
"""Called before a retry: it waits a moment, or raises to end the work."""


class AlreadyThere(Refused):
    """This row was imported before."""


@dataclass
class Progress:
    """How far a job is. `read` is the last row that was finished."""

    rows: int | None = None
    read: int = 0
    imported: int = 0
    """Rows that became cases; in a dry run, that would."""
    already_there: int = 0
    refused: int = 0
    faults: list[tuple[int, tuple[Fault, ...]]] = field(default_factory=list)
    position: int | None = None

    def refuse(self, row: int, *faults: Fault) -> None:
        self.refused += 1
        if len(self.faults) < SHOWN:
            self.faults.append((row, faults))


@dataclass(frozen=True, kw_only=True)
class Errand:
    """A file to be reported. `since` is the position of the log when that began: earlier reports are not its own."""

    content: bytes
    form: str
    by: Actor
    key: str | None = None
    """The key it was sent with."""
    dry_run: bool
    since: int = 0

    @cached_property
    def digest(self) -> str:
        return sha256(self.content).hexdigest()


def report_all(office: Office, errand: Errand, progress: Progress, on_step: Callable[[], object], pause: Pause) -> None:
    """Report every row after those that are finished. `on_step` is called at each step. Raises NoTable.

    The file is read twice: first to make sure that all of it can be read, so that never half a file is imported
    unnoticed.
    """
    place = Place(office.org, office.zone, tuple(post.unit for post in errand.by.posts))
    taken: dict[str, str] = {}
    if progress.rows is None:
        progress.rows = sum(1 for _ in sheets.rows(errand.content, errand.form, place))
        on_step()
    rows = sheets.rows(errand.content, errand.form, place)
    while some := list(islice(rows, TOGETHER)):
        step = _Step(office, errand, progress, pause, taken)
        if some[-1].number <= progress.read:
            step.recall(some)
            continue
        step.take(some)
        progress.read = some[-1].number
        on_step()


@dataclass(frozen=True)
class _Step:
    """Rows that are reported together."""

    office: Office
    errand: Errand
    progress: Progress
    pause: Pause
    taken: dict[str, str]
    """Keys of rows that a dry run accepted, each with its fingerprint: the same row may come again further down."""

    def take(self, rows: Sequence[Row]) -> None:
        act = self.office.act(self.errand.by)
        orders: dict[int, Order] = {}
        for row, key in zip(rows, self._places(rows), strict=True):
            match self._order(row, key, act):
                case Order() as order:
                    orders[row.number] = order
                case faults:
                    self.progress.refuse(row.number, *faults)
        outcomes = self._tried(orders, act) if self.errand.dry_run else self._settled(list(orders.values()))
        for (number, order), outcome in zip(orders.items(), outcomes, strict=True):
            self._count(number, order, outcome)

    def recall(self, rows: Sequence[Row]) -> None:
        """Count rows that were reported before an interruption."""
        act = self.office.act(self.errand.by)
        read = (self._order(row, key, act) for row, key in zip(rows, self._places(rows), strict=True))
        orders = [order for order in read if isinstance(order, Order)]
        known = self._known(orders)
        self.taken.update(
            (order.key, order.fingerprint.sealed) for order in orders if self.errand.dry_run or order.key in known
        )

    def _order(self, row: Row, place: str, act: Act) -> Order | tuple[Fault, ...]:
        if row.faults:
            return row.faults
        document = orjson.dumps(row.fields, option=orjson.OPT_SORT_KEYS)
        try:
            report = _REPORT.validate_json(document, strict=True)
        except ValidationError as error:
            return tuple(map(of_schema, error.errors(include_input=False, include_url=False)))
        if not may(Case(id="", village=report.village), act, IMPORT):
            return (NOT_YOURS,)
        return Order(
            stream=case_stream(new_id(self.office.clock.now())),
            command=report,
            by=self.errand.by,
            key=self._key(report) if report.external_id else place,
            fingerprint=self.office.seals.fingerprint(document),
            fresh=True,
        )

    def _key(self, report: Report) -> str:
        """The key of a row by the number that its own system gave it."""
        return sha256(f"import\0{self.errand.by.id}\0{report.external_id}".encode()).hexdigest()

    def _places(self, rows: Sequence[Row]) -> list[str]:
        """The keys of rows without such a number, by their place in the file; the oldest lie in the log under a bare
        hash.
        """
        places = [self.office.seals.fingerprint(f"import\0{self.errand.digest}\0{row.number}".encode()) for row in rows]
        known = self.office.recorder.select_commands([place.bare for place in places])
        return [place.bare if place.bare in known else place.sealed for place in places]

    def _settled(self, orders: list[Order]) -> list[Outcome]:
        outcomes = self.office.clerk.settle_all(orders)
        while again := [index for index, outcome in enumerate(outcomes) if isinstance(outcome, AGAIN)]:
            self.pause()
            tried = self.office.clerk.settle_all([orders[index] for index in again])
            for index, outcome in zip(again, tried, strict=True):
                outcomes[index] = outcome
        return outcomes

    def _tried(self, orders: dict[int, Order], act: Act) -> list[Refused | None]:
        """The refusal of each row, without writing anything down. Rows that are known already are answered from the
        log.
        """
        known = {key: one.fingerprint for key, one in self._known(orders.values()).items()}
        reports = [order.command for order in orders.values() if isinstance(order.command, Report)]
        homes = {home for report in reports for home in report.also(Case(id=""))}
        act = replace(act, others=self.office.ledger.states(homes))
        return [self._refusal(order, known, act) for order in orders.values()]

    def _refusal(self, order: Order, known: dict[str, str], act: Act) -> Refused | None:
        before = known.get(order.key) or self.taken.get(order.key)
        if before is not None:
            return AlreadyThere() if before in order.fingerprint else KeyReused(OTHERWISE.english, OTHERWISE.chinese)
        try:
            for _ in order.command.decide(Case(id=order.stream.partition(":")[2]), act):
                pass
        except Refused as refused:
            return refused
        self.taken[order.key] = order.fingerprint.sealed
        return None

    def _known(self, orders: Iterable[Order]) -> dict[str, Known]:
        return self.office.recorder.select_commands([order.key for order in orders])

    def _count(self, number: int, order: Order, outcome: Outcome | None) -> None:
        progress = self.progress
        match outcome:
            case None:
                progress.imported += 1
            case Receipt():
                before = outcome.replayed and (outcome.position <= self.errand.since or order.key in self.taken)
                self.taken[order.key] = order.fingerprint.sealed
                progress.already_there += before
                progress.imported += not before
                progress.position = max(outcome.position, progress.position or 0)
            case AlreadyThere():
                progress.already_there += 1
            case KeyReused():
                progress.refuse(number, OTHERWISE)
            case Refused():
                progress.refuse(number, Fault("", outcome.english, outcome.chinese))
            case _:
                raise outcome
