"""What a single sentence shows, as yes-or-no checks: sturdier than shades of quality."""

from __future__ import annotations

import re

from coach.engines.scripted.lexicon import (
    ADVERBS,
    NO_ACTIONS,
    NOT_PAST,
    NUMBER_WORDS,
    PARTS,
    PAST_ACTIONS,
    PAST_STATES,
    SAME_IN_PAST,
    UNCOUNTED,
    VERBS,
)
from coach.engines.scripted.signs import Mark, marks_in
from coach.text import Sentence, stem
from coach.vocabulary import FUNCTION_WORDS

MIN_WORDS = 4
"""Fewer words make no sentence that could show anything."""
FEW_WORDS = 6
"""Fewer words make one only with two small ones among them."""
_NUMBER = re.compile(r"(?<![\w.])\d[\w.,:]*")
"""A number in digits, but not one within a name or behind a dot."""
_FIRST_PERSON = frozenset({"i", "i'd", "i've"})
_SUBJECTS = _FIRST_PERSON | {"we", "we'd", "he", "she", "they", "it", "who", "which", "that"}
_PAST = PAST_ACTIONS | PAST_STATES
_UNCOUNTED = frozenset((word,) for word in UNCOUNTED)
_NAME = re.compile(r"[A-Z](?:(?<=[\w,;:)'\u2019] .)\w\w|(?<=[A-Za-z].)\w?)")
"""A name, by a capital inside a sentence or inside a word."""


def marks_of(sentence: Sentence, asked: frozenset[str] = frozenset()) -> frozenset[Mark]:
    """All that a sentence shows; what is in the question already (`asked`, stems) is no number of the candidate's."""
    found = marks_in(sentence.words)
    if _counts(sentence, asked):
        found.add(Mark.NUMBER)
    if _names(sentence):
        found.add(Mark.NAMED)
    if acts(sentence):
        found.add(Mark.ACTION)
    if tells_past(sentence):
        found.add(Mark.PAST)
    if Mark.CHANGED in found and Mark.PAST in found:
        found.add(Mark.RESULT)
    return frozenset(found)


def _names(sentence: Sentence) -> bool:
    """Whether it names something; a small word with a capital is the beginning of a sentence and no name."""
    return _has_name(sentence.text) and _has_name(sentence.cleaned)


def _has_name(text: str) -> bool:
    return any(name.group().casefold() not in FUNCTION_WORDS for name in _NAME.finditer(text))


def _counts(sentence: Sentence, asked: frozenset[str]) -> bool:
    """Whether it gives a number of the candidate's own."""
    if any(number.rstrip(".,:") not in asked for number in _NUMBER.findall(sentence.text)):
        return True
    spoken = sentence.words
    return any(
        (word in NUMBER_WORDS or _is_part(spoken, place))
        and not _is_asked(spoken, place, asked)
        and spoken[place + 1 : place + 2] not in _UNCOUNTED
        for place, word in enumerate(spoken)
    )


def _is_part(spoken: tuple[str, ...], place: int) -> bool:
    """Whether it is a part of a whole, as in "a third": by itself the word is an ordinal or a season."""
    return spoken[place] in PARTS and spoken[place - 1 : place] in (("a",), ("one",))


def _is_asked(spoken: tuple[str, ...], place: int, asked: frozenset[str]) -> bool:
    """Whether the number at a place is one of the question's: the number and what is counted are both in it."""
    if stem(spoken[place]) not in asked:
        return False
    following = (word for word in spoken[place + 1 :] if word not in NUMBER_WORDS and word not in FUNCTION_WORDS)
    counted = next(following, "")
    return not counted or stem(counted) in asked


def acts(sentence: Sentence) -> bool:
    """Whether the speaker tells of something that they did: "I" and a verb in the past."""
    if _FIRST_PERSON.isdisjoint(sentence.word_set):
        return False
    spoken = sentence.words
    return any(_is_done(_verb_after(spoken, place), word) for place, word in enumerate(spoken) if word in _FIRST_PERSON)


def tells_past(sentence: Sentence) -> bool:
    """Whether a sentence tells what happened, whoever did it."""
    spoken = sentence.words
    return not _PAST.isdisjoint(sentence.word_set) or any(
        word in _SUBJECTS and _is_past(_verb_after(spoken, place)) for place, word in enumerate(spoken)
    )


def _verb_after(spoken: tuple[str, ...], place: int) -> str:
    for word in spoken[place + 1 : place + 4]:
        if word not in ADVERBS and not word.endswith("ly"):
            return word
    return ""


def _is_done(verb: str, subject: str) -> bool:
    """After "I'd" a verb that is the same in the present is what somebody would do."""
    return verb not in NO_ACTIONS and _is_past(verb) and (subject == "i" or verb not in SAME_IN_PAST)


def _is_past(verb: str) -> bool:
    return verb in PAST_ACTIONS or verb in SAME_IN_PAST or (verb.endswith("ed") and verb not in NOT_PAST)


def is_sentence_like(sentence: Sentence) -> bool:
    """Whether it is built like a sentence, with a verb or enough small words, and is no list of keywords."""
    total = len(sentence.words)
    # A guessed word may have been a small one, or the verb.
    small = sum(word in FUNCTION_WORDS for word in sentence.words) + sentence.guesses
    if total < MIN_WORDS or small * 8 < total or (total < FEW_WORDS and small < 2):
        return False
    return _has_plain_verb(sentence) or (small > 1 and (small * 4 >= total or _ends_as_verb(sentence)))


def _has_plain_verb(sentence: Sentence) -> bool:
    return sentence.guesses > 0 or not VERBS.isdisjoint(sentence.word_set) or not _PAST.isdisjoint(sentence.word_set)


def _ends_as_verb(sentence: Sentence) -> bool:
    return any(word.endswith(("ed", "ing", "ize", "ise", "ify")) for word in sentence.word_set)
