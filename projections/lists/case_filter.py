"""The filters of a list of cases."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from domain.case.numbers import number_meant
from domain.case.terms import Board, Grade, Kind, Status
from domain.org import Org, Tier
from projections.banks.problem_bank import counted_under
from projections.lists.banked import BankNumber
from projections.lists.words import folded


@dataclass(frozen=True, kw_only=True)
class CaseFilter:
    """Filters of a list; None does not filter. A time includes its beginning and not its end."""

    status: Status | None = None
    tier: Tier | None = None
    unit: str | None = None
    village: str | None = None
    kind: Kind | None = None
    category: str | None = None
    grade: Grade | None = None
    overdue: bool | None = None
    due_before: datetime | None = None
    reported_after: datetime | None = None
    reported_before: datetime | None = None
    household: str | None = None
    open: bool | None = None
    board: Board | None = None
    bank: Tier | None = None
    under: str | None = None
    came_after: datetime | None = None
    came_before: datetime | None = None
    ever: bool | None = None
    moved: str | None = None
    q: str | None = None

    @property
    def number(self) -> str | None:
        """The number of a case, if that is what is looked for."""
        return number_meant(folded(self.q or ""))

    @property
    def words(self) -> str:
        """The folded text that is looked for; none where `q` is a number."""
        return "" if self.number else folded(self.q or "")

    @property
    def in_one_place(self) -> bool:
        """Whether a filter leaves few cases, so that they are read and sorted at once."""
        return bool(self.number or self.village or self.household or (self.unit and not self.q))

    def due_by(self, now: datetime) -> datetime | None:
        """The last instant at which a case may be due."""
        return now if self.overdue else self.due_before

    def counted(self, org: Org) -> BankNumber | None:
        """The number of the banks or flows whose cases are asked for; None if none is."""
        if not (self.bank or self.under or self.came_after or self.came_before or self.ever or self.moved):
            return None
        source, _, target = (self.moved or "").partition(":")
        return BankNumber(
            bank=self.bank,
            mine=counted_under(org, self.under),
            start=self.came_after,
            end=self.came_before,
            ever=bool(self.ever),
            moved=(source, target) if self.moved else None,
        )
