"""Puts the service together: its routes, what every request passes, and the office behind them."""

from __future__ import annotations

import gc
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI
from fastapi.telemetry import TelemetryConfig

from service.http import problems
from service.http.contract import Contract
from service.http.every_request import EveryRequest
from service.http.express import Express
from service.http.own_names import OwnNames
from service.http.pace import Pace
from service.http.streams import Hub, end_at_shutdown
from service.office import Office
from service.open311 import asking as open311_asking
from service.open311 import routes as open311
from service.routes import (
    access,
    attachments,
    benefits,
    cases,
    docs,
    duties,
    exports,
    feed,
    households,
    imports,
    log,
    officials,
    operation,
    organisation,
    persons,
    programmes,
    queues,
    replay,
    rules,
    samples,
    scorecards,
    streams,
    tracking,
    views,
    webhooks,
    what_if,
)
from service.settings import LOOPBACK
from service.web import pages
from service.web.session import Ready, Sessions

VERSION = "0.1.0"
OWN_MEASURES = TelemetryConfig(tracing=False, metrics=False)
SUMMARY = "三级: a citizen's problem from village to town to district, every step on record."
DESCRIPTION = """Every `POST` that writes carries an `Idempotency-Key` of your own: after a timeout or a 503 send the same \
again under the same key, and it happens once. With `If-Match` a command builds on a version (`ETag`), or is refused. \
A write answers its `Sanji-Position`; a list asked with `Sanji-Min-Position` waits until it shows that. Instants carry an \
offset, durations are seconds and end in `_s`. What one may not see looks like what is not there (404). Refusals are \
problems (RFC 9457); go by their `code`. Examples are invented."""
LICENCE = {"name": "Apache-2.0", "identifier": "Apache-2.0"}
ROUTERS = (
    cases.commands,
    cases.router,
    cases.duplicates,
    streams.router,
    replay.router,
    queues.router,
    views.router,
    scorecards.commands,
    scorecards.router,
    officials.router,
    samples.commands,
    samples.router,
    attachments.router,
    feed.router,
    webhooks.commands,
    webhooks.router,
    exports.router,
    imports.router,
    households.commands,
    households.router,
    benefits.router,
    programmes.commands,
    programmes.router,
    duties.commands,
    duties.router,
    access.router,
    persons.router,
    log.router,
    tracking.router,
    tracking.by_code,
    organisation.router,
    rules.router,
    organisation.large,
    what_if.router,
    operation.router,
    open311.router,
)
EXAMPLES = Path(cases.__file__).parent
"""Examples of requests and answers lie beside the routes."""


def create_app(office: Office, *, background: bool = True, ready: tuple[Ready, ...] = ()) -> FastAPI:
    """The service, ready to be run. `ready`: keys that the demonstration offers to whoever opens it."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        office.open(background=background)
        end_at_shutdown(app.state.hub)
        gc.freeze()
        logging.getLogger("sanji").info("serving on %s:%s", office.settings.host, office.settings.port)
        try:
            yield
        finally:
            app.state.hub.close()
            office.close()

    app = without_office()
    app.router.lifespan_context = lifespan
    return with_office(app, office, ready)


def with_office(app: FastAPI, office: Office, ready: tuple[Ready, ...] = ()) -> FastAPI:
    """Put an office behind the service, and in front of it what every request passes, the outermost last."""
    app.state.office = office
    app.state.hub = Hub(office)
    app.state.ready = ready
    app.add_middleware(Express, routes=[*cases.commands.routes, *households.commands.routes, *duties.commands.routes])
    app.add_middleware(Pace, office=office)
    app.add_middleware(Sessions, office=office)
    if office.settings.host in LOOPBACK and (office.settings.auth == "dev" or ready):
        app.add_middleware(OwnNames)
    app.add_middleware(EveryRequest, office=office)
    return app


def without_office() -> FastAPI:
    """The routes alone, as the OpenAPI document describes them."""
    app = Contract(
        examples=EXAMPLES,
        title="Sanji",
        version=VERSION,
        summary=SUMMARY,
        description=DESCRIPTION,
        license_info=LICENCE,
        redirect_slashes=False,
        docs_url=None,
        redoc_url=None,
        telemetry=OWN_MEASURES,
    )
    problems.install(app)
    pages.install(app)
    open311_asking.install(app)
    # not by include_router: that would make every route once more when the first request comes
    for router in ROUTERS:
        app.router.routes.extend(router.routes)
    docs.install(app)
    return app
