"""What a candidate does with the conversation instead of answering: needs a moment, attacks it, repeats it."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterable
from typing import Literal

from parley_text.injection import ANSWER, without
from parley_text.sentences import CLAUSE_MARKS, COMMAS, MARKS, SEMICOLONS, sentences

from interviewer import languages
from interviewer.languages import ENGLISH, Language
from interviewer.words import WORD

ENOUGH = 12
"""Words from which on somebody who was asked whether they are ready has simply begun."""
_A_FEW = 16
"""Words up to which a wish about the conversation is all that was said."""
_LEFT_OVER = 8
"""Fewer words than this beside an attempt to steer the interviewer, or a wish for a moment, are no answer."""
_BEFORE_A_QUESTION = 2
"""Words that may stand before one in the same sentence."""
_LITTLE = 4
"""Fewer words than this beside a phrase add nothing to it."""

_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
_DEVANAGARI = re.compile("[\u0900-\u097f]")
_IN_WORD = "[\\w\u0300-\u036f\u0900-\u0963]"
"""What words are written with: signs on letters are no letters to Python."""
_CLAUSE_END = re.compile(f"[{CLAUSE_MARKS}]")
_SENTENCE_END = rf"(?=\s*(?:[{MARKS}{SEMICOLONS}]|[{COMMAS}]?\s*$))"

_NOT_READY = re.compile(r"(?:\bnot\b|n['’]t\b|\bnever\b|\bhardly\b).{0,30}\bready\b", re.IGNORECASE)  # noqa: RUF001
_NO_OBJECTION = re.compile(r"\bno (?:problem|worries|questions?|objections?)\b|\bwhy not\b", re.IGNORECASE)

_ATTACKS = re.compile(
    r"\b(?:fuck|screw) (?:you|off|this)\b|\bshut up\b|\bgo to hell\b|\bleave me alone\b|\bget lost\b|\bpiss off\b"
    r"|\bwaste of (?:my |your |our )?time\b|\bi hate (?:this|you|these|your)\b|\bi['’]?m sick of (?:this|you)\b"  # noqa: RUF001
    r"|\b(?:you['’]?re|you are|your|this is|what an?|such an?"  # noqa: RUF001
    r"|this (?:interview|question|bot|thing|machine)(?: is|['’]s)?)"  # noqa: RUF001
    r"\b.{0,25}\b(?:stupid|idiot\w*|dumb|moron\w*|bullshit|shit\w*|crap|useless|ridiculous|pathetic|garbage|a joke"
    r"|nonsense|rubbish|fucking|damn)\b"
    r"|\b(?:halt die klappe|leck mich|verpiss dich|so ein mist|ta gueule|va te faire|c'est nul|vete a la mierda"
    r"|cállate|esto es una mierda)\b|滚开|闭嘴|废话|बकवास|चुप रहो",
    re.IGNORECASE,
)


def consents(answer: str, language: Language) -> bool | None:
    """Whether somebody who was asked if they are ready said so; None where they said neither."""
    ready, not_ready = _heard("ready", language), _heard("not_ready", language)
    answer = _plain_signs(answer)
    said = _any_of(_agreeing_by_no(ready, not_ready)).sub(" ", _NO_OBJECTION.sub(" ", answer))
    if _NOT_READY.search(said) or _says(not_ready, said):
        return False
    if _says(ready, said) or said.strip() != answer.strip() or count(answer) >= ENOUGH:
        return True
    return None


def begins_to_ask(answer: str, language: Language) -> bool:
    """Whether a sentence of it begins as a question does, whatever it ends with, but for a word or two such as "yes,
    and"; where a language asks in the middle of a sentence, whether it does so anywhere."""
    pattern = _any_of(language.inviting.asking)
    said = _plain_signs(answer)
    if _UNSPACED.search(said) or _DEVANAGARI.search(said):
        return bool(pattern.search(said))
    found = (pattern.search(each) for each in sentences(said))
    return any(len(WORD.findall(each.string[: each.start()])) <= _BEFORE_A_QUESTION for each in found if each)


def says_no(answer: str, language: Language) -> bool:
    """Whether a word that declines is in it, whatever it declines: "no questions"."""
    return _says(_heard("not_ready", language), answer)


