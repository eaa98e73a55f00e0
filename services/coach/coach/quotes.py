"""Quotes are slices of what was said. Whoever quotes, a model above all, is compared with the answer by code."""

from __future__ import annotations

import re

MIN_WORDS = 2
"""A single word shows nothing."""
_WORD = re.compile(r"\w+")
_SAME = str.maketrans(
    {
        "‘": "'", "’": "'", "‚": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"',  # noqa: RUF001
        "–": "-", "—": "-", "‐": "-", "‑": "-", "…": ".", "\u00a0": " ",  # noqa: RUF001
    }
)  # fmt: skip


def verbatim(quote: str, answer: str) -> str | None:
    """The slice of the answer that a quote stands for: exact, or but for case, white space, quotation marks and dashes.

    None where there is no such slice, and for quotes that are too short to show anything. Nothing is ever made up.
    """
    quote = quote.strip().strip("\"'“”‘’ .…")  # noqa: RUF001
    if len(_WORD.findall(quote)) < MIN_WORDS:
        return None
    if quote in answer:
        return quote
    folded, places = _folded(answer)
    wanted, _ = _folded(quote)
    start = folded.find(wanted)
    if start < 0:
        return None
    return answer[places[start] : places[start + len(wanted) - 1] + 1]


def _folded(text: str) -> tuple[str, list[int]]:
    """The text as it is compared, and where each of its characters stands in the original."""
    found: list[str] = []
    places: list[int] = []
    for place, letter in enumerate(text.translate(_SAME)):
        if letter.isspace():
            if found and found[-1] != " ":
                found.append(" ")
                places.append(place)
            continue
        lower = letter.lower()
        found.append(lower if len(lower) == 1 else letter)
        places.append(place)
    return "".join(found), places


def at_word(text: str, longest: int) -> str:
    """The beginning of a text, cut at a word."""
    return text[: longest + 1].rsplit(None, 1)[0][:longest] if " " in text[:longest] else text[:longest]


def shortened(question: str, longest: int = 90) -> str:
    """A question in quotation marks, cut at a word where it is long."""
    line = " ".join(question.split())
    return f"“{line}”" if len(line) <= longest else f"“{at_word(line, longest)} …”"
