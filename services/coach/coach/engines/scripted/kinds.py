"""What kind of thing was said, before any of it is judged."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import chain, islice

from contracts.vocabulary.configuration import SessionConfig
from contracts.vocabulary.hearing import SpokenAnswer
from contracts.vocabulary.question import Question
from parley_text.guesses import mostly_guessed, unveiled
from parley_text.sentences import QUESTION_MARKS, STOPS, before_more, last

from coach.engines.scripted import patterns
from coach.engines.scripted.heard import Heard
from coach.phrases import Phrases, phrases
from coach.text import Sentence, words
from coach.vocabulary import FUNCTION_WORDS, OTHER_LANGUAGES, PROFANITY

MIN_WORDS = 8
MIN_STEMS = 4
"""Fewer words with a meaning of their own give no evidence to judge."""
MIN_CHARACTERS = 12
"""Where no spaces part words."""
UNSPACED = "\u2e7f"
"""Past this lie the scripts of Chinese and Japanese."""
SHORT = 30
"""Words up to which "I don't know" or "can you repeat that" is all that was said."""
_MAX_WORDS_LOOKED_AT = 400
A_SENTENCE = 15
FEW_LINES = 2
"""More lines of code than these, and more than half of all lines, are code alone."""
_GOES_ON = re.compile(before_more(STOPS))
_PROPOSES = re.compile(r"\bi(?: would|'d)\b")
_VOWELS = frozenset("aeiouy")


def not_judged(question: Question, config: SessionConfig, answer: str) -> str | None:
    """Why a turn is not judged, in a sentence of the interview's language; None when it is."""
    say = phrases(config.language)
    if config.mode == "practice":
        return say("practice")
    if question.phase == "welcome":
        return say("welcome")
    if question.kind in ("notice", "closing"):
        return say("no_answer")
    if _asks_back(answer):
        return say("asked_back")
    return None


def not_heard(answer: str, spoken: SpokenAnswer | None, say: Phrases) -> str | None:
    """Why an answer is asked about instead of judged, where little of it was understood for certain."""
    return say("unsure") if mostly_guessed(answer, spoken) else None


def unjudgeable(answer: str, parts: list[Sentence], question: Question, say: Phrases) -> str | None:
    """Why an answer holds nothing that could be judged, and what would make it so; None when it may."""
    spoken = tuple(islice(chain.from_iterable(each.words for each in parts), _MAX_WORDS_LOOKED_AT))
    if not spoken:
        return say("no_words")
    if not in_another_language(answer, spoken) and is_gibberish(spoken):
        return say("gibberish", words=opening(answer))
    if len(spoken) <= SHORT:
        return _declined(answer, spoken, question, say)
    return None


def in_another_language(answer: str, spoken: tuple[str, ...]) -> bool:
    """Whether somebody who knows nothing but English could not read it; `spoken` are its words in lower case."""
    return _in_other_script(answer) or _in_other_language(spoken)


def language_of(answer: str, expected: str) -> str:
    """The language of an answer, as a two-letter code: English, or else the one that the interview is in; empty where
    it is neither."""
    code = expected.replace("_", "-").split("-", 1)[0].lower()
    spoken = words(answer)
    if code == "en":
        return "" if in_another_language(answer, spoken) else "en"
    # An answer in the language of the interview is nothing odd: here it is English that has to show.
    return "en" if not _in_other_script(answer) and _is_english(spoken) else code


def too_little(answer: str, heard: Heard, question: Question, say: Phrases) -> str | None:
    """Why what remains of an answer is too little evidence, and what would be enough; None when it is not."""
    if _is_code(answer):
        return say("code")
    guesses = sum(each.guesses for each in heard.sentences)
    unspaced = any(each.isalpha() and each > UNSPACED for each in answer[:400])
    enough = MIN_CHARACTERS if unspaced else MIN_WORDS
    said = sum(map(str.isalpha, answer)) if unspaced else len(heard.words) + guesses
    if heard.sentences and said >= enough and (unspaced or len(heard.content) + guesses >= MIN_STEMS):
        return None
    return f"{_what_there_was(answer, heard, say)} {say(_what_to_add(question))}"


