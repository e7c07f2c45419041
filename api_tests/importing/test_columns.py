"""What clerks write above and into the columns of a table."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from domain.org import Org
from service.importing.columns import Columns, Headings, Place

HERE = ZoneInfo("Asia/Shanghai")
DAYS = Columns(("occurred_at",), Place(Org(), HERE))


@pytest.mark.parametrize("heading", ["村（社区）", "村(社区)", "＊所属村：", "所属村（必填）", "ｖｉｌｌａｇｅ"])
def test_a_heading_is_known_whether_its_signs_are_wide_or_narrow(heading: str) -> None:
    assert Headings.read([heading]).fields == ("village",)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("2026年3月3日", "00:00:00"),
        ("2026年3月3号", "00:00:00"),
        ("2026年3月3日9时", "09:00:00"),
        ("2026年3月3日9点10分", "09:10:00"),
        ("2026年3月3日9时10分05秒", "09:10:05"),
        ("2026年3月3日 上午9:10", "09:10:00"),
        ("2026/3/3 下午 3:10", "15:10:00"),
        ("2026-3-3 下午12:10", "12:10:00"),
        ("２０２６－３－３　９：１０", "09:10:00"),
        ("2026.3.3 9:10:05.5", "09:10:05"),
    ],
)
def test_a_time_is_understood_as_clerks_write_it(said: str, meant: str) -> None:
    at = datetime.fromisoformat(f"2026-03-03T{meant}").replace(tzinfo=HERE)
    assert DAYS.report([said]) == ({"occurred_at": at}, [])


@pytest.mark.parametrize(
    "said", ["2026-3-3 9:", "2026-3-3 9:1005", "2026年3月3日上午12:10", "2026年3月3日25时", "3月3日"]
)
def test_what_could_mean_two_times_or_none_is_refused(said: str) -> None:
    told, faults = DAYS.report([said])
    assert (told, [fault.field for fault in faults]) == ({}, ["occurred_at"])
