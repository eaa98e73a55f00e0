"""What stands around every answer: CORS, and headers that keep browsers and caches careful."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
HEADERS = ("Authorization", "X-Session-ID", "Idempotency-Key", "Last-Event-ID", "Content-Type")
EXPOSED = ("Retry-After", "Location", "X-Request-ID")
_CAREFUL = {b"cache-control": b"no-store", b"x-content-type-options": b"nosniff"}
_IN_PRODUCTION = {b"strict-transport-security": b"max-age=31536000", b"referrer-policy": b"no-referrer"}
_VARY = (b"vary", b"Authorization, X-Session-ID, Origin")
"""What an answer depends on. Beside a `Vary` of the route: caches take both together."""
_ORIGIN, _CREDENTIALS = b"access-control-allow-origin", b"access-control-allow-credentials"
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
        self._headers = _CAREFUL | (_IN_PRODUCTION if production else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""

        async def careful(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = message["headers"]
                there = {name for name, _ in given}
                if _ORIGIN not in there:  # Starlette says it to pages that may not call, too
                    given = [each for each in given if each[0] != _CREDENTIALS]
                added = [(name, value) for name, value in self._headers.items() if name not in there]
                message = {**message, "headers": [*given, *added, _VARY]}
            await send(message)

        await self._app(scope, receive, careful if scope["type"] == "http" else send)


def with_cors(app: ASGIApp, origins: list[str], *, production: bool = False) -> ASGIApp:
    """Both, outside of everything else, so that errors carry them as well. Pages of listed origins may send
    credentials; where every origin may call, none may."""
    cors = _Cors(
        app,
        allow_origins=origins,
        allow_methods=METHODS,
        allow_headers=HEADERS,
        allow_credentials="*" not in origins,
        expose_headers=EXPOSED,
        max_age=600,
    )
    return CarefulHeaders(cors, production=production)
