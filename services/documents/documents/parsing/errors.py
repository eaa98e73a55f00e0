"""Why a file cannot be read, in words for whoever uploaded it."""

from __future__ import annotations

from contracts.vocabulary.document import FailureCode


class Unreadable(Exception):
    """A file that cannot be read; trying it again cannot help.

    `message` is a sentence for the person who uploaded the file: what is wrong, and what to do. It never quotes the
    file.
    """

    def __init__(self, code: FailureCode, message: str) -> None:
        super().__init__(message)
        self.code: FailureCode = code
        self.message = message


def broken(kind: str) -> Unreadable:
    """A file of a known `kind`, such as `PDF`, whose inside is damaged."""
    return Unreadable(
        "broken", f"This {kind} file is damaged and cannot be opened. Please export or save it again and upload that."
    )


def too_complex() -> Unreadable:
    """A file that takes more time, memory or space than any résumé needs."""
    return Unreadable(
        "too_complex",
        "This file is too large or too intricate to be read. Please upload a simpler version, such as plain text.",
    )


def empty() -> Unreadable:
    """A file without a single word."""
    return Unreadable("empty", "There is no text in this file. Please check that it is the right one.")