def _is_code(answer: str) -> bool:
    """Whether there is code and nothing said about it."""
    lines = sum(1 for line in islice(answer.splitlines(), _MAX_WORDS_LOOKED_AT) if patterns.CODE.search(line))
    written = sum(bool(line.strip()) for line in islice(answer.splitlines(), _MAX_WORDS_LOOKED_AT))
    return lines > FEW_LINES and lines * 2 > written


def opening(answer: str, limit: int = 60) -> str:
    """The first words of an answer, on one line; dots say where it was cut, or was hardly understood."""
    line = " ".join(unveiled(answer[: limit * 4], "…").split())
    return line if len(line) <= limit else line[:limit].rsplit(" ", 1)[0] + " …"


def _what_there_was(answer: str, heard: Heard, say: Phrases) -> str:
    if heard.retractions:
        return say("took_back")
    if heard.appeals and not heard.sentences:
        return say("for_the_grader")
    if heard.lists and not heard.sentences:
        return say("keywords")
    return say("repeated" if heard.repeats else "short", words=opening(answer))


def _what_to_add(question: Question) -> str:
    if question.phase == "technical":
        return "add_technical"
    return "add_introduction" if question.phase in ("welcome", "intro") else "add_case"


def _asks_back(answer: str) -> bool:
    folded = " ".join(answer[:1000].casefold().replace("’", "'").split())
    count = len(folded.split())
    if not count or count > SHORT:
        return False
    asking = patterns.ASKS_BACK.search(folded if count <= A_SENTENCE else last(folded))
    return _is_one_question(folded, count) or (asking is not None and ("?" in folded or count <= A_SENTENCE))


def _is_one_question(folded: str, count: int) -> bool:
    """Whether nothing was said but a question; "I would use a cache, okay?" is an answer."""
    if not folded.endswith(tuple(QUESTION_MARKS)) or _GOES_ON.search(folded):
        return False
    return count <= 20 and not _PROPOSES.search(folded)


def _declined(answer: str, spoken: tuple[str, ...], question: Question, say: Phrases) -> str | None:
    folded = answer.casefold().replace("’", "'").strip()
    if patterns.REFUSAL.search(folded) or len(PROFANITY.intersection(spoken)) * 8 > len(spoken):
        return say("refused", words=opening(answer), advice=say(_what_to_add(question)))
    if patterns.CANNOT_SAY.search(folded) and len(spoken) <= SHORT and not _goes_on(folded):
        return say("honest", words=opening(answer))
    return None


def _goes_on(folded: str) -> bool:
    """Whether an admission of not knowing is followed by an attempt."""
    return any(turn in folded for turn in (" but ", " however", "i would", "i'd ", "my guess", "i believe", "although"))


def _in_other_script(answer: str) -> bool:
    if answer.isascii():
        return False
    letters = [letter for letter in answer[:4000] if letter.isalpha()]
    # Past the last Latin letter with a diacritic lie Greek, Cyrillic and all the others.
    return sum(letter > "\u024f" for letter in letters) * 5 > len(letters) * 2


def _in_other_language(spoken: tuple[str, ...]) -> bool:
    english = sum(word in FUNCTION_WORDS for word in spoken)
    other = sum(word in OTHER_LANGUAGES and word not in FUNCTION_WORDS for word in spoken)
    return len(spoken) >= 4 and other * 6 > len(spoken) and other > english


def _is_english(spoken: tuple[str, ...]) -> bool:
    english = sum(word in FUNCTION_WORDS and word not in OTHER_LANGUAGES for word in spoken)
    other = sum(word in OTHER_LANGUAGES and word not in FUNCTION_WORDS for word in spoken)
    return english * 6 > len(spoken) and english > other


def is_gibberish(spoken: tuple[str, ...]) -> bool:
    """Whether most of it is mashed keys, or one word over and over."""
    if len(spoken) >= 5 and len(set(spoken)) <= 2:
        return True
    small = sum(word in FUNCTION_WORDS for word in spoken)
    return small * 4 < len(spoken) and sum(map(_is_mashed, spoken)) * 5 >= len(spoken) * 2


@lru_cache(maxsize=5000)
def _is_mashed(word: str) -> bool:
    if len(word) < 4 or not word.isascii():
        return False
    vowels = sum(letter in _VOWELS for letter in word)
    return bool(patterns.MASHING.search(word)) or (word.isalpha() and vowels * 6 < len(word))
