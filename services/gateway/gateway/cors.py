"""What stands around every answer: CORS, and headers that keep browsers and caches careful."""

from __future__ import annotations

from collections.abc import Iterable

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
HEADERS = ("Authorization", "X-Session-ID", "Idempotency-Key", "Last-Event-ID", "Content-Type")
EXPOSED = ("Retry-After", "Location", "X-Request-ID")
ANSWER_DEPENDS_ON = ("Authorization", "X-Session-ID", "Origin")
_A_YEAR = 365 * 24 * 60 * 60
_REFUSED = "Browsers may not call this from the page that asks."


class _Cors(CORSMiddleware):
    def preflight_response(self, request_headers: Headers) -> Response:
        """Starlette's, with our kind of error."""
        response = super().preflight_response(request_headers)
        if response.status_code < 400:
            return response
        kept = {name: value for name, value in response.headers.items() if not name.startswith("content-")}
        return JSONResponse({"detail": _REFUSED}, response.status_code, kept)


class CarefulHeaders:
    """ASGI middleware: answers are for one person, and are what they say they are.

    A route that sets a `Cache-Control` of its own keeps it.
    """

    def __init__(self, app: ASGIApp, *, production: bool) -> None:
        self._app = app
        self._always = {"X-Content-Type-Options": "nosniff"}
        if production:
            self._always |= {
                "Strict-Transport-Security": f"max-age={_A_YEAR}",
                "Referrer-Policy": "no-referrer",
            }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""

        async def careful(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._add(MutableHeaders(scope=message))
            await send(message)

        await self._app(scope, receive, careful if scope["type"] == "http" else send)

    def _add(self, headers: MutableHeaders) -> None:
        headers.setdefault("Cache-Control", "no-store")
        headers.update(self._always)
        for name in _missing(ANSWER_DEPENDS_ON, headers.get("vary", "")):
            headers.add_vary_header(name)


def _missing(names: Iterable[str], listed: str) -> list[str]:
    there = {name.strip().lower() for name in listed.split(",")}
    return [] if "*" in there else [name for name in names if name.lower() not in there]


def with_cors(app: ASGIApp, origins: list[str], *, production: bool = False) -> ASGIApp:
    """Both, outside of everything else, so that errors carry them as well."""
    cors = _Cors(
        app, allow_origins=origins, allow_methods=METHODS, allow_headers=HEADERS, expose_headers=EXPOSED, max_age=600
    )
    return CarefulHeaders(cors, production=production)
