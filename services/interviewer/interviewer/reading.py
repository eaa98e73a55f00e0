"""How an answer reads, before anyone judges it: is it an answer at all, and what in it is worth taking up?"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Literal

from interviewer.claims import Claim, claims
from interviewer.words import WORD

AnswerKind = Literal["answer", "too_short", "does_not_know", "question_back", "unclear", "other_language"]

MIN_WORDS = 4
SHORT = 25
"""Words up to which "I don't know" or "what do you mean" can be all that was said."""
_KIND_SHOWS_WITHIN = 100
"""Words after which what kind of answer it is has become clear."""

_REASONS: dict[AnswerKind, str] = {
    "answer": "The answer gives something to work with.",
    "too_short": "The answer is too short to work with.",
    "does_not_know": "The candidate does not know; a different question is fairer.",
    "question_back": "The candidate asked back.",
    "unclear": "The answer could not be understood.",
    "other_language": "The answer is in another language than the question.",
}

_LETTER = re.compile(r"[^\W\d_]")
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
_LAST_LATIN = "\u024f"

_MASHED = re.compile(r"[bcdfghjklmnpqrstvwxz]{5}|([a-z])\1{3}|asdf|sdfg|dfgh|fghj|ghjk|hjkl|lkjh|qwer|zxcv|xcvb")

_FILLERS = r"\W*(?:(?:sorry|honestly|well|so|oh|okay|ok|wait|please|thanks|to be honest|u+m+|u+h+|h+m+)\b\W*)*"
_NOT = r"(?:do not|don['’]?t|did not|didn['’]?t)"  # noqa: RUF001
_AM = r"(?:i['’]?m|i am)"  # noqa: RUF001
_HAVE = r"(?:i have|i['’]ve)"  # noqa: RUF001
_DOES_NOT_KNOW = re.compile(
    rf"{_FILLERS}(?:"
    rf"(?:i )?(?:really |honestly |just )?{_NOT} (?:really |actually |honestly |even )?"
    r"(?:know|remember|recall|have (?:an?|any) (?:good )?(?:idea|clue|answer))"
    rf"|(?:{_AM} )?not (?:really |quite |at all |too )?(?:sure(?! that \w+ \w+ \w+)|certain|familiar)"
    rf"|(?:{_HAVE} )?(?:absolutely )?no (?:idea|clue)|(?:{_HAVE} )?never heard of"
    r"|(?:i )?dunno|idk|(?:that |it )?beats me"
    r"|i can(?:no|['’])?t (?:answer|say|think of|recall|remember)"  # noqa: RUF001
    r")\b",
    re.IGNORECASE,
)
_WANTS_ANOTHER = re.compile(
    rf"{_FILLERS}(?:(?:i(?:['’]d| would| will|['’]ll)(?: like to| rather)?|can we|let['’]?s|let us) )?"  # noqa: RUF001
    r"(?:(?:pass|skip)(?: on)?(?: (?:this|that|it|the question))?(?: (?:one|question))?"
    r"|(?:the )?next(?: question| one)?)"
    r"(?:,? please| for now)?\W*$",
    re.IGNORECASE,
)
_GOES_ON = re.compile(
    r"\b(?:but|however|although|though|still|instead|my (?:guess|understanding|approach|first)|probably|perhaps|maybe"
    r"|i(?:['’]d| would| think| guess| believe| assume| suppose| imagine))\b|[.!;…]\s",  # noqa: RUF001
    re.IGNORECASE,
)
_GIVES_UP = re.compile(
    r"\b(?:never|sorry|next|skip|pass|move on|another (?:one|question)|something else|no (?:idea|clue|experience))\b"
    r"|\b(?:do not|don['’]t|did not|didn['’]t|have not|haven['’]t|can['’]t|cannot) (?:\w+ )?"  # noqa: RUF001
    r"(?:have|know|remember|recall|say|used|worked|answer|think)\b",
    re.IGNORECASE,
)
_ASKS_BACK = re.compile(
    r"(?:^|[.!?,;:…—–-])\s*"  # noqa: RUF001
    rf"(?:and |but ){{0,1}}{_FILLERS}(?:"
    r"what (?:exactly )?do you mean|what does .{1,40}? mean|what was (?:that|the question)|which .{1,30}? do you mean"
    r"|(?:can|could|would|will) you (?:please |maybe |kindly )?"
    r"(?:repeat|rephrase|clarify|explain|elaborate|reword|give|tell me|say)\b"
    rf"|(?:i )?{_NOT} (?:really |quite |fully )?(?:understand|get|follow)"
    r"(?=\W*$|[.,!?;]| (?:the|your|this|that) (?:question|task|problem)| (?:you|it|this|that|what you)\b)"
    rf"|(?:{_AM} not sure|i {_NOT} (?:really )?know) (?:what you|(?:that |if )?i (?:understand|understood|got))"
    r"|say (?:that|it) again|(?:please )?repeat (?:that|it|the question)|come again"
    r")",
    re.IGNORECASE,
)
_QUESTION_MARKS = "?？؟"  # noqa: RUF001
_SENTENCE_END = re.compile(r"[.!]\s|[。！]")  # noqa: RUF001
_TENTATIVE = re.compile(
    r"\W*(?:maybe|perhaps|probably|something|an?|the|by|with|using|we|it|my|i(?:['’]d|['’]ve)?)\b",  # noqa: RUF001
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Reading:
    """What kind of answer it is, and the candidate's own words that a follow-up can take up."""

    kind: AnswerKind
    answer: str = ""

    @cached_property
    def claims(self) -> tuple[tuple[Claim, str], ...]:
        """Pieces of the answer, verbatim, with what each claims; looked for when they are asked for."""
        return tuple(claims(self.answer)) if self.kind == "answer" else ()

    @property
    def reason(self) -> str:
        """A sentence for the record."""
        return _REASONS[self.kind]