def needs_a_moment(answer: str, language: Language) -> bool:
    """Whether the candidate only says that they are thinking."""
    around = remark(_heard("thinking", language), answer)
    return around is not None and sum(map(count, around)) < _LEFT_OVER


def says_any(phrases: tuple[str, ...], answer: str) -> bool:
    """Whether one of the phrases is nearly all that was said, or begins a clause of a short answer."""
    return remark(phrases, answer) is not None


def remark(phrases: tuple[str, ...], answer: str) -> tuple[str, str] | None:
    """What was said before and after such a phrase, if there is one."""
    if count(answer) > _A_FEW:
        return None
    said, pattern = _plain_signs(answer), _any_of(phrases)
    little = count(pattern.sub(" ", said)) < _LITTLE
    for match in pattern.finditer(said):
        before, after = said[: match.start()], said[match.end() :]
        if little or _begins_clause(before):
            return before, after
    return None


def steers(answer: str) -> bool:
    """Whether it speaks to the program that interviews, or that grades, and answers nothing beside."""
    rest = without(answer, ANSWER)
    return rest != answer and count(rest) < _LEFT_OVER


def attacks(answer: str) -> bool:
    """Whether it insults the interviewer or the interview, and answers nothing beside."""
    return bool(_ATTACKS.search(answer)) and count(_ATTACKS.sub(" ", answer)) < _A_FEW


def repeats(answer: str, earlier: Iterable[str]) -> bool:
    """Whether the very same thing was said to an earlier question."""
    same = _plain(answer)
    return len(same.split()) >= 5 and any(_plain(each) == same for each in earlier)


def _plain(text: str) -> str:
    return " ".join(WORD.findall(text)).lower()


def count(text: str) -> int:
    """How many words it has."""
    return sum(map(size, WORD.findall(text)))


def size(word: str) -> int:
    """How many words it stands for: where a script has no spaces, two characters are taken for one."""
    return (len(word) + 1) // 2 if _UNSPACED.search(word) else 1


def _begins_clause(before: str) -> bool:
    """Whether a clause begins after this, but for one word: "well", or "so"."""
    begun = _CLAUSE_END.split(before)[-1]
    return len(WORD.findall(begun)) <= 1 and not _UNSPACED.search(begun)


def _heard(what: Literal["ready", "not_ready", "thinking"], language: Language) -> tuple[str, ...]:
    """The phrases of a language, and the English ones, which are welcome in every interview."""
    own: tuple[str, ...] = getattr(language.heard, what)
    return own if language.language == ENGLISH else own + getattr(languages.language(ENGLISH).heard, what)


@functools.cache
def _agreeing_by_no(ready: tuple[str, ...], not_ready: tuple[str, ...]) -> tuple[str, ...]:
    """What says yes with a word that says no elsewhere: "¿por qué no?"."""
    return tuple(phrase for phrase in ready if _says(not_ready, phrase))


def _says(phrases: tuple[str, ...], text: str) -> bool:
    return bool(_any_of(phrases).search(_plain_signs(text)))


def _plain_signs(text: str) -> str:
    """One way of writing what can be written in several."""
    return unicodedata.normalize("NFC", text).replace("’", "'")  # noqa: RUF001


@functools.cache
def _any_of(phrases: tuple[str, ...]) -> re.Pattern[str]:
    """Any of the phrases as whole words. One that ends with a full stop counts at the end of a sentence only."""
    longest_first = sorted(map(_plain_signs, phrases), key=len, reverse=True)
    return re.compile("|".join(map(_pattern, longest_first)) or "(?!)", re.IGNORECASE)


def _pattern(phrase: str) -> str:
    words = phrase.removesuffix(".")
    pattern = re.escape(words).replace(r"\ ", r",?\s+")
    end = _SENTENCE_END if words != phrase else ""
    # Scripts without spaces have no word boundaries to look for; a single sign is in many words, though.
    if _UNSPACED.search(words) and len(words) > 1:
        return pattern + end
    return rf"(?<!{_IN_WORD}){pattern}(?!{_IN_WORD}){end}"
