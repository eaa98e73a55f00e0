"""What a candidate says about themselves or the conversation, instead of answering."""

from __future__ import annotations

from typing import Literal

from contracts.envelope import Contract

Remark = Literal[
    "self_harm",
    "distress",
    "wants_to_stop",
    "may_want_to_stop",
    "needs_pause",
    "goes_on",
    "accommodation",
    "protected_matter",
    "is_it_a_person",
    "asks_salary",
    "asks_process",
    "told_already",
    "corrects_interviewer",
    "asks_for_hint",
    "asks_for_language",
]
"""Nothing of it is judged. `wants_to_stop` was said outright; `may_want_to_stop` was inferred, and is undone by going
on. `goes_on` ends a pause."""

Accommodation = Literal["shorter_pieces", "extra_time", "text", "captions", "screen_reader"]
"""How an interview is held for somebody who needs it so: questions in pieces; half as much time again; answers in
writing; everything that is said also in writing; plain text without anything to look at. Why is never asked."""


class Adjustment(Contract):
    """What of the interview changes from here on; `language` is a tag such as "de", None where it stays."""

    language: str | None = None
    accommodations: tuple[Accommodation, ...] = ()
