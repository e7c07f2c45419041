"""What is wrong with a row: which field, and what it should be. What was written there is never repeated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from service.incoming.schema import fault_of

CHINESE = {
    "missing": "必填",
    "enum": "不是允许的取值",
    "string_too_short": "不能为空或过短",
    "too_short": "不能为空或过少",
    "string_too_long": "内容过长",
    "too_long": "数量过多",
    "unexpected_keyword_argument": "有无法识别的字段",
    "predicate_failed": "编号只能包含 A-Z a-z 0-9 : . _ -",
}


@dataclass(frozen=True)
class Fault:
    field: str
    english: str
    chinese: str

    def in_words(self, chinese: bool) -> dict[str, str]:
        return {"field": self.field, "message": self.chinese if chinese else self.english}


def of_schema(error: Any) -> Fault:
    """A fault that the schema of a report found."""
    fault = fault_of({**error, "loc": ("body", *error["loc"])})
    field = "" if fault["field"] == "body" else fault["field"]
    return Fault(field, fault["message"], CHINESE.get(error["type"], "内容有误"))