def read(answer: str) -> Reading:
    """Read an answer. Words are never invented: every claim is a piece of the answer."""
    return Reading(_kind(answer), answer)


def _kind(answer: str) -> AnswerKind:
    words = [match.group() for match in islice(WORD.finditer(answer), _KIND_SHOWS_WITHIN)]
    if not words or _is_mashing(words):
        return "unclear"
    if len(words) < SHORT and (kind := _kind_of_few_words(answer.strip(), words)):
        return kind
    return "other_language" if _in_other_script(words) else "answer"


def _kind_of_few_words(answer: str, words: list[str]) -> AnswerKind | None:
    beginning = answer[:400]  # so few words that take more room are none
    if _WANTS_ANOTHER.match(beginning):
        return "does_not_know"
    if _ASKS_BACK.search(beginning) or _is_one_question(answer):
        return "question_back"
    if _does_not_know(beginning):
        return "does_not_know"
    return "too_short" if _length(words) < MIN_WORDS else None


def _is_mashing(words: list[str]) -> bool:
    """Keys hit at random: most words have no vowels where words have them. Capitals alone are an acronym."""
    if not _MASHED.search(" ".join(words).lower()):
        return False
    odd = [word for word in words if len(word) > 3 and not word.isupper() and _MASHED.search(word.lower())]
    return len(odd) * 2 > len(words)


def _is_one_question(answer: str) -> bool:
    """Whether nothing was said but a question. "A hash map?" is a careful answer."""
    if not answer.endswith(tuple(_QUESTION_MARKS)) or _SENTENCE_END.search(answer):
        return False
    return not _TENTATIVE.match(answer)


def _does_not_know(answer: str) -> bool:
    admitted = _DOES_NOT_KNOW.match(answer)
    return admitted is not None and not _goes_on(answer[admitted.end() :])


def _goes_on(rest: str) -> bool:
    """Whether an attempt follows after it was admitted that something is not known."""
    turns = [*_GOES_ON.finditer(rest)]
    ends = [*(turn.start() for turn in turns[1:]), len(rest)]
    for turn, end in zip(turns, ends, strict=False):
        said = rest[turn.end() : end]
        if len(WORD.findall(said)) >= MIN_WORDS - 1 and not _GIVES_UP.search(said):
            return True
    return False


def _length(words: list[str]) -> int:
    """Different words; where a script has no spaces, two characters are taken for one."""
    spoken = {word.lower() for word in words if _LETTER.search(word)}
    return sum((len(word) + 1) // 2 if _UNSPACED.search(word) else 1 for word in spoken)


def _in_other_script(words: list[str]) -> bool:
    letters = "".join(words[:200])
    return not letters.isascii() and sum(letter > _LAST_LATIN for letter in letters) * 2 > len(letters)
