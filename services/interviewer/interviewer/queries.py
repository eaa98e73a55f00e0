"""What to look for in the candidate's documents before a new question. Pure."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator

from contracts.vocabulary.turn import TurnContext
from parley_text.guesses import unveiled

from interviewer import conduct
from interviewer.claims import technologies_in
from interviewer.documents import is_contact, lines_of
from interviewer.engine import Guidance
from interviewer.headings import is_heading
from interviewer.tracing import is_unspaced, plain, stands_in
from interviewer.words import WORD

MAX_WORDS = 20
"""Words of the answer, or of the topic, that are looked for."""
RESUME_LINES = 3
_LINE_WORDS = 10
_RUN = 16
"""Characters of a run without spaces: it is looked for by its pairs."""
_MIN_WORDS = 4
_LONG = 3
_COMMON = frozenset(
    """
    about after again also another because been before being could does doing done first from have into just like made
    make many more most much need only other over really same should since some still such than that their them then
    there these they thing things this those through time very want were what when where which while will with would
    year years your yours
    """.split()
)


def query_for(context: TurnContext, guidance: Guidance) -> str:
    """The keywords of the answer, or, where it says nothing, of the topic; and lines that were not spoken of yet, so
    that what an interview comes back to is not always the same."""
    topic = keywords(f"{(guidance.domain or '').replace('_', ' ')} {context.config.job_role}")
    if context.question.phase in {"welcome", "intro"}:
        words = [*topic, *keywords(unveiled(context.answer))]
    else:
        words = keywords(unveiled(context.answer)) if guidance.reading.kind == "answer" else topic
    return " ".join((*words[:MAX_WORDS], *_unspoken(context)))


def keywords(text: str) -> list[str]:
    """The words by which a text can be found, each once: tools first, then as they come."""
    found: dict[str, str] = {}
    for word in (*technologies_in(text), *_words(text)):
        if word.lower() not in _COMMON:
            found.setdefault(word.lower(), word)
    return list(found.values())


def _words(text: str) -> Iterator[str]:
    for word in WORD.findall(text):
        if is_unspaced(word):
            yield word[:_RUN]
        elif len(word) > _LONG or any(sign.isdigit() for sign in word):
            yield word


def _unspoken(context: TurnContext) -> Iterator[str]:
    """Some words of a few lines of the résumé and of one of the job description, others in each turn."""
    spoken = plain(" ".join(each.text for each in context.transcript if each.role == "interviewer"))
    resume, job = lines_of(context.config.resume_content), lines_of(context.config.job_description)
    turn = context.budget.asked
    begins = [(resume, turn + part * len(resume) // RESUME_LINES) for part in range(RESUME_LINES)]
    for lines, begin in (*begins, (job, turn)):
        for line in itertools.islice(_fresh(lines, begin, spoken), 1):
            yield from _first_words(line)


def _fresh(lines: list[str], begin: int, spoken: str) -> Iterable[str]:
    turned = (lines[(begin + at) % len(lines)].strip() for at in range(len(lines)))
    return (line for line in turned if _says_something(line) and not stands_in(line, spoken))


def _says_something(line: str) -> bool:
    return conduct.count(line) >= _MIN_WORDS and not is_contact(line) and not is_heading(line)


def _first_words(line: str) -> list[str]:
    return list(dict.fromkeys(_words(re.sub(r"\s+", " ", line))))[:_LINE_WORDS]
