"""Whether words stand in a text, whatever their case, spacing and punctuation: what is said of a document has to."""

from __future__ import annotations

import re
import unicodedata

from interviewer.words import WORD

_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
_OF_A_WORD = frozenset("+#")
_OF_A_NUMBER = frozenset(".,")


def plain(text: str) -> str:
    """The words of a text in lower case with single spaces: one way of writing what can be written in several."""
    return " ".join(WORD.findall(unicodedata.normalize("NFKC", text).casefold()))


def stands_in(words: str, plain_text: str) -> bool:
    """Whether the words stand in a text that is plain already, one after the other and as whole words."""
    wanted = plain(words)
    at = plain_text.find(wanted) if wanted else -1
    while at >= 0:
        end = at + len(wanted)
        if _parted(plain_text[at - 1 : at], wanted[0]) and _parted(plain_text[end : end + 1], wanted[-1]):
            return True
        at = plain_text.find(wanted, at + 1)
    return False


def is_unspaced(text: str) -> bool:
    """Whether it is written in a script that puts no spaces between words."""
    return bool(_UNSPACED.search(text))


def _parted(neighbour: str, edge: str) -> bool:
    """Whether a word ends between these two signs; scripts without spaces do not show it."""
    if not neighbour or neighbour == " " or is_unspaced(neighbour) or is_unspaced(edge):
        return True
    return not (neighbour.isalnum() or neighbour in _OF_A_WORD or (edge.isdigit() and neighbour in _OF_A_NUMBER))
