"""The API's documentation, with every asset from here: nobody else's host learns who reads it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import fastapi_offline
from fastapi import FastAPI
from fastapi.openapi.docs import get_redoc_html, get_swagger_ui_html
from starlette.responses import HTMLResponse
from starlette.staticfiles import StaticFiles

ASSETS = "/docs/assets"
_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:;"
    " worker-src blob:; frame-ancestors 'none'"
)


def install(app: FastAPI, description: str) -> None:
    """Serve `/docs` and `/redoc` of what `description`, the address of the OpenAPI document, says."""
    folder = Path(fastapi_offline.__file__).parent / "static"
    icon = f"{ASSETS}/favicon.png"
    swagger = get_swagger_ui_html(
        openapi_url=description,
        title=app.title,
        swagger_js_url=f"{ASSETS}/swagger-ui-bundle.js",
        swagger_css_url=f"{ASSETS}/swagger-ui.css",
        swagger_favicon_url=icon,
    )
    redoc = get_redoc_html(
        openapi_url=description,
        title=app.title,
        redoc_js_url=f"{ASSETS}/redoc.standalone.js",
        redoc_favicon_url=icon,
        with_google_fonts=False,
    )
    app.mount(ASSETS, StaticFiles(directory=folder))
    for path, page in (("/docs", swagger), ("/redoc", redoc)):
        app.get(path, include_in_schema=False)(_showing(page.body))


def _showing(page: bytes | memoryview) -> Callable[[], Awaitable[HTMLResponse]]:
    async def show() -> HTMLResponse:
        return HTMLResponse(bytes(page), headers={"Content-Security-Policy": _POLICY})

    return show
