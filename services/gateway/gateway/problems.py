"""The one kind of error that a client is told: a status and a sentence for a person."""

from __future__ import annotations

from collections.abc import Mapping


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
