"""How an answer reads, before anyone judges it: is it an answer at all, and what in it is worth taking up?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Literal

from interviewer.technologies import AFTER_A_USE, AMBIGUOUS, CLEAR_USES, KNOWN, PHRASES, USES

AnswerKind = Literal["answer", "too_short", "does_not_know", "question_back", "unclear", "other_language"]
Claim = Literal["number", "technology", "ownership"]

MIN_WORDS = 4
SHORT = 25
"""Words up to which "I don't know" or "what do you mean" can be all that was said."""
MAX_CLAIM = 70
_KIND_SHOWS_WITHIN = 100
"""Words after which what kind of answer it is has become clear."""
_MAX_TECHNOLOGIES = 3

_REASONS: dict[AnswerKind, str] = {
    "answer": "The answer gives something to work with.",
    "too_short": "The answer is too short to work with.",
    "does_not_know": "The candidate does not know; a different question is fairer.",
    "question_back": "The candidate asked back.",
    "unclear": "The answer could not be understood.",
    "other_language": "The answer is in another language than the question.",
}

# Signs that Python does not count as letters, though words are written with them.
_MARKS = "\u0300-\u036f\u064b-\u065f\u0900-\u0963\u0966-\u0dff\u0e31-\u0e4e"
_RUN = rf"[^\W_][\w{_MARKS}]*+"
_WORD = re.compile(rf"{_RUN}(?:['’.+#-]{_RUN})*+[+#]*+")  # noqa: RUF001 (typographic apostrophes are common)
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

_COUNT = r"\d{1,12}(?:[.,]\d{1,12}){0,4}"
_NUMBER = re.compile(
    rf"(?<![\w.,])[$€£]?(?:{_COUNT}\s?[-–]\s?)?{_COUNT}"  # noqa: RUF001
    r"(?:\s?(?P<telling>%|percent\b|ms\b|milliseconds?\b|x\b"
    r"|(?:(?:[km]|thousand|million|billion) )?(?:requests|queries|transactions|events|messages|rows)"
    r"(?: (?:per|a) (?:second|minute|hour|day))?\b"
    r"|(?:[km]|thousand|million|billion)\b(?: (?:users|customers|people)\b)?)"
    r"|\s?(?:seconds?|minutes?|hours?|days?|weeks?|months?|years?|users|customers|people|engineers|times)\b)",
    re.IGNORECASE,
)
_CHANGE = re.compile(
    r"\b(?:reduc|cut|sav|improv|increas|rais|gr[eo]w|shr[aiu]nk|drop|fell|lower|decreas|sped|speed|faster|shorten"
    r"|scal|halv|doubl|tripl|went (?:up|down|from))",
    re.IGNORECASE,
)
_CHANGE_WITHIN = 70

# A full stop inside a word ("Node.js") does not end a clause; marks of a question and of direction must never get
# into the interviewer's own words.
_IN_CLAUSE = r"(?:[^.!?;。！？؟；\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]|\.(?=\w))"  # noqa: RUF001
_OWNERSHIP = re.compile(
    r"(?<!\b[iI]f )\b[iI](?:['’]ve| have| had)?(?: also| then| personally| myself)? "  # noqa: RUF001
    r"(?:led|built|designed|wrote|created|introduced|migrated|reduced|fixed|proposed|owned|launched|automated"
    r"|refactored|optimi[sz]ed|implemented|decided|negotiated|mentored|organi[sz]ed|rewrote|moved|replaced|added"
    rf"|convinced|coordinated|planned|ran|set up)\b{_IN_CLAUSE}{{3,80}}",
)
_CLAUSE_END = re.compile(
    r",? (?:and|but|because|so|which|that|where|while|then|when|after|before|since|by|to|for|from|with|in|on|at) |, "
)
# What comes after a comma is left out: always another clause, and anything else when there is enough before it.
_NEXT_CLAUSE = re.compile(
    r", (?:and|but|because|so|which|who|where|while|when|then|as|since|we|it|i|they|he|she|this|that|people)\b"
    rf"|(?<=.{{{MAX_CLAIM // 3}}}), ",
    re.IGNORECASE,
)
_DANGLING = frozenset(
    "a an and are as at be because but by can could e.g every for from had has have he i i.e if in into is its my"
    " no not of on or our over she should so some than that the their then these they this those to under using very"
    " via was we were when where which while who whose will with would you your".split()
)
_CLOSED_BY = {"(": ")", "[": "]", "{": "}", "“": "”", "„": "“", "«": "»", '"': '"', "`": "`"}
_CLOSING = frozenset(_CLOSED_BY.values()) - frozenset(_CLOSED_BY)
_OF_INTEREST = KNOWN | AMBIGUOUS | {phrase.split(" ")[0] for phrase in PHRASES}
_COMPOUND_OR_CAPITALS = re.compile(r"[-.'’A-Z]")  # noqa: RUF001
_JOINT = re.compile(r"[-.'’]")  # noqa: RUF001
_PRODUCT_SPELLING = re.compile(r"[A-Z][a-z]+[A-Z][A-Za-z]*|[A-Za-z]+(?:SQL|DB|MQ|JS)")


@dataclass(frozen=True)
class Reading:
    """What kind of answer it is, and the candidate's own words that a follow-up can take up."""

    kind: AnswerKind
    answer: str = ""

    @cached_property
    def claims(self) -> tuple[tuple[Claim, str], ...]:
        """Pieces of the answer, verbatim, with what each claims; looked for when they are asked for."""
        return tuple(_claims(self.answer)) if self.kind == "answer" else ()

    @property
    def reason(self) -> str:
        """A sentence for the record."""
        return _REASONS[self.kind]


