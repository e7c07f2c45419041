"""Everything else there is to open (更多): reports to print, how units are judged, the organisation and its rules."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from service.web.asking import ask
from service.web.drawing import draw

router = APIRouter(include_in_schema=False)

REPORTS = (
    ("/reports/weekly", ("周报", "Weekly report"), ("一个单位的一周，可打印", "a unit's week, to be printed")),
    ("/reports/monthly", ("月报", "Monthly report"), ("全区一个月，可打印", "the district's month, to be printed")),
)
JUDGED = (
    (
        "/scorecards",
        ("考核卡", "Scorecards"),
        ("三率、区间、得分与证据", "three rates, how sure, the score, the evidence"),
    ),
    (
        "/coverage",
        ("五必去五必访", "Must go, must visit"),
        ("按季按地，应访与已访", "who was owed a visit, and was paid one"),
    ),
)
RULES = (
    (
        "/organisation",
        ("组织架构", "The organisation"),
        ("单位、负责人与任职历史", "units, heads, who held which post"),
    ),
    ("/policies", ("规则", "Policies"), ("期限、上限与权重，各版本", "limits and weights, version by version")),
    ("/calendars", ("工作日历", "Working calendars"), ("放假与调休", "days of rest, make-up workdays")),
    ("/jobs", ("导入事项", "Import reports"), ("整份表格导入，先试运行", "a whole file, a dry run first")),
)
ROOMS = (
    (("报表", "Reports"), REPORTS),
    (("考核", "Assessment"), JUDGED),
    (("组织与规则", "Organisation and rules"), RULES),
)


@router.get("/more")
async def more(request: Request) -> Response:
    await ask(request, "/v1/me")
    return draw(request, "more.html", rooms=ROOMS)
