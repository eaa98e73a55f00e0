"""How much somebody said, in any script."""

from __future__ import annotations

import re

MANY_WORDS = 5
"""Nobody says so many words twice within a minute: an answer that comes again is then the same one."""
_WITHOUT_SPACES = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)
"""Letters of scripts that do not part words: Thai, Lao, Burmese, Khmer, Japanese, Chinese."""
_LETTERS_PER_WORD = 2


def count_words(text: str) -> int:
    """How many words a text has, about."""
    parted = _WITHOUT_SPACES.sub(" ", text).split()
    letters = len(_WITHOUT_SPACES.findall(text))
    return sum(any(map(str.isalnum, each)) for each in parted) + letters // _LETTERS_PER_WORD
