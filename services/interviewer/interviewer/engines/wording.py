"""Putting words together: names inside sentences, quotation marks, and a question without what was said around it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from contracts.vocabulary.question import Question
from parley_text.questions import asked_in, question_of
from parley_text.sentences import COLONS, COMMAS, QUESTION_MARKS, SEMICOLONS, spans

from interviewer import conduct
from interviewer.languages import Language, languages

# Nobody's name may add a question of its own, or a line, to what the interviewer says.
_NOT_IN_A_NAME = re.compile(rf"[{QUESTION_MARKS}\s\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]+")
_CLAUSE = re.compile(rf"(?<=[{COMMAS}{SEMICOLONS}{COLONS}])\s*")
_A_PIECE = 12
"""Words that are easily taken in at once; half as many make a piece of their own."""
_NO_NAMES = frozenset({"", "general role", "role", "position", "job"})


def name(written: str) -> str:
    """A name as it can be spoken of inside a sentence."""
    return _NOT_IN_A_NAME.sub(" ", written).strip(" .,;:!")


def role(written: str, language: Language) -> str:
    """The name of a job; a word that fits every sentence where none was given."""
    found = name(written)
    return language.no_role if found.lower() in _NO_NAMES else found


def quoted(claim: str) -> str:
    """Somebody's words inside a sentence of ours."""
    return f"'{claim}'" if '"' in claim else f'"{claim}"'


def lower_first(text: str) -> str:
    """A sentence as the rest of another one; names and "I" keep their capital."""
    first = text.split(" ", 1)[0]
    return text if first in {"I", "I'm"} or first.isupper() else text[0].lower() + text[1:]


def before_last_sentence(text: str, inserted: str) -> str:
    """The text with a sentence put in before its last one."""
    question = question_of(text)
    greeting = text[: len(text) - len(question)].rstrip()
    return f"{greeting} {inserted} {question}" if greeting else f"{inserted} {question}"


def bare(question: Question, language: Language) -> str:
    """The question itself, without what was said around it."""
    text = question.text.replace("\n", " ")
    # After another language was asked for, what stands before it may be in the one before.
    for found in filter(None, (each.remarks.before.match(text) for each in languages())):
        text = text[found.end() :]
    return asked_in(without_openers(text, language), question.phase)


def in_pieces(text: str) -> str:
    """A text in short lines: a sentence each, and one or two clauses each where a sentence is long."""
    sentences = (text[start:end].strip() for start, end in spans(text))
    return "\n".join(piece for sentence in sentences for piece in _pieces(sentence))


def _pieces(sentence: str) -> Iterator[str]:
    if conduct.count(sentence) <= _A_PIECE:
        yield sentence
        return
    begun = ""
    for clause in _CLAUSE.split(sentence):
        begun = f"{begun} {clause}".strip()
        if conduct.count(begun) * 2 >= _A_PIECE:
            yield begun
            begun = ""
    if begun:
        yield begun


def without_openers(text: str, language: Language) -> str:
    """A text without the stock words before it."""
    while opener := next((each for each in language.openers if text.startswith(each)), ""):
        text = text[len(opener) :]
    return text
