"""Reports brought in as a file, and what became of the jobs that do it.

A file is read by a job, so that nobody waits for the last row.
"""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from domain.org import Role
from domain.refusals import NotFound, NotPermitted
from domain.rules.authority import AUTHORITY, IMPORT
from projections.following.pages import Page, paged
from service.http.answering import json_response
from service.http.bodies import KnowingRoute
from service.http.desk import AtDesk, Desk
from service.http.parameters import ONCE
from service.http.problems import UnknownMedia
from service.http.uploads import BINARY, IN_A_FORM, file_to_import
from service.http.writing_desk import AtWritingDesk
from service.importing import jobs
from service.importing.jobs import Job, State, job_fingerprint
from service.importing.reports import Errand
from service.importing.sheets import form_of
from service.routes.pages import IdCursor, Limit, PathId, page_of

router = APIRouter(prefix="/v1", tags=["imports"], route_class=KnowingRoute)

SENT: dict[str, Any] = {
    **ONCE,
    "requestBody": {"required": True, "content": {**IN_A_FORM, "application/octet-stream": BINARY}},
    "responses": {"202": {"headers": {"Location": {"$ref": "#/components/headers/Location"}}}},
}


@dataclass(frozen=True, kw_only=True)
class JobListed:
    """How far a job is: `read` is the last row that is done with, `rows` how many there are, once that is known."""

    id: str
    state: State
    dry_run: bool
    format: str
    started_by: str
    started_at: datetime
    ended_at: datetime | None
    rows: int | None
    read: int
    imported: int
    already_there: int
    refused: int
    position: int | None


@dataclass(frozen=True, kw_only=True)
class FieldFault:
    field: str
    message: str


@dataclass(frozen=True, kw_only=True)
class RowFault:
    """What is wrong with a row; row 0 stands for the file."""

    row: int
    errors: list[FieldFault]


@dataclass(frozen=True, kw_only=True)
class JobShown(JobListed):
    errors: list[RowFault]
    errors_left_out: int


@router.post("/imports", status_code=202, response_model=JobShown, openapi_extra=SENT)
async def import_file(
    desk: AtWritingDesk,
    dry_run: Annotated[bool, Query(description="change nothing, only say what would be imported")] = False,
) -> Response:
    """Report every row of a file: CSV, XLSX or JSON lines, at most 20 MiB, in a form or as the whole body.

    Sent again, it changes nothing. What kind of file it is, its content says.
    """
    if not any(post.role in AUTHORITY[IMPORT] for post in desk.by.posts):
        raise NotPermitted("this needs another post", "您的岗位无权进行此操作")
    content = await file_to_import(desk.request)
    office = desk.office
    key = await office.identity.key_id(desk.request.headers.get("authorization", ""), office.in_thread)

    def put_away() -> tuple[Job, bool]:
        form = form_of(content)
        if form is None:
            raise UnknownMedia("a file to import is CSV, XLSX or JSON lines", "导入文件须为 CSV、XLSX 或 JSONL")
        errand = Errand(content=content, form=form, by=desk.by, key=key, dry_run=dry_run)
        command = sha256(b"job\0" + desk.key.encode()).hexdigest()
        fingerprint = job_fingerprint(office.seals, content, dry_run)
        return jobs.begin(
            office.engine, office.seals, errand, office.clock.now(), command=command, fingerprint=fingerprint
        )

    job, replayed = await office.in_thread(put_away)
    office.importer.call()
    headers = {"Location": f"/v1/jobs/{job.id}"} | ({"Idempotency-Replayed": "true"} if replayed else {})
    return json_response(desk.in_zone(shown(job, desk.chinese)), 202, headers)


@router.get("/jobs", response_model=Page[JobListed])
async def listed(desk: AtDesk, limit: Limit = 50, cursor: IdCursor = None) -> Response:
    """The jobs one has begun oneself, the newest first; for the administrator, everybody's."""
    by = None if desk.holds(Role.ADMIN) else desk.by.id
    found = await desk.office.read(lambda db: jobs.listed(db, by, cursor, limit + 1))
    page = paged(found, limit, lambda job: JobListed(**job_fields(job)), lambda job: job.id)
    return page_of(page.items, page.next, {}, desk)


@router.get("/jobs/{job_id}", response_model=JobShown)
async def job(job_id: PathId, desk: AtDesk) -> Response:
    """How far a job is, and what is wrong with which row: at most 500 of them."""
    found = await desk.office.read(lambda db: jobs.found(db, job_id))
    if found is None or not sees(found, desk):
        raise NotFound("there is no such job", "没有这个任务")
    return json_response(desk.in_zone(shown(found, desk.chinese)), 200, {"Cache-Control": "no-store"})


def sees(job: Job, desk: Desk) -> bool:
    return job.started_by == desk.by.id or desk.holds(Role.ADMIN)


def shown(job: Job, chinese: bool) -> JobShown:
    errors = [
        RowFault(row=row, errors=[FieldFault(**one.in_words(chinese)) for one in faults])
        for row, faults in job.progress.faults
    ]
    kept = sum(row > 0 for row, _ in job.progress.faults)
    return JobShown(**job_fields(job), errors=errors, errors_left_out=job.progress.refused - kept)


def job_fields(job: Job) -> dict[str, Any]:
    progress = job.progress
    return {
        "id": job.id,
        "state": job.state,
        "dry_run": job.dry_run,
        "format": job.form,
        "started_by": job.started_by,
        "started_at": job.started_at,
        "ended_at": job.ended_at,
        **{name: getattr(progress, name) for name in jobs.COUNTS},
    }
