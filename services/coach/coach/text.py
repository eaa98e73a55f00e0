"""Words, stems and sentences of an answer, with their places in it."""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from parley_text.guesses import VEIL
from parley_text.sentences import spans

from coach.vocabulary import FUNCTION_WORDS, IRREGULAR, VOCAL

_WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W\d_]+)*[+#]*")
_CLAUSE = re.compile(r"[,;:]\s|\s[\u2013\u2014-]\s|\s(?=(?:and|but|so|because|then)\s)", re.IGNORECASE)
_SUFFIXES = (("ies", "y"), ("ied", "y"), ("ing", ""), ("ed", ""))
_HISSING = ("ses", "xes", "zes", "ches", "shes")

LONG_SENTENCE = 40
"""Words from which on a sentence counts as unpunctuated speech and is parted into clauses."""
CLAUSE_WORDS = 12


_DERIVED = ("fully", "ness", "ment", "able", "ible", "less", "ity", "ful", "ly", "er", "or", "al")


@lru_cache(maxsize=20_000)
def root(word: str) -> str:
    """A stem without what derives it from another word: `openly` and `openness` have the root of `open`."""
    for suffix in _DERIVED:
        if word.endswith(suffix) and len(word) - len(suffix) >= 4:
            return _base(word[: -len(suffix)])
    return word


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """A word without its inflection, so that `retries`, `retried` and `retry` are the same."""
    word = IRREGULAR.get(word, word)
    if len(word) < 4 or not word.isascii() or not word.isalpha():
        return word
    return _base(_singular(word))


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(_HISSING):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def _base(word: str) -> str:
    for suffix, instead in _SUFFIXES[1:]:
        if word.endswith(suffix) and len(word) - len(suffix) >= 3:
            word = _undoubled(word[: -len(suffix)]) + instead
            break
    if word.endswith(("tion", "sion")) and len(word) > 6:
        word = word[:-3]
    if word.endswith("e") and len(word) > 3 and word[:-1] not in FUNCTION_WORDS:
        return word[:-1]
    return word


def _undoubled(word: str) -> str:
    return word[:-1] if word[-1] == word[-2] and word[-1] in "bdgmnprt" else word


def words(text: str) -> tuple[str, ...]:
    """The words of a text in lower case; hyphens and underscores part words, `c++` and `c#` are words.

    Sounds that only fill a pause are left out: how fluently somebody speaks is no part of what they say.
    """
    found = _WORD.findall(text.casefold().replace("\u2019", "'"))
    return tuple(found) if VOCAL.isdisjoint(found) else tuple(word for word in found if word not in VOCAL)


def stems(text: str) -> tuple[str, ...]:
    """The stems of all words, in order."""
    return tuple(map(stem, words(text)))


def content(text: str) -> frozenset[str]:
    """The stems of those words of a text that carry meaning of their own."""
    return frozenset(stem(word) for word in words(text) if word not in FUNCTION_WORDS)


@dataclass(frozen=True)
class Sentence:
    """A slice `answer[start:end]` and what it consists of."""

    text: str
    start: int
    end: int
    words: tuple[str, ...] = field(repr=False)

    @cached_property
    def stems(self) -> tuple[str, ...]:
        """The stems of all its words, in order."""
        return tuple(map(stem, self.words))

    @cached_property
    def word_set(self) -> frozenset[str]:
        """Its different words."""
        return frozenset(self.words)

    @cached_property
    def content(self) -> frozenset[str]:
        """The stems of its words that are no function words, and no guesses."""
        pairs = zip(self.words, self.stems, strict=True)
        return frozenset(each for word, each in pairs if word not in FUNCTION_WORDS and VEIL not in word)

    @cached_property
    def guesses(self) -> int:
        """How many of its words were hardly understood; each may have been any word."""
        return sum(VEIL in word for word in self.words) if VEIL in self.text else 0

    @cached_property
    def folded(self) -> str:
        """Its text in lower case with straight apostrophes, each character in its place."""
        lower = self.text.lower()
        if len(lower) != len(self.text):
            lower = "".join(each.lower() if len(each.lower()) == 1 else each for each in self.text)
        return lower.replace("\u2019", "'")

    def after(self, place: int) -> Sentence | None:
        """What follows a place in its text; None without a word."""
        rest = sentence_at(self.text, min(place, len(self.text)), len(self.text))
        return rest and Sentence(rest.text, self.start + rest.start, self.start + rest.end, rest.words)

    @cached_property
    def plain(self) -> str:
        """Its folded text without sounds that only fill a pause."""
        return _VOCAL.sub("", self.folded)

    @cached_property
    def cleaned(self) -> str:
        """Its text without sounds that only fill a pause."""
        return _VOCAL.sub("", self.text)


_VOCAL = re.compile(rf"\b(?:{'|'.join(sorted(VOCAL))})\b[\s,.]*", re.IGNORECASE)


def sentence_at(answer: str, start: int, end: int) -> Sentence | None:
    """The sentence in a slice of the answer, without the white space around it; None without a word."""
    piece = answer[start:end]
    start += len(piece) - len(piece.lstrip())
    text = piece.strip()
    found = words(text)
    return Sentence(text, start, start + len(text), found) if found else None


def sentences(answer: str) -> list[Sentence]:
    """The sentences of an answer; a very long one, as speech without punctuation is, in its clauses."""
    found = []
    for start, end in spans(answer):
        sentence = sentence_at(answer, start, end)
        if sentence and len(sentence.words) > LONG_SENTENCE:
            found += _clauses(answer, sentence)
        elif sentence:
            found.append(sentence)
    return found


def _clauses(answer: str, sentence: Sentence) -> list[Sentence]:
    """Clauses of at least CLAUSE_WORDS words, cut where a speaker takes a breath."""
    found = []
    start = sentence.start
    cuts = [match.end() for match in _CLAUSE.finditer(answer, sentence.start, sentence.end)]
    for cut in [*cuts, sentence.end]:
        if cut == sentence.end or len(answer[start:cut].split()) >= CLAUSE_WORDS:
            clause = sentence_at(answer, start, cut)
            found += [clause] if clause else []
            start = cut
    return found


CONTAINED = 8
"""Different words from which on a sentence repeats a longer one by having four fifths of its words from it."""
LOOKED_BACK = 120
"""So many sentences and pairs of neighbours each one is compared with; exact repetitions are found at any distance."""


@dataclass
class Duplicates:
    """Finds sentences that say again what was said before, or a part of it, whatever their case and punctuation."""

    _said: set[frozenset[str]] = field(default_factory=set)
    _recent: deque[frozenset[str]] = field(default_factory=lambda: deque(maxlen=LOOKED_BACK))
    _last: frozenset[str] = frozenset()

    def is_repeat(self, sentence: Sentence) -> bool:
        """Whether it repeats an earlier one; if not, it is remembered."""
        mine = frozenset(each for each in sentence.stems if VEIL not in each)
        if mine in self._said or any(_says_again(mine, earlier) for earlier in self._recent):
            return True
        # Speech may be parted into sentences elsewhere when it is said again.
        self._recent += (mine, self._last | mine) if self._last else (mine,)
        self._said.add(mine)
        self._last = mine
        return False


def _says_again(later: frozenset[str], earlier: frozenset[str]) -> bool:
    """Whether two sentences share four fifths of their stems, or the later one has as many of its own in the other."""
    shared = len(later & earlier)
    whole = len(later) if len(later) >= CONTAINED else len(later) + len(earlier) - shared
    return shared * 5 >= whole * 4
