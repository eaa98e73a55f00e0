"""The one kind of error that a client is told: a status and a sentence for a person. And what is said when a request is
given up before it has an answer."""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass


class Problem(Exception):
    """An error with its sentence, which never repeats what the caller sent."""

    def __init__(self, status: int, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = dict(headers or {})


class NoSuchSession(Problem):
    """No such session, or another's: callers cannot tell which."""

    def __init__(self) -> None:
        super().__init__(404, "This interview session was not found.")


@dataclass
class Unanswered:
    """A request that has no answer yet, and what is true to say of it should it get none."""

    sentence: str = ""


_current: ContextVar[Unanswered | None] = ContextVar("unanswered", default=None)


def begin_request() -> Unanswered:
    """The request that this task is about."""
    request = Unanswered()
    _current.set(request)
    return request


def if_given_up(sentence: str) -> None:
    """What is true from here on: something was begun, and its outcome is not known yet."""
    request = _current.get()
    if request is not None:
        request.sentence = sentence


def given_up() -> str:
    """What is true now; empty while nothing was begun."""
    request = _current.get()
    return request.sentence if request else ""