def read(answer: str) -> Reading:
    """Read an answer. Words are never invented: every claim is a piece of the answer."""
    return Reading(_kind(answer), answer)


def words_of(text: str) -> frozenset[str]:
    """The words of a text, in lower case."""
    return frozenset(match.group().lower() for match in _WORD.finditer(text))


def _kind(answer: str) -> AnswerKind:
    words = [match.group() for match in islice(_WORD.finditer(answer), _KIND_SHOWS_WITHIN)]
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
        if len(_WORD.findall(said)) >= MIN_WORDS - 1 and not _GIVES_UP.search(said):
            return True
    return False


def _length(words: list[str]) -> int:
    """Different words; where a script has no spaces, two characters are taken for one."""
    spoken = {word.lower() for word in words if _LETTER.search(word)}
    return sum((len(word) + 1) // 2 if _UNSPACED.search(word) else 1 for word in spoken)


def _in_other_script(words: list[str]) -> bool:
    letters = "".join(words[:200])
    return not letters.isascii() and sum(letter > _LAST_LATIN for letter in letters) * 2 > len(letters)


def _claims(answer: str) -> Iterator[tuple[Claim, str]]:
    if owned := next(filter(None, map(_clip, islice(_OWNERSHIP.findall(answer), 5))), None):
        yield "ownership", owned
    if number := next(filter(None, (_telling(answer, match) for match in _NUMBER.finditer(answer))), None):
        yield "number", number
    for name in islice(dict.fromkeys(_technologies(answer)), _MAX_TECHNOLOGIES):
        yield "technology", name


def _telling(answer: str, match: re.Match[str]) -> str | None:
    """The number, if one can ask how it came about: ten years of experience were not measured."""
    number = match.group()
    if match["telling"] and not number.startswith("100%"):
        return number
    before = answer[max(0, match.start() - _CHANGE_WITHIN) : match.start()]
    return number if _CHANGE.search(before) else None


def _technologies(answer: str) -> Iterator[str]:
    words = [*_WORD.finditer(answer)]
    taken_to = 0
    for at, match in enumerate(words):
        word = match.group()
        # Most words are none of these, and nothing more is looked at.
        if word.lower() not in _OF_INTEREST and not _COMPOUND_OR_CAPITALS.search(word, 1):
            continue
        if match.start() < taken_to:
            continue
        span = _two_words(words[at : at + 2])
        name = answer[slice(*span)] if span else _technology(answer, words[at - 1] if at else None, match)
        if name:
            taken_to = match.start() + len(name)
            yield name


def _two_words(words: list[re.Match[str]]) -> tuple[int, int] | None:
    """Where two words stand that are the name of a technology together."""
    apart = words[-1].start() - words[0].end()
    if apart == 1 and " ".join(word.group().lower() for word in words) in PHRASES:
        return words[0].start(), words[-1].end()
    return None


def _technology(answer: str, before: re.Match[str] | None, match: re.Match[str]) -> str | None:
    """The name of a technology in a word: "Kafka" in "Kafka's" and in "Kafka-based"."""
    gap = answer[before.end() : match.start()] if before else ""
    previous = before.group().lower() if before and gap == " " else ""
    inside = bool(previous) or gap.strip() in {",", "/", "("}
    for name in (match.group(), _JOINT.split(match.group(), maxsplit=1)[0]):
        low = name.lower()
        if low in KNOWN or (low in AMBIGUOUS and inside and name.istitle()):
            return name
        if low in AFTER_A_USE and previous in USES:
            return name
    unknown = previous in CLEAR_USES and _PRODUCT_SPELLING.fullmatch(match.group())
    return match.group() if unknown else None


def _clip(words: str) -> str | None:
    """The beginning of the candidate's words that stands on its own inside a sentence, if there is one."""
    if len(words) > MAX_CLAIM:
        ends = [match.start() for match in _CLAUSE_END.finditer(words)]
        good = [end for end in ends if MAX_CLAIM // 3 <= end <= MAX_CLAIM]
        words = words[: good[-1]] if good else words[: MAX_CLAIM + 1].rsplit(" ", 1)[0][:MAX_CLAIM]
    comma = _NEXT_CLAUSE.search(words)
    words = _tidy(words[: comma.start()] if comma else words)
    return words if words.count(" ") + 1 >= MIN_WORDS else None


def _tidy(words: str) -> str:
    """Without what hangs over at the end: an open quote or bracket, a comma, a conjunction."""
    while True:
        shorter = _balanced(words).rstrip(" \u00a0,:/&*<=_~|\\'‘’-–—")  # noqa: RUF001
        last = shorter.rsplit(" ", 1)[-1]
        if last.lower().lstrip("(") in _DANGLING:
            shorter = shorter[: -len(last)]
        if shorter == words:
            return words
        words = shorter


def _balanced(words: str) -> str:
    """Cut before the first quote or bracket that has no partner."""
    open_marks: list[tuple[str, int]] = []
    for at, mark in enumerate(words):
        if open_marks and mark == open_marks[-1][0]:
            open_marks.pop()
        elif mark in _CLOSED_BY:
            open_marks.append((_CLOSED_BY[mark], at))
        elif mark in _CLOSING:
            return words[: open_marks[0][1] if open_marks else at]
    return words[: open_marks[0][1]] if open_marks else words
