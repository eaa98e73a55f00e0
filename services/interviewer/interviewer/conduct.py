"""What a candidate does with the conversation instead of answering: ends it, needs a moment, attacks it, leaves it."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable

from contracts.interview import Question

from interviewer.languages import Language
from interviewer.words import WORD, words_of

ENOUGH = 12
"""Words from which on somebody who was asked whether they are ready has simply begun."""
_A_FEW = 16
"""Words up to which a wish about the conversation is all that was said."""
_LEFT_OVER = 8
"""Fewer words than this beside an attempt to steer the interviewer are no answer."""

_NOT_READY = re.compile(r"(?:\bnot\b|n['’]t\b|\bnever\b|\bhardly\b).{0,30}\bready\b", re.IGNORECASE)  # noqa: RUF001
_NO_OBJECTION = re.compile(r"\bno (?:problem|worries|questions?|objections?)\b|\bwhy not\b", re.IGNORECASE)

_SENTENCE = re.compile(r"[^.!?\n。！？]+[.!?\n。！？]*")  # noqa: RUF001
_STEERS = re.compile(
    r"\b(?:ignore|disregard|forget|override|bypass)\b.{0,40}\b(?:instructions?|rules|prompts?|guidelines|directions)\b"
    r"|\byou are (?:now|no longer)\b|\byour (?:system )?prompt\b"
    r"|^\W*(?:system|developer|admin)\s+(?:prompt|message|mode|override)\b"
    r"|^\s*(?:system|assistant|developer)\s*:|<\|?/?(?:system|assistant|im_start|im_end)|\[/?inst\]"
    r"|\b(?:reveal|show|tell|print|repeat|give|list)\b.{0,30}"
    r"\b(?:your (?:instructions?|prompt|rules)|expected (?:answer|points)|model answer|answer key|rubric)\b"
    r"|\b(?:give|award|assign|rate|score|mark|grade)\b (?:me|this|my answer|it|us)\b.{0,50}"
    r"\b(?:full (?:marks|score|points)|10|ten|100|perfect|highest|maximum|top|best)\b"
    r"|\b(?:ignorier\w*|ignora|ignore[zr]?)\b.{0,40}\b(?:anweisung\w*|instrucciones|instructions?|consignes)\b"
    r"|忽略.{0,12}(?:指令|指示|说明)|निर्देश.{0,20}अनदेखा",
    re.IGNORECASE,
)
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

_PRIVATE_LIFE = frozenset(
    """
    weather rain sunny football soccer basketball cricket goal match pizza pasta burger recipe cake cooking cat cats dog
    dogs kitten puppy movie movies film netflix series holiday holidays vacation beach sofa couch girlfriend boyfriend
    birthday party concert guitar song songs lottery horoscope celebrity dinner lunch breakfast sandwich garden flowers
    """.split()
)
_AT_WORK = frozenset(
    """
    work worked working team teams project projects customer customers client clients user users code system systems
    data company job role problem problems build built test tests manager colleague colleagues deadline budget product
    service process plan meeting design report student students patient patients sales market release bug app website
    experience result results goal goals measure decision decided responsible responsibility
    """.split()
)


def consents(answer: str, language: Language) -> bool | None:
    """Whether somebody who was asked if they are ready said so; None where they said neither."""
    said = _NO_OBJECTION.sub(" ", answer)
    if _NOT_READY.search(said) or _says(language.heard.not_ready, said):
        return False
    if _says(language.heard.ready, said) or said.strip() != answer.strip() or _count(answer) >= ENOUGH:
        return True
    return None


def wants_to_stop(answer: str, language: Language) -> bool:
    """Whether the candidate asks to end the interview, and says little else."""
    return _count(answer) <= _A_FEW and _says(language.heard.stop, answer)


def needs_a_moment(answer: str, language: Language) -> bool:
    """Whether the candidate only says that they are thinking."""
    return _count(answer) <= _A_FEW and _says(language.heard.thinking, answer)


def says_any(phrases: tuple[str, ...], answer: str) -> bool:
    """Whether one of the phrases is nearly all that was said."""
    return _count(answer) <= _A_FEW and _says(phrases, answer)


def steers(answer: str) -> bool:
    """Whether it speaks to the program that interviews, or that grades, and answers nothing beside."""
    if not _STEERS.search(answer):
        return False
    rest = (match.group() for match in _SENTENCE.finditer(answer) if not _STEERS.search(match.group()))
    return sum(map(_count, rest)) < _LEFT_OVER


def attacks(answer: str) -> bool:
    """Whether it insults the interviewer or the interview, and answers nothing beside."""
    return bool(_ATTACKS.search(answer)) and _count(_ATTACKS.sub(" ", answer)) < _A_FEW


def leaves_the_subject(answer: str, question: Question) -> bool:
    """Whether it tells of private life and says nothing that touches work or the question. Only a plain case counts: a
    good answer in unusual words must never be taken for one."""
    if question.kind not in {"question", "follow_up"}:
        return False
    said = words_of(answer)
    if len(said & _PRIVATE_LIFE) < 2 or said & _AT_WORK:
        return False
    cues = (cue for each in question.expects for cue in each.cues)
    return not any(cue in answer.lower() for cue in cues)


def repeats(answer: str, earlier: Iterable[str]) -> bool:
    """Whether the very same thing was said to an earlier question."""
    same = _plain(answer)
    return len(same.split()) >= 5 and any(_plain(each) == same for each in earlier)


def _plain(text: str) -> str:
    return " ".join(match.group().lower() for match in WORD.finditer(text))


def _count(text: str) -> int:
    return len(WORD.findall(text))


def _says(phrases: tuple[str, ...], text: str) -> bool:
    return bool(_any_of(phrases).search(text.replace("’", "'")))  # noqa: RUF001


@functools.cache
def _any_of(phrases: tuple[str, ...]) -> re.Pattern[str]:
    # Scripts without spaces have no word boundaries to look for.
    spaced = [re.escape(phrase) for phrase in phrases if phrase.isascii() or not _unspaced(phrase)]
    others = [re.escape(phrase) for phrase in phrases if not phrase.isascii() and _unspaced(phrase)]
    patterns = [rf"(?<!\w)(?:{'|'.join(spaced)})(?!\w)"] if spaced else []
    return re.compile("|".join([*patterns, *others]), re.IGNORECASE)


def _unspaced(phrase: str) -> bool:
    return any("\u3040" <= letter <= "\u9fff" for letter in phrase)
