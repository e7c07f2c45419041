"""Every page there is, and what they do when they may not be shown: ask for a sign-in, or say why not."""

from collections.abc import Callable

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from starlette.exceptions import HTTPException

from service.http import problems
from service.sign_in.refusals import Unauthenticated
from service.web import (
    calendars,
    cards,
    case,
    choosing,
    coverage,
    duties,
    homes,
    jobs,
    listing,
    looks,
    more,
    organisation,
    overview,
    persons,
    policies,
    programmes,
    queue,
    redirect,
    report,
    reports,
    samples,
    sign_in,
    static,
    tracking,
    visits,
    webhooks,
)
from service.web.asking import NotAnswered
from service.web.drawing import draw
from service.web.language import language_of
from service.web.session import PROGRAMS

ROUTERS = (
    static.router,
    sign_in.router,
    redirect.router,
    overview.router,
    queue.router,
    listing.router,
    homes.router,
    visits.router,
    programmes.router,
    case.router,
    choosing.router,
    report.router,
    reports.router,
    cards.router,
    samples.router,
    coverage.router,
    duties.router,
    looks.router,
    persons.router,
    organisation.router,
    policies.router,
    calendars.router,
    jobs.router,
    webhooks.router,
    more.router,
    tracking.router,
)


def install(app: FastAPI) -> None:
    app.add_exception_handler(NotAnswered, not_shown)
    app.add_exception_handler(RequestValidationError, shown(problems.invalid))
    app.add_exception_handler(HTTPException, shown(problems.plain))
    for kind in (problems.RateLimited, problems.TooLarge):
        app.add_exception_handler(kind, shown(problems.refused))
    app.add_exception_handler(Unauthenticated, asked_who)
    for router in ROUTERS:
        app.router.routes.extend(router.routes)


def not_shown(request: Request, error: Exception) -> Response:
    """Show the refusal of the route that was asked; send strangers to sign in."""
    assert isinstance(error, NotAnswered)
    if error.status == 401:
        return RedirectResponse(sign_in.address(request), 303)
    return draw(request, "problem.html", error.status, problem=error.problem)


def asked_who(request: Request, error: Exception) -> Response:
    """Send strangers to sign in, if they read pages."""
    return RedirectResponse(sign_in.address(request), 303) if reads_pages(request) else problems.refused(request, error)


def reads_pages(request: Request) -> bool:
    return not request.url.path.startswith(PROGRAMS) and "text/html" in request.headers.get("accept", "")


def shown(handler: Callable[[Request, Exception], Response]) -> Callable[[Request, Exception], Response]:
    """A problem as a page if a browser asked for one, otherwise as it is."""

    def answer(request: Request, error: Exception) -> Response:
        if not reads_pages(request):
            return handler(request, error)
        language = (b"accept-language", language_of(request).encode())
        response = handler(Request({**request.scope, "headers": [language, *request.scope["headers"]]}), error)
        return draw(request, "problem.html", response.status_code, problem=orjson.loads(response.body))

    return answer
