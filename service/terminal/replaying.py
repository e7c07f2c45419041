"""`sanji replay`: a case's life in the terminal, event by event, and how it stood after the last one shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from unicodedata import category

import orjson
from rich.console import Console, Group
from rich.panel import Panel
from rich.table import Table
from rich.text import Text
from sqlalchemy import Engine, select

from domain.case import Case
from domain.case.numbers import number_meant, number_of
from domain.decider import Act, Actor
from domain.org import Post, Role
from domain.streams import CASE, case_stream
from service.record.clock import SystemClock
from service.record.ledger import Ledger
from service.record.recorder import Recorder
from service.secrecy.seals import Seals
from service.settings import Settings
from service.sign_in.keys import ALWAYS
from service.storage.database import open_to_read
from service.storage.tables import events
from service.telling.case_view import case_fields
from service.telling.event_view import EventView
from service.telling.explaining import Explanation, explanation
from service.telling.history import history_of
from service.telling.words import word

AUDITOR = Actor(id="replay", posts=(Post(unit="", role=Role.AUDITOR, since=ALWAYS),))
"""Who has the database before him sees what an auditor sees: no sealed identity."""

COLOURS = {"breached": "red", "running": "green", "met": "green", "paused": "yellow"}


class Nothing(Exception):
    """There is no such case, or it had no such version, or that instant has not come."""


def replayed(settings: Settings, case: str, version: int | None, at: datetime | None, chinese: bool) -> Replay:
    """The case of an id or a number, up to a version or an instant, from the log alone; nothing is written anywhere.

    Raises Nothing, and FileNotFoundError where there is no database.
    """
    engine = open_to_read(settings.database)
    try:
        ledger = Ledger(Recorder(engine), SystemClock(), Seals(bytes(32), engine))  # which seals nothing here
        ledger.refresh_reference()
        return _replayed(settings, ledger, id_of(engine, case), version, at, chinese)
    finally:
        engine.dispose()


def _replayed(
    settings: Settings, ledger: Ledger, case_id: str, version: int | None, at: datetime | None, chinese: bool
) -> Replay:
    case: Case = ledger.as_of(case_stream(case_id), version=version, at=at)
    if case.version == 0 or (version is not None and case.version != version):
        raise Nothing(case_id)
    if at is not None and at > now(settings, ledger):
        raise Nothing(at)
    moment = at or (case.updated_at if version is not None else None) or now(settings, ledger)
    act = ledger.act(AUDITOR, moment)
    history, _ = history_of(ledger.recorder, case, act, chinese, 0, case.version)
    return Replay(case, act, history, explanation(ledger, case, act, chinese), chinese)


def now(settings: Settings, ledger: Ledger) -> datetime:
    """By the clock of the service; one that is set by hand stands where the log ends."""
    stands = None if settings.clock == "system" else ledger.recorder.last_instant()
    return stands or ledger.clock.now()


def id_of(engine: Engine, case: str) -> str:
    """The id of a case by its number, which is made of it; of anything else, itself."""
    number = number_meant(case)
    if number is None:
        return case
    wanted = number[5:].replace("-", "")
    with engine.connect() as db:
        reported = select(events.c.stream).where(events.c.version == 1, events.c.topic == "case.reported")
        for stream in db.scalars(reported):
            id = str(stream).removeprefix(CASE)
            if number_of(id) == wanted:
                return id
    raise Nothing(case)


@dataclass(frozen=True)
class Replay:
    case: Case
    act: Act
    history: list[EventView]
    why: Explanation
    chinese: bool

    def as_json(self) -> str:
        """The case, its history and why it is as it is."""
        document = {"case": case_fields(self.case, self.act), "history": self.history, "explanation": self.why}
        return orjson.dumps(document, option=orjson.OPT_INDENT_2).decode()

    def show(self, console: Console) -> None:
        console.print(Group(self._events(), self._standing(), self._clocks()))

    def _events(self) -> Table:
        table = Table(box=None, pad_edge=False, header_style="dim")
        table.add_column("", justify="right")
        table.add_column("时间" if self.chinese else "at", no_wrap=True)
        table.add_column("经办" if self.chinese else "by", overflow="fold")
        table.add_column("", overflow="fold")
        for one in self.history:
            late = one["at"] != one["recorded_at"]
            by = one["by_name"] or one["by"]
            at = f"{one['at']:%Y-%m-%d %H:%M}{'*' if late else ''}"
            table.add_row(str(one["version"]), at, harmless(by, "cyan"), harmless(one["sentence"]))
        return table

    def _standing(self) -> Panel:
        case = self.case
        status = word("status", case.status, self.chinese)
        where = self.why.unit_name or self.why.unit or "-"
        title = f"{case.number}  {case.report.title if case.report else ''}"
        body = f"{status} · {where} · v{case.version} · {self.why.at:%Y-%m-%d %H:%M}\n{self.why.why_here}"
        return Panel(
            harmless(body), title=harmless(title), title_align="left", border_style="red" if self.why.red else "green"
        )

    def _clocks(self) -> Table:
        table = Table(box=None, pad_edge=False, show_header=False)
        table.add_column("")
        table.add_column("", overflow="fold")
        for clock in self.why.clocks:
            table.add_row(harmless("●", COLOURS.get(clock.state, "dim")), harmless(clock.sentence))
        return table


def harmless(text: str, style: str = "") -> Text:
    """What somebody wrote, without what drives a terminal: it could hide a line of the very story it is told in."""
    return Text("".join(one if one == "\n" or category(one)[0] != "C" else "\ufffd" for one in text), style)
