"""The page that lists every request: Swagger UI at /docs, from files of our own."""

from pathlib import Path

import swagger_ui_bundle
from fastapi import FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse
from starlette.staticfiles import StaticFiles

SWAGGER = Path(swagger_ui_bundle.__file__).parent / "vendor"


def install(app: FastAPI) -> None:
    [folder] = SWAGGER.glob("swagger-ui-*")
    app.mount("/docs/assets", StaticFiles(directory=folder), name="swagger")
    app.add_api_route("/docs", page, include_in_schema=False)


async def page() -> HTMLResponse:
    return get_swagger_ui_html(
        openapi_url="/openapi.json",
        title="Sanji",
        swagger_js_url="/docs/assets/swagger-ui-bundle.js",
        swagger_css_url="/docs/assets/swagger-ui.css",
        swagger_favicon_url="/docs/assets/favicon-32x32.png",
    )
