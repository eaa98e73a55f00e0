"""Errors carry their policy: whether a message is worth trying again is decided where it fails."""

from __future__ import annotations


class Permanent(Exception):
    """Trying again cannot help: the message goes to the dead letters at once."""


class HandBack(Exception):
    """This replica must not handle the message, another one may: it is handed back, however often."""


class AskFailed(Exception):
    """The service that was asked answered that it could not: `code` is `bad_request`, `too_large` or `failed`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class AskUnavailable(AskFailed, ConnectionError):
    """The same with the code `unavailable`: what that service needs is away for now, and asking again may help."""


class PublishRefused(Exception):
    """The broker did not store a message: nobody may act as if it had."""
