"""What the headings and cells of a table of reports mean: Chinese words, local times, names of villages."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from unicodedata import normalize
from zoneinfo import ZoneInfo

from domain.case.terms import Channel, Confidentiality, Grade, Kind, Source
from domain.org import Org, Tier
from service.importing.faults import Fault
from service.telling.words import WORDS

HEADINGS: dict[str, tuple[str, ...]] = {
    "title": ("标题", "事项", "事项标题", "问题", "诉求标题", "主题"),
    "description": ("内容", "描述", "事项内容", "诉求内容", "问题描述", "详细情况"),
    "kind": ("类型", "事项类型", "诉求类型"),
    "category": ("类别", "分类", "事项类别"),
    "village": ("村", "社区", "村社区", "村(社区)", "所属村", "所在村", "村居"),
    "channel": ("渠道", "受理渠道", "反映渠道"),
    "source": ("来源", "事项来源"),
    "grade": ("等级", "级别", "事项等级"),
    "occurred_at": ("发生时间", "反映时间", "登记时间", "时间", "日期"),
    "petitioner.name": ("name", "姓名", "当事人", "反映人", "联系人", "群众姓名"),
    "petitioner.phone": ("phone", "电话", "联系电话", "手机", "手机号", "联系方式"),
    "petitioner.id_number": ("id_number", "身份证", "身份证号", "身份证号码"),
    "petitioner.address": ("address", "地址", "住址", "家庭住址"),
    "confidentiality": ("保密", "保密方式", "公开方式"),
    "subjects": ("被反映人", "涉及人员"),
    "household": ("户", "户号", "户编号"),
    "proxy": ("代办", "代为反映"),
    "location.lon": ("lon", "经度"),
    "location.lat": ("lat", "纬度"),
    "external_id": ("外部编号", "工单号", "工单编号", "编号"),
}
MEANT = {heading: field for field, words in HEADINGS.items() for heading in (field, field.replace(".", "_"), *words)}
AROUND = re.compile(r"[\s*:]+|\((?:必填|选填)\)")
"""Characters around a heading that do not count; full-width ones are read as half-width."""

CODES = {"kind": Kind, "channel": Channel, "source": Source, "grade": Grade, "confidentiality": Confidentiality}
CODE_OF = {
    field: {**{words[0]: code for code, words in WORDS[field].items() if code in set(codes)}, **{c: c for c in codes}}
    for field, codes in CODES.items()
}
"""For each field of codes, the code by what a clerk writes: its Chinese word, or the code itself."""
YES_OR_NO = {"是": True, "true": True, "1": True, "yes": True, "否": False, "false": False, "0": False, "no": False}

WHEN = re.compile(
    r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})[日号]?"
    r"(?:[ T]*(上午|下午)? *(\d{1,2})(?:[时点]|:(?=\d))(?:(\d{1,2})分?(?:(?::|(?<=分))(\d{1,2})(?:\.\d+)?秒?)?)?)?"
)
BETWEEN = re.compile(r"[\s,;，；、]+")
EXACT = 10**15
"""From this number on a spreadsheet loses digits: what it shows is not what was typed."""


@dataclass(frozen=True)
class Place:
    """The villages and the clock that a table is read by; `near` are the units of the sender."""

    org: Org
    zone: ZoneInfo
    near: tuple[str, ...] = ()

    @cached_property
    def _named(self) -> dict[str, list[str]]:
        named: dict[str, list[str]] = {}
        for id, unit in self.org.units.items():
            if unit.tier is Tier.VILLAGE and not unit.closed:
                named.setdefault(unit.name, []).append(id)
        return named

    def village(self, name: str) -> str:
        """The id of the village of that name, of the sender's own town first; or the id itself. Raises ValueError where
        several have the name.
        """
        if self.org.unit(name) is not None or name not in self._named:
            return name
        own = [id for id in self._named[name] if any(self.org.lies_in(id, unit) for unit in self.near)]
        [village] = own or self._named[name]
        return village


@dataclass(frozen=True)
class Headings:
    """The field of each column; None for a column without a heading."""

    fields: tuple[str | None, ...]
    unknown: tuple[int, ...]
    twice: tuple[int, int] | None

    @classmethod
    def read(cls, cells: Sequence[Any]) -> Headings:
        headings = [AROUND.sub("", normalize("NFKC", str(cell or ""))).lower() for cell in cells]
        fields = tuple(MEANT.get(one) for one in headings)
        known: dict[str, int] = {}
        twice = None
        for number, field in enumerate(fields, 1):
            if field is not None and field in known:
                twice = twice or (known[field], number)
            known[field or ""] = number
        unknown = tuple(number for number, one in enumerate(headings, 1) if one and one not in MEANT)
        return cls(fields, unknown, twice)


@dataclass(frozen=True)
class Columns:
    fields: tuple[str | None, ...]
    place: Place

    def report(self, cells: Sequence[Any]) -> tuple[dict[str, Any], list[Fault]]:
        """The report of a row as it would be sent to the service, and the faults of the row."""
        fields: dict[str, Any] = {}
        faults: list[Fault] = []
        for number, cell in enumerate(cells):
            if cell is None or (isinstance(cell, str) and not cell.strip()):
                continue
            field = self.fields[number] if number < len(self.fields) else None
            if field is None:
                faults.append(Fault("", f"column {number + 1} has no heading", f"第 {number + 1} 列没有表头"))
                continue
            try:
                value = self._meant(field, cell)
            except (ValueError, OverflowError):
                faults.append(Fault(field, *NOT_UNDERSTOOD.get(field, NO_NUMBER)))
                continue
            whole, _, part = field.partition(".")
            if part:
                fields.setdefault(whole, {})[part] = value
            else:
                fields[whole] = value
        return fields, faults

    def _meant(self, field: str, cell: Any) -> Any:
        """Raises ValueError for what nobody would write there."""
        text = as_written(cell)
        if field in CODE_OF:
            return CODE_OF[field].get(text, text)
        read = READ.get(field)
        if read is not None:
            return read(text)
        match field:
            case "occurred_at":
                return self._instant(text)
            case "village":
                return self.place.village(text)
            case _:
                return text

    def _instant(self, text: str) -> datetime:
        """An instant; without an offset, by the district's clock."""
        text = normalize("NFKC", text)
        try:
            at = datetime.fromisoformat(text)
        except ValueError:
            found = WHEN.fullmatch(text)
            if found is None:
                raise
            year, month, day, hour, minute, second = (int(found[part] or 0) for part in (1, 2, 3, 5, 6, 7))
            at = datetime(year, month, day, _of_day(hour, found[4]), minute, second)
        return at if at.tzinfo else at.replace(tzinfo=self.place.zone)


