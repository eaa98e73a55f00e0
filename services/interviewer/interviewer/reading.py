"""How an answer reads, before anyone judges it: is it an answer at all, and what in it is worth taking up?"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

AnswerKind = Literal["answer", "too_short", "does_not_know", "question_back", "unclear", "other_language"]
Claim = Literal["number", "technology", "ownership"]

_REASONS: dict[AnswerKind, str] = {
    "answer": "The answer gives something to work with.",
    "too_short": "The answer is too short to work with.",
    "does_not_know": "The candidate does not know; a different question is fairer.",
    "question_back": "The candidate asked back.",
    "unclear": "The answer could not be understood.",
    "other_language": "The answer is in another language than the question.",
}

_WORD = re.compile(r"[^\W_]+(?:['’.+#-][^\W_]+)*[+#]*")  # noqa: RUF001 (typographic apostrophes are common)
_DOES_NOT_KNOW = re.compile(
    r"^\W*(?:(?:sorry|honestly|well|um+|uh+|hmm+)\W+)*"
    r"(?:i (?:really )?(?:do not|don['’]?t) (?:really )?know|no idea|i(?:['’]m| am) not sure|i have no (?:idea|clue)"  # noqa: RUF001
    r"|pass|skip|next question|i can(?:no|['’])t (?:answer|say))\b",  # noqa: RUF001
    re.IGNORECASE,
)
_QUESTION_BACK = re.compile(
    r"\b(?:what do you mean|can you (?:repeat|rephrase|clarify|explain)|could you (?:repeat|rephrase|clarify|explain)"
    r"|i (?:do not|don['’]?t) understand(?: the question)?|say that again|please repeat)\b",  # noqa: RUF001
    re.IGNORECASE,
)
_NUMBER = re.compile(
    r"\b\d[\d,.]*\s?(?:%|percent|ms|milliseconds?|seconds?|minutes?|hours?|days?|weeks?|months?|years?|users?"
    r"|customers?|requests?|people|engineers?|[kKmM]\b|x\b|times\b)",
    re.IGNORECASE,
)
_OWNERSHIP = re.compile(
    r"\bI (?:led|built|designed|wrote|created|introduced|migrated|reduced|fixed|proposed|owned|launched|automated"
    r"|refactored|optimi[sz]ed|implemented|decided|negotiated|mentored|organi[sz]ed)\b[^.!?;\n]{3,80}",
)
_TECHNOLOGY = re.compile(r"(?<=[a-z,] )(?:[A-Z][a-z]+[A-Z]\w*|[A-Z]{2,6}\d*|[A-Z][a-z]{2,}(?:SQL|DB|JS)?)\b")
_NOT_TECHNOLOGY = frozenset(
    "I My The We They He She It In On At Our And But So Then When This That There Monday Tuesday Wednesday Thursday"
    " Friday Saturday Sunday January February March April May June July August September October November December"
    " OK CEO CTO English".split()
)
MIN_WORDS = 4
_DANGLING = frozenset(
    "a an and as at because but by for from in into it of on or so that the then this to we which with".split()
)


@dataclass(frozen=True)
class Reading:
    """What kind of answer it is, and the candidate's own words that a follow-up can take up."""

    kind: AnswerKind
    claims: tuple[tuple[Claim, str], ...] = ()

    @property
    def reason(self) -> str:
        """A sentence for the record."""
        return _REASONS[self.kind]


def read(answer: str) -> Reading:
    """Read an answer. Words are never invented: every claim is a piece of the answer."""
    words = _WORD.findall(answer)
    if not words or _is_mashing(words):
        return Reading("unclear")
    if _DOES_NOT_KNOW.search(answer) and len(words) < 25:
        return Reading("does_not_know")
    if len(words) < 25 and _QUESTION_BACK.search(answer):
        return Reading("question_back")
    if len(words) < MIN_WORDS and answer.isascii():
        return Reading("too_short")
    return Reading("answer", _claims(answer))


def _is_mashing(words: list[str]) -> bool:
    """Keys hit at random: hardly a word with a vowel between consonants, in a script that has vowels."""
    latin = [word.lower() for word in words if word.isascii() and word.isalpha()]
    if len(latin) < len(words) or not latin:
        return False
    odd = [word for word in latin if len(word) > 4 and re.search(r"[bcdfghjklmnpqrstvwxz]{5,}|(.)\1{3,}", word)]
    return len(odd) * 2 > len(latin)


def _claims(answer: str) -> tuple[tuple[Claim, str], ...]:
    found: list[tuple[Claim, str]] = []
    if match := _OWNERSHIP.search(answer):
        found.append(("ownership", _clip(match.group())))
    if match := _NUMBER.search(answer):
        found.append(("number", match.group().strip()))
    for match in _TECHNOLOGY.finditer(answer):
        if match.group() not in _NOT_TECHNOLOGY:
            found.append(("technology", match.group()))
            break
    return tuple(found)


def _clip(words: str, limit: int = 70) -> str:
    """The beginning of the candidate's words that stands on its own: cut at a clause, else at a word."""
    words = words.strip()
    if len(words) > limit:
        words = words[:limit].rsplit(" ", 1)[0]
    clause = words.rsplit(",", 1)[0]
    if len(clause) >= limit // 3:
        words = clause
    while (last := words.rsplit(" ", 1)[-1].lower()) in _DANGLING:
        words = words[: -len(last)].strip()
    return words.rstrip(",")
