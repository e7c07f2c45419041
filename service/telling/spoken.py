"""How the fields of an event are said: codes in words, days as people write them, people's own words quoted."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from domain.zone import DISTRICT
from service.telling.names import Naming, bare
from service.telling.words import word

IDS = frozenset(
    {
        "accountable",
        "by_unit",
        "case",
        "cases",
        "charged_to",
        "helper",
        "household",
        "id",
        "into",
        "lead",
        "member",
        "members",
        "next_helper",
        "official",
        "parent",
        "region",
        "reporter",
        "rules",
        "ruleset",
        "signed_by",
        "successor",
        "suggested_unit",
        "to",
        "unit",
        "units",
        "village",
        "visitor",
    }
)
"""Fields that name somebody or something."""

WHEN = frozenset(
    {
        "captured_at",
        "counts_until",
        "effective_from",
        "ends",
        "ends_at",
        "new",
        "occurred_at",
        "old",
        "on",
        "review_by",
        "since",
        "until",
    }
)
"""Fields that hold a day or an instant; what was corrected may be one too. All other text is somebody's own words."""


@dataclass(frozen=True)
class Spoken:
    """The fields of an event, or of something in it, each as one says it."""

    fields: Mapping[str, Any]
    chinese: bool
    named: Naming = bare

    def __getitem__(self, name: str) -> object:
        return self._said(name, self.fields.get(name))

    def __str__(self) -> str:
        """One thing among several: a task with its unit, a proof with its reference."""
        return " ".join(str(self[name]) for name in ("unit", "task", "kind", "title", "ref") if self.fields.get(name))

    def _said(self, name: str, value: Any) -> object:
        if isinstance(value, Mapping):
            return Spoken(value, self.chinese, self.named)
        if isinstance(value, list):
            return ("、" if self.chinese else ", ").join(str(self._said(name, one)) for one in value)
        if (known := word(name, value, self.chinese)) is not None:
            return known
        if isinstance(value, float):
            return f"{value:,.2f}".removesuffix("0").removesuffix(".0")
        if not isinstance(value, str):
            return value
        if name in IDS:
            return self.named(name, value)
        if name == "due_at":
            return until(datetime.fromisoformat(value), self.chinese)
        return (_moment(value, self.chinese) if name in WHEN else None) or f"“{value}”"


def clocks(data: Mapping[str, Any], chinese: bool, called: Naming) -> Iterator[str]:
    """Which clocks ran out, began and changed. Whose they are is said where it is not the unit just named."""
    unit = data.get("unit") or (data.get("stay") or {}).get("unit")

    def named(clock: Mapping[str, Any]) -> str:
        kind = word("clock", clock["kind"], chinese)
        if clock["unit"] in ("", unit):
            return str(kind)
        holder = word("holder", clock["unit"], chinese) or called("unit", clock["unit"])
        return f"{kind}（{holder}）" if chinese else f"{kind} ({holder})"

    def ends(clock: Mapping[str, Any]) -> str:
        return due(datetime.fromisoformat(clock["due_at"]), clock.get("provisional", False), chinese)

    for clock in data.get("stops", ()):
        if clock["state"] == "breached":
            yield named(clock) + ("已逾期" if chinese else " was overdue")
    for clock in data.get("starts", ()):
        yield named(clock) + ends(clock)
    for clock in data.get("moves", ()):
        if to := clock.get("to_unit"):
            if to != unit:
                yield named(clock) + (f"转{called('unit', to)}" if chinese else f" passes to {called('unit', to)}")
        elif clock.get("paused"):
            yield named(clock) + ("暂停计时" if chinese else " stands still")
        elif clock.get("restored"):
            yield named(clock) + ("恢复计时" if chinese else " runs on")
        elif clock.get("due_at"):
            yield named(clock) + ("改" if chinese else " now") + ends(clock)


def due(at: datetime, provisional: bool, chinese: bool) -> str:
    """By when."""
    if chinese:
        text = f"限{until(at, chinese)}前"
    else:
        text = f" due {'by' if _at_midnight(at) else 'before'} {until(at, chinese)}"
    return text + (("（暂定）" if chinese else " (provisional)") if provisional else "")


def until(at: datetime, chinese: bool) -> str:
    """The instant is exclusive, so that midnight is the end of the day before."""
    if not _at_midnight(at):
        return moment(at, chinese)
    day = _day(at.astimezone(DISTRICT).date() - timedelta(days=1), chinese)
    return f"{day}24时" if chinese else f"the end of {day}"


def _at_midnight(at: datetime) -> bool:
    return at.astimezone(DISTRICT).time() == time()


def _moment(text: str, chinese: bool) -> str | None:
    """The day or instant a text stands for; None for other text."""
    try:
        if len(text) == len("2025-03-31"):
            return _day(date.fromisoformat(text), chinese)
        return _instant(text, chinese) if "T" in text else None
    except ValueError:
        return None


def _instant(text: str, chinese: bool) -> str:
    return moment(datetime.fromisoformat(text), chinese)


def moment(at: datetime, chinese: bool) -> str:
    """An instant by the clock on the district's wall."""
    local = at.astimezone(DISTRICT)
    clock, day = local.time().isoformat("seconds" if local.second else "minutes"), _day(local.date(), chinese)
    return day + clock if chinese else f"{clock} on {day}"


def _day(day: date, chinese: bool) -> str:
    return f"{day.year}年{day.month}月{day.day}日" if chinese else f"{day.day} {day:%b} {day.year}"
