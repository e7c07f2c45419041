"""Everything else there is to open (更多): reports to print, how units are judged, the organisation and its rules."""

from __future__ import annotations

from asyncio import gather
from dataclasses import dataclass, field
from typing import Any

from fastapi import APIRouter, Request, Response

from domain.org import Role
from domain.rules.authority import ASSESSING, IMPORT, READ_ACCESS_LOG
from service.http.requests import now_at
from service.web.asking import NotAnswered, ask
from service.web.drawing import draw
from service.web.reader import Who, actor_of, anybody, at_work, having

router = APIRouter(include_in_schema=False)

Said = tuple[str, str]


@dataclass(frozen=True, kw_only=True)
class Door:
    """A page, what it is called and holds, whose it is, and what it asks: whoever is refused that is not shown it either."""

    address: str
    called: Said
    told: Said
    asks: str
    how: dict[str, Any] = field(default_factory=dict)
    who: Who = anybody


def rooms(year: int) -> list[tuple[Said, list[Door]]]:
    reports = [
        Door(
            address="/reports/weekly",
            called=("周报", "Weekly report"),
            told=("一个单位的一周，可打印", "a unit's week, to be printed"),
            asks="/v1/problem-bank",
        ),
        Door(
            address="/reports/monthly",
            called=("月报", "Monthly report"),
            told=("全区一个月，可打印", "the district's month, to be printed"),
            asks="/v1/flows",
        ),
    ]
    visits = [
        Door(
            address="/visits",
            called=("走访", "Visits"),
            told=("谁家该走访，走访日记", "whom one must visit, and the diary"),
            asks="/v1/visits/due",
            how={"limit": 1},
        ),
        Door(
            address="/duties",
            called=("应访对象", "Who must be visited"),
            told=("必去的村、必访的人，登记走访", "villages and people; a visit is written down there"),
            asks="/v1/duties/targets",
            how={"limit": 1},
        ),
        Door(
            address="/programmes",
            called=("项目与热点", "Programmes and hotspots"),
            told=("许多同类事项，一个解决办法", "one remedy for many cases"),
            asks="/v1/programmes",
            how={"limit": 1},
        ),
    ]
    judged = [
        Door(
            address="/scorecards",
            called=("考核卡", "Scorecards"),
            told=("三率、区间、得分与证据", "three rates, how sure, the score, the evidence"),
            asks="/v1/scorecards",
            how={"year": year},
        ),
        Door(
            address="/coverage",
            called=("五必去五必访", "Must go, must visit"),
            told=("按季按地，应访与已访", "who was owed a visit, and was paid one"),
            asks="/v1/me",  # to count all of the district takes longer than the page
            who=at_work,
        ),
        Door(
            address="/samples",
            called=("抽样回访", "Samples"),
            told=("系统抽取的群众，再问一次", "citizens drawn by the system, asked once more"),
            asks="/v1/me",
            who=lambda actor: any(post.role in ASSESSING["read-sample"] for post in actor.posts),
        ),
    ]
    watched = [
        Door(
            address="/access-log",
            called=("谁看过", "Who looked"),
            told=("身份信息的查阅、被拒的尝试", "readings of identities, attempts that were refused"),
            asks="/v1/me",  # to ask for the log itself would be put on record there
            who=having(READ_ACCESS_LOG),
        ),
        Door(
            address="/persons",
            called=("找人", "Find a person"),
            told=("凭电话或证件号查找", "by a number that somebody told"),
            asks="/v1/me",
            who=lambda actor: any(post.role is Role.PRIVACY_OFFICER for post in actor.posts),
        ),
    ]
    rules = [
        Door(
            address="/organisation",
            called=("组织架构", "The organisation"),
            told=("单位、负责人与任职历史", "units, heads, who held which post"),
            asks="/v1/org",
        ),
        Door(
            address="/policies",
            called=("规则", "Policies"),
            told=("期限、上限与权重，各版本", "limits and weights, version by version"),
            asks="/v1/me",
        ),
        Door(
            address="/calendars",
            called=("工作日历", "Working calendars"),
            told=("放假与调休", "days of rest, make-up workdays"),
            asks="/v1/me",
        ),
        Door(
            address="/jobs",
            called=("导入事项", "Import reports"),
            told=("整份表格导入，先试运行", "a whole file, a dry run first"),
            asks="/v1/jobs",
            how={"limit": 1},
            who=having(IMPORT),
        ),
        Door(
            address="/webhooks",
            called=("推送", "Webhooks"),
            told=("其他系统是否收到", "whether other systems are reached"),
            asks="/v1/webhooks",
            how={"limit": 1},
        ),
    ]
    return [
        (("走访与项目", "Visits and programmes"), visits),
        (("报表", "Reports"), reports),
        (("考核", "Assessment"), judged),
        (("监督", "Oversight"), watched),
        (("组织与规则", "Organisation and rules"), rules),
    ]


@router.get("/more")
async def more(request: Request) -> Response:
    """What this reader may open, by the answers of the routes behind each page."""
    await ask(request, "/v1/me")
    offered = [
        (heading, doors, gather(*(opens(request, door) for door in doors)))
        for heading, doors in rooms(now_at(request).year)
    ]
    shown = [
        (heading, [door for door, yes in zip(doors, await open_, strict=True) if yes])
        for heading, doors, open_ in offered
    ]
    return draw(request, "more.html", rooms=[(heading, doors) for heading, doors in shown if doors])


async def opens(request: Request, door: Door) -> bool:
    actor = actor_of(request)
    if actor is None or not door.who(actor):
        return False
    try:
        await ask(request, door.asks, **door.how)
    except NotAnswered:
        return False
    return True
