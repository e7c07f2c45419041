"""Everything else there is to open (更多): reports to print, cards, registers and rules."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from service.web.asking import ask
from service.web.drawing import draw

router = APIRouter(include_in_schema=False)

ROOMS = (
    (
        ("报表", "Reports"),
        (
            ("/reports/weekly", "周报", "Weekly report", "一个单位的一周，可打印", "a unit's week, to be printed"),
            ("/reports/monthly", "月报", "Monthly report", "全区一个月，可打印", "the district's month, to be printed"),
        ),
    ),
    (
        ("考核", "Assessment"),
        (
            (
                "/scorecards",
                "考核卡",
                "Scorecards",
                "三率、区间、得分与证据",
                "the three rates, how sure, the score, the evidence",
            ),
        ),
    ),
)


@router.get("/more")
async def more(request: Request) -> Response:
    await ask(request, "/v1/me")
    return draw(request, "more.html", rooms=ROOMS)
