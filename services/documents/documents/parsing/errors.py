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


def broken(kind: str = "") -> Unreadable:
    """A file whose inside is damaged; of a `kind` such as `PDF`, where that is known."""
    what = f"This {kind} file" if kind else "This file"
    return Unreadable(
        "broken", f"{what} is damaged and cannot be opened. Please export or save it again and upload that."
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


def not_understood() -> Unreadable:
    """A file whose words were read, and broke our code that looks for what they say."""
    return Unreadable(
        "broken",
        "The text of this file could be read, but we failed to make sense of it. Please upload it as plain text.",
    )


def too_complex_to_understand() -> Unreadable:
    """A file whose words were read, and take too long or too much memory to understand."""
    return Unreadable(
        "too_complex",
        "The text of this file could be read, but it is too long or too intricate to make sense of. Please upload a "
        "shorter or simpler version.",
    )
