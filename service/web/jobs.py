"""Imports (导入任务): a file is sent, tried dry first, and read by a job that one can watch; what is wrong is told by row."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from domain.rules.authority import IMPORT
from service.importing.columns import HEADINGS
from service.web.asking import ask
from service.web.drawing import draw
from service.web.language import speaking
from service.web.links import following
from service.web.reader import has

router = APIRouter(prefix="/jobs", include_in_schema=False)


@router.get("")
async def jobs(request: Request, cursor: str | None = None) -> Response:
    found = await ask(request, "/v1/jobs", limit=20, cursor=cursor)
    return draw(
        request, "jobs.html", items=found["items"], more=following(request, found["next"]), may=has(request, IMPORT)
    )


@router.get("/{job}")
async def job(job: str, request: Request) -> Response:
    return await drawn(request, "job.html", job)


@router.get("/{job}/progress")
async def progress(job: str, request: Request) -> Response:
    """The part of a job's page that changes by itself."""
    return await drawn(request, "job_progress.html", job)


async def drawn(request: Request, template: str, job: str) -> Response:
    say = speaking(request)

    def heading(field: str) -> str:
        """What a clerk calls a column."""
        return next((word for word in HEADINGS.get(field, ()) if say.chinese and not word.isascii()), field)

    return draw(request, template, one=await ask(request, f"/v1/jobs/{job}"), heading=heading)
