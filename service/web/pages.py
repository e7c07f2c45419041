"""Every page there is, and what they do when they may not be shown: ask for a sign-in, or say why not."""

from fastapi import FastAPI, Request, Response
from fastapi.responses import RedirectResponse

from service.web import cards, case, homes, listing, more, overview, queue, report, reports, sign_in, static, tracking
from service.web.asking import NotAnswered
from service.web.drawing import draw

ROUTERS = (
    static.router,
    sign_in.router,
    overview.router,
    queue.router,
    listing.router,
    homes.router,
    case.router,
    report.router,
    reports.router,
    cards.router,
    more.router,
    tracking.router,
)


def install(app: FastAPI) -> None:
    app.add_exception_handler(NotAnswered, not_shown)
    for router in ROUTERS:
        app.router.routes.extend(router.routes)


def not_shown(request: Request, error: Exception) -> Response:
    """The refusal of the route that was asked; whoever is not known is asked who he is."""
    assert isinstance(error, NotAnswered)
    if error.status == 401:
        return RedirectResponse(sign_in.address(request), 303)
    return draw(request, "problem.html", error.status, problem=error.problem)
