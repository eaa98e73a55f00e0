"""Lines of a head in parts, as bars, commas and the like part them, and what is left of them."""

from __future__ import annotations

import re
from collections.abc import Sequence

PARTERS = re.compile(r"(\s{0,4}[|•·◦●■▪♦\t;]\s{0,4}|\s{1,4}[-–—/]\s{1,4}|,\s{1,4}|，|、|\s{2,9})")  # noqa: RUF001
_EMPTY_LABEL = re.compile(r"(?:^|(?<=[|•·,;\t]))\s*[^\W\d][\w .'’/-]{0,24}\s*[:：]\s*(?=$|[|•·,;\t])")  # noqa: RUF001
_LABELLED = re.compile(r"\s*[\W_]{0,3}(?P<label>[^:：]{1,32}?)\s*[:：]\s*(?P<rest>.*)", re.DOTALL)  # noqa: RUF001
EDGES = " \t|•·,;:/–—-，、◦●■▪♦"  # noqa: RUF001


def label_in(text: str) -> str | None:
    """What stands before the first colon, or in the first cell of a row, in small letters; None without either."""
    first, tab, _ = text.partition("\t")
    if tab and not _LABELLED.fullmatch(first):
        return normal(first)
    found = _LABELLED.fullmatch(text)
    return normal(found["label"]) if found else None


def after_label(text: str) -> str:
    """What a label stands before."""
    first, tab, rest = text.partition("\t")
    if tab and not _LABELLED.fullmatch(first):
        return rest
    found = _LABELLED.fullmatch(text)
    return found["rest"] if found else ""


def normal(label: str) -> str:
    """A label as the word lists have it."""
    return " ".join(label.casefold().split()).strip(" .*•·-")


def joined(kept: Sequence[str]) -> str:
    """The parts that stay with what parted them."""
    words_left = [(kept[place], kept[place + 1] if place + 1 < len(kept) else "") for place in range(0, len(kept), 2)]
    stays = [(part, sign) for part, sign in words_left if any(letter.isalnum() for letter in part)]
    if not stays:
        return ""
    return ("".join(part + sign for part, sign in stays[:-1]) + stays[-1][0]).strip(EDGES)


def tidied(before: str, after: str) -> str:
    """Without the labels and signs that stood beside what was taken."""
    if before == after:
        return before
    after = re.sub(r"[(\[（<]\s*[)\]）>]", "", after)  # noqa: RUF001
    after = _EMPTY_LABEL.sub("", after)
    after = re.sub(r"([|•·,;/–—-])\s*(?:[|•·,;/–—-]\s*)+", r"\1 ", after)  # noqa: RUF001
    return re.sub(r" {2,}", " ", after).strip(EDGES)
