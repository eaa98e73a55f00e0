"""Putting words together: names inside sentences, quotation marks, and a question without what was said around it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from contracts.vocabulary.question import Question
from parley_text.questions import asked_in, question_of
from parley_text.sentences import COLONS, COMMAS, QUESTION_MARKS, SEMICOLONS, spans

from interviewer import conduct
from interviewer.languages import ENGLISH, Addressed, Language, languages
from interviewer.planning import names_a_job
from interviewer.telling import Telling
from interviewer.tracing import is_unspaced

# Nobody's name may add a question of its own, or a line, to what the interviewer says.
_NOT_IN_A_NAME = re.compile(rf"[{QUESTION_MARKS}\s\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]+")
_HAS_ARTICLE = re.compile(r"(?:an?|the|our|head of|chief)\b", re.IGNORECASE)
_VOWEL = re.compile(
    r"(?!(?-i:U[A-Z]))(?:[aeio]|un[^i]|u[^ns]|hour|hono|(?-i:[FHLMNRSX](?=[A-Z\d]|\b)))(?!ne\b|uro)", re.IGNORECASE
)
_FIELD = re.compile(r"\\\{(\w+)\\\}")
_FIELD_NAMES = re.compile(r"\{(\w+)\}")
_ASIDE = re.compile(r"(?: \([^)]*\)|, (?:if any|for example|in your opinion|say|that is),?)", re.IGNORECASE)
_ASKS = re.compile(
    r"(?<=[,;:.] )(?:and )?(?:how|what|which|why|when|where|who|whom)\b(?! (?:is|are|was|were|has|have) \w+ing)",
    re.IGNORECASE,
)
_DEVANAGARI = re.compile("[\u0900-\u097f]")
_CLAUSE = re.compile(rf"(?<=[{COMMAS}{SEMICOLONS}{COLONS}])\s*")
_A_PIECE = 12
"""Words that are easily taken in at once; half as many make a piece of their own."""


def name(written: str) -> str:
    """A name as it can be spoken of inside a sentence."""
    return _NOT_IN_A_NAME.sub(" ", written).strip(" .,;:!")


def role(written: str, language: Language) -> str:
    """The name of a job; a word that fits every sentence where none was given."""
    found = name(written)
    return found if names_a_job(found) else language.no_role


def a_role(written: str, language: Language) -> str:
    """The same, with its article where the language wants one: "a data scientist", "an electrician"."""
    found = role(written, language)
    if language.language != ENGLISH or _HAS_ARTICLE.match(found):
        return found
    return f"{'an' if _VOWEL.match(found) else 'a'} {found}"


def in_other_words(question: str, templates: Sequence[str]) -> Iterator[str]:
    """The question with its end as each of the other templates has it, if one of them is its end."""
    for used in templates:
        pattern = _FIELD.sub(r"(?P<\1>.+?)", re.escape(used))
        if found := re.search(rf"(?<!\w){pattern}$", question):
            for other in templates:
                if other != used and set(_FIELD_NAMES.findall(other)) <= set(found.groupdict()):
                    yield question[: found.start()] + other.format(**found.groupdict())
            return


def refilled(
    text: str, theirs: Sequence[str], ours: Sequence[str], given: Mapping[str, Mapping[str, str]]
) -> tuple[str, str] | None:
    """The end of a text that one of their templates makes, as ours of the same place has it, behind what stands before
    it; None where none of them does. `given` has, by field, what is put in place of what was said."""
    for at, template in enumerate(theirs):
        pattern = _FIELD.sub(r"(?P<\1>.+?)", re.escape(template))
        found = re.search(rf"(?<!\w){pattern}$", text)
        if found is None:
            continue
        values = {name: _instead(said, given.get(name)) for name, said in found.groupdict().items()}
        fitting = [each for each in ours if set(_FIELD_NAMES.findall(each)) <= set(values)]
        if fitting:
            same = ours[at] if at < len(ours) and ours[at] in fitting else fitting[0]
            return text[: found.start()], same.format(**values)
    return None


def _instead(said: str, given: Mapping[str, str] | None) -> str:
    return said if given is None else given.get(said, given.get("", said))


def simplified(question: str) -> str:
    """A question in shorter sentences: what comes before it in sentences of its own, and no asides."""
    scene, asked = _parted(_ASIDE.sub("", question))
    return f"{scene} {asked}".strip()


def _parted(question: str) -> tuple[str, str]:
    """The scene of a question and the question itself, parted where a clause begins that asks."""
    found = _ASKS.search(question)
    if found is None or found.start() == 0:
        return "", question
    scene = question[: found.start()].rstrip(" ,;:")
    asked = question[found.start() :].lstrip(" ,;")
    return (scene if scene.endswith((".", "!", "…")) else f"{scene}."), upper_first(asked)


def said(sentence: str) -> str:
    """A whole sentence of somebody else's inside ours, with its full stop."""
    stop = "。" if is_unspaced(sentence) else "।" if _DEVANAGARI.search(sentence) else "."
    return quoted(f"{sentence}{stop}")


def taken_up(found: Telling, question: str, quoting: str, addressed: Addressed) -> str:
    """What the candidate said, and a question about it."""
    words, asked = (
        addressed.taking_up,
        question.format(moved=getattr(addressed.taking_up.moved, found.direction), tool=found.tool),
    )
    if found.against:
        both = words.in_resume if found.in_resume else words.earlier
        return f"{both.format(earlier=said(found.against), claim=said(found.words))} {asked}"
    return f"{quoting.format(claim=said(found.words))} {asked}"


def quoted(claim: str) -> str:
    """Somebody's words inside a sentence of ours."""
    return f"'{claim}'" if '"' in claim else f'"{claim}"'


def lower_first(text: str) -> str:
    """A sentence as the rest of another one; names and "I" keep their capital."""
    first = text.split(" ", 1)[0]
    return text if first in {"I", "I'm"} or first.isupper() else text[0].lower() + text[1:]


def upper_first(text: str) -> str:
    """What was the rest of a sentence as one of its own."""
    return text[:1].upper() + text[1:]


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
    text = without_openers(text)
    for other in (each for each in languages() if each is not language):
        for opener in (each.split("{question}")[0] for each in other.building_on):
            if text.startswith(opener):
                text = upper_first(text[len(opener) :])
    return asked_in(text, question.phase)


def in_pieces(text: str) -> str:
    """A text in short lines: a sentence each, and one or two clauses each where a sentence is long."""
    sentences = (text[start:end].strip() for start, end in spans(text))
    return "\n".join(piece for sentence in sentences for piece in _pieces(sentence))


def clauses(sentence: str) -> list[str]:
    """Its parts between commas and the like."""
    return _CLAUSE.split(sentence)


def _pieces(sentence: str) -> Iterator[str]:
    if conduct.count(sentence) <= _A_PIECE:
        yield sentence
        return
    begun = ""
    for clause in clauses(sentence):
        begun = f"{begun} {clause}".strip()
        if conduct.count(begun) * 2 >= _A_PIECE:
            yield begun
            begun = ""
    if begun:
        yield begun


def without_openers(text: str) -> str:
    """A text without the stock words before it, in whatever language they are."""
    while opener := next((each for known in languages() for each in known.openers if text.startswith(each)), ""):
        text = text[len(opener) :]
    return text
