"""What a single sentence shows, as yes-or-no checks: sturdier than shades of quality."""

from __future__ import annotations

import re

from coach.minds.scripted.lexicon import ADVERBS, FUNCTION_WORDS, NO_ACTIONS, PAST_ACTIONS, VERBS
from coach.minds.scripted.signs import Mark, marks_in
from coach.minds.scripted.text import Sentence

MIN_WORDS = 5
"""Fewer words make no sentence that could show anything."""
_NUMBER = re.compile(r"\d(?<![\w.]\d)")
"""A number in digits, but not one within a name or behind a dot."""
_NAME = re.compile(r"[A-Z](?:(?<=[\w,;:)'\u2019] .)\w\w|(?<=[A-Za-z].)\w?)")
"""A name, by a capital inside a sentence or inside a word."""


def marks_of(sentence: Sentence) -> frozenset[Mark]:
    """All that a sentence shows."""
    found = marks_in(sentence.words)
    if _NUMBER.search(sentence.text):
        found.add(Mark.NUMBER)
    if _NAME.search(sentence.text):
        found.add(Mark.NAMED)
    if "i" in sentence.word_set and acts(sentence):
        found.add(Mark.ACTION)
    return frozenset(found)


def acts(sentence: Sentence) -> bool:
    """Whether the speaker tells of something that they did: "I" and a verb in the past."""
    spoken = sentence.words
    return any(_is_past(_verb_after(spoken, place)) for place, word in enumerate(spoken) if word == "i")


def _verb_after(spoken: tuple[str, ...], place: int) -> str:
    for word in spoken[place + 1 : place + 4]:
        if word not in ADVERBS and not word.endswith("ly"):
            return word
    return ""


def _is_past(verb: str) -> bool:
    return verb in PAST_ACTIONS or (verb.endswith("ed") and len(verb) > 3 and verb not in NO_ACTIONS)


def is_sentence_like(sentence: Sentence) -> bool:
    """Whether it is built like a sentence, with a verb and the small words, and is no list of keywords."""
    if len(sentence.words) < MIN_WORDS:
        return False
    small = sum(word in FUNCTION_WORDS for word in sentence.words)
    return small >= 2 and small * 6 >= len(sentence.words) and _has_verb(sentence)


def _has_verb(sentence: Sentence) -> bool:
    return not VERBS.isdisjoint(sentence.word_set) or any(
        word in PAST_ACTIONS or word.endswith(("ed", "ing", "ize", "ise", "ify")) for word in sentence.word_set
    )
