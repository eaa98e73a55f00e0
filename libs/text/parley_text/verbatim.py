"""Whether a quotation stands in a text, and where: what a model quotes is compared with the text by code.

Two ways of writing the same count as one: case, white space, quotation marks, dashes, ellipses. Anything else, a comma
among it, makes a different quotation.
"""

from __future__ import annotations

from functools import cached_property

_SAME = str.maketrans(
    dict.fromkeys("‘’‚‛", "'") | dict.fromkeys("“”„‟«»", '"') | dict.fromkeys("‐‑‒–—―−", "-") | {"…": "..."}
)
_AROUND = " \t\r\n\"'‘’‚‛“”„‟«»…"
"""What may stand around a quotation without being of it."""


class Source:
    """A text that passages are looked up in."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def _compared(self) -> tuple[str, list[int]]:
        return _with_places(self.text)

    def find(self, quote: str) -> tuple[int, int] | None:
        """Where the slice begins and ends that a quotation stands for; None where there is no such slice."""
        quote = quote.strip().strip(_AROUND)
        # A full stop may be of the sentence that quotes.
        return self._find(quote) or self._find(quote.rstrip("." + _AROUND))

    def passage(self, quote: str) -> str | None:
        """The slice that a quotation stands for, as it stands in the text."""
        found = self.find(quote)
        return self.text[slice(*found)] if found else None

    def _find(self, quote: str) -> tuple[int, int] | None:
        if not quote:
            return None
        start = self.text.find(quote)
        if start >= 0:
            return start, start + len(quote)
        text, places = self._compared
        wanted = folded(quote)
        start = text.find(wanted)
        return (places[start], places[start + len(wanted) - 1] + 1) if start >= 0 else None


def folded(text: str) -> str:
    """A text as it is compared: equal for texts that say the same in the same words."""
    return " ".join(text.translate(_SAME).casefold().split())


def _with_places(text: str) -> tuple[str, list[int]]:
    """The text as it is compared, and where each of its letters stands in the original: a folded letter can be two."""
    letters: list[str] = []
    places: list[int] = []
    after_space = True
    for place, letter in enumerate(text):
        if letter.isspace():
            if not after_space:
                letters.append(" ")
                places.append(place)
            after_space = True
            continue
        after_space = False
        for each in letter.translate(_SAME).casefold():
            letters.append(each)
            places.append(place)
    return "".join(letters), places
