"""Every error that a client sees: a code and one sentence for a person."""

from __future__ import annotations

import socket

import nats.errors
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from nats.js.errors import Error as JetStreamError
from pydantic import ValidationError
from runtime.errors import AskFailed
from runtime.publish import TooLarge
from runtime.telemetry import failure
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from gateway.problems import Problem, given_up
from gateway.values import sentence

NOTHING_HERE = "There is nothing at this address."
_PLAIN = {
    404: NOTHING_HERE,
    405: "This address does not take that method.",
    413: "The request is too large.",
}
UNAVAILABLE = "The service is not available just now. Please try again in a moment."
LATER = {"Retry-After": "2"}
INTERNAL = "Something went wrong on our side. Please try again."
HUNG_UP = 499
"""What counts for a client that did not wait: nginx's number for it. Nobody ever receives it."""
ERROR = "parley.error"
"""Where the scope of a request holds what the middleware may log of the error of ours that it ended in."""
_AWAY = (nats.errors.Error, JetStreamError, SQLAlchemyError, ConnectionError, TimeoutError, socket.gaierror)
"""Errors of what we depend on, as opposed to our own."""


def is_unavailable(error: Exception) -> bool:
    """Whether trying again may help. Python gives errors about files and permissions classes of their own: those are
    ours. A plain OSError is a full disk, a network that is not there, or too many open files."""
    return isinstance(error, _AWAY) or type(error) is OSError


def install(app: FastAPI) -> None:
    """Make every error look the same."""

    async def problem(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, Problem)
        if error.status >= 500:
            request.scope[ERROR] = failure(error)
        return JSONResponse({"detail": error.detail}, error.status, error.headers)

    async def http(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)
        if error.status_code >= 500:
            request.scope[ERROR] = failure(error)
        standard = error.detail in {"Not Found", "Method Not Allowed", "Request Entity Too Large"}
        detail = _PLAIN.get(error.status_code, str(error.detail)) if standard else str(error.detail)
        return JSONResponse({"detail": detail}, error.status_code, error.headers)

    async def invalid(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError | ValidationError)
        return JSONResponse({"detail": sentence(error)}, 400)

    async def too_large(_: Request, __: Exception) -> JSONResponse:
        return JSONResponse({"detail": _PLAIN[413]}, 413)

    async def hung_up(_: Request, __: Exception) -> Response:
        return Response(status_code=HUNG_UP)

    async def failed(request: Request, error: Exception) -> JSONResponse:
        request.scope[ERROR] = failure(error)
        if is_unavailable(error):
            return JSONResponse({"detail": given_up() or UNAVAILABLE}, 503, LATER)
        return JSONResponse({"detail": INTERNAL}, 500)

    app.add_exception_handler(Problem, problem)
    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(TooLarge, too_large)
    app.add_exception_handler(ClientDisconnect, hung_up)
    for kind in (*_AWAY, OSError, AskFailed, Exception):
        app.add_exception_handler(kind, failed)
