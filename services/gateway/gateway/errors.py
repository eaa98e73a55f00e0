"""Every error that a client sees: a code and one sentence for a person."""

from __future__ import annotations

from collections.abc import Mapping

import nats.errors
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from nats.js.errors import Error as JetStreamError
from pydantic import ValidationError
from runtime.publish import TooLarge
from runtime.telemetry import failure
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException

log = structlog.get_logger()

NOTHING_HERE = "There is nothing at this address."
_PLAIN = {
    404: NOTHING_HERE,
    405: "This address does not take that method.",
    413: "The request is too large.",
}
UNAVAILABLE = "The service is not available just now. Nothing was lost; please try again in a moment."


class Problem(HTTPException):
    """An error with its sentence."""

    def __init__(self, status: int, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(status, detail, dict(headers) if headers else None)


class NoSuchSession(Problem):
    """No such session, or another's: callers cannot tell which."""

    def __init__(self) -> None:
        super().__init__(404, "This interview session was not found.")


def sentence(error: ValidationError | RequestValidationError) -> str:
    """The first thing that is wrong with the input, in words, without the input itself."""
    first = error.errors()[0]
    field = ".".join(str(part) for part in first["loc"] if part not in ("body", "query", "path", "header"))
    message = first["msg"].removeprefix("Value error, ")
    message = message[0].lower() + message[1:]
    return f"{field}: {message}." if field else f"The request is not valid: {message}."


def install(app: FastAPI) -> None:
    """Make every error look the same."""

    async def http(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)
        standard = error.detail in {"Not Found", "Method Not Allowed", "Request Entity Too Large"}
        detail = _PLAIN.get(error.status_code, str(error.detail)) if standard else str(error.detail)
        return JSONResponse({"detail": detail}, error.status_code, error.headers)

    async def invalid(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError | ValidationError)
        return JSONResponse({"detail": sentence(error)}, 400)

    async def unavailable(_: Request, error: Exception) -> JSONResponse:
        log.warning("unavailable", **failure(error))
        return JSONResponse({"detail": UNAVAILABLE}, 503, {"Retry-After": "2"})

    async def too_large(_: Request, __: Exception) -> JSONResponse:
        return JSONResponse({"detail": _PLAIN[413]}, 413)

    async def unexpected(_: Request, error: Exception) -> JSONResponse:
        log.error("unexpected error", **failure(error))
        return JSONResponse({"detail": "Something went wrong on our side. Please try again."}, 500)

    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(TooLarge, too_large)
    for kind in (nats.errors.Error, JetStreamError, SQLAlchemyError, ConnectionError, TimeoutError, OSError):
        app.add_exception_handler(kind, unavailable)
    app.add_exception_handler(Exception, unexpected)