READ: dict[str, Callable[[str], Any]] = {
    "proxy": lambda text: YES_OR_NO.get(text.lower(), text),
    "subjects": lambda text: [one for one in BETWEEN.split(text) if one],
    "location.lon": float,
    "location.lat": float,
}
NO_NUMBER = (
    "the spreadsheet has lost digits of this number: format the column as text",
    "数字位数过多，表格已丢失精度，请将该列设为文本格式",
)
NOT_UNDERSTOOD = {
    "occurred_at": ("should be a day and a time, such as 2025-03-03 09:10", "应为日期时间，如 2025-03-03 09:10"),
    "village": ("several villages have this name: write the id", "有多个同名村（社区），请填写编号"),
    "location.lon": ("should be a number", "应为数字"),
    "location.lat": ("should be a number", "应为数字"),
}


def _of_day(hour: int, half: str | None) -> int:
    """The hour of a time with 上午 or 下午. Raises ValueError for 上午12时: a spreadsheet means midnight by it, a clerk noon."""
    if half == "上午" and hour >= 12:
        raise ValueError
    return hour + 12 if half == "下午" and hour < 12 else hour


def as_written(cell: Any) -> str:
    """The text of a cell. Raises ValueError for a number that lost digits."""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    if isinstance(cell, int | float) and not isinstance(cell, bool) and abs(cell) >= EXACT:
        raise ValueError
    return str(cell).strip()
