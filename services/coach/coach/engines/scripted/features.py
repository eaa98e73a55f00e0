"""What an estimate of an answer rests on: fifteen numbers, none of which counts how good the language is.

Nothing here looks at grammar, tense, articles, pronouns, connectives or spelling. Length counts up to what a listener
needs, and no further.
"""

from __future__ import annotations

import math
import re

import numpy as np

from coach.engines.scripted.heard import Heard
from coach.engines.scripted.seen import Asked, Seen, unit
from coach.text import Sentence, content, words
from coach.vocabulary import NUMBER_WORDS

QUALITY = (
    "coverage", "likeness", "shared", "focus", "emptiness", "telling", "told", "told_here", "length", "content",
    "numbers", "introduction", "story",
)  # fmt: skip
"""What the score rests on."""
SUBJECT = ("coverage", "shared", "focus", "echo", "margin")
"""What tells an answer to this question from one to another."""
NAMES = tuple(dict.fromkeys((*QUALITY, *SUBJECT)))
ENOUGH_WORDS = 45
"""About three sentences. More words than these add nothing by themselves."""
ENOUGH_CONTENT = 25
"""Different words with a meaning of their own."""
ENOUGH_NUMBERS = 2
"""Sentences with a number in them."""
_NUMBER = re.compile(r"(?<![\w.])\d[\d.,:]*")


def features(seen: Seen, heard: Heard, asked: Asked) -> dict[str, float]:
    """The numbers by name.

    coverage: mean over the expected points of how near the nearest sentence is; likeness: of the whole answer to the
    question's points; shared: the share of its words that the points and their cues have, the question's own left out;
    focus: how near a sentence is to the question or a point, on average; emptiness, telling: how near sentences are to
    ones that say nothing, and to ones that tell a case; told: the difference, of the two best sentences; told_here: of
    the two best in the half that is nearer to the subject; length, content: logarithms of counts with a ceiling;
    numbers: of sentences with one, 0 to 1; echo: the share of words that the question had; margin: by how much the
    answer is nearer to its own question than to the three nearest other subjects.
    """
    weights = np.array([len(each.words) + 1 for each in heard.sentences], dtype=np.float32)
    weights /= weights.sum()
    whole = unit(weights @ seen.sentences)
    by_point = seen.sentences @ (seen.points if len(seen.points) else seen.question[None]).T
    subject = seen.points.mean(axis=0) if len(seen.points) else seen.question
    own = seen.question + subject if seen.earlier is None else seen.question + subject + seen.earlier
    others = np.sort(seen.exemplars["subjects"] @ whole)[-3:].mean()
    focus = np.maximum(seen.sentences @ seen.question, by_point.max(axis=1))
    if seen.earlier is not None:
        focus = np.maximum(focus, seen.sentences @ seen.earlier)
    here = focus >= np.median(focus)
    difference = seen.nearest("telling") - seen.nearest("empty")
    said, asked_stems = heard.content, content(asked.question)
    expected = content(" ".join((*asked.points, *asked.cues))) - asked_stems
    earlier = content(asked.earlier)
    return {
        "coverage": float(by_point.max(axis=0).mean()),
        "likeness": float(whole @ unit(subject)),
        "shared": len(said & expected) / max(1, min(len(said), ENOUGH_CONTENT)),
        "focus": float(weights @ focus),
        "emptiness": float(weights @ seen.nearest("empty")),
        "telling": float(weights @ seen.nearest("telling")),
        "told": float(np.sort(difference)[-2:].mean()),
        "told_here": float(np.sort(difference[here])[-2:].mean()),
        "length": math.log1p(min(len(heard.words) + len(words(asked.earlier)), ENOUGH_WORDS)),
        "content": math.log1p(min(len(said | earlier), ENOUGH_CONTENT)),
        "numbers": min(sum(numbers_in(each, asked) > 0 for each in heard.sentences), ENOUGH_NUMBERS) / ENOUGH_NUMBERS,
        "introduction": float(asked.kind == "introduction"),
        "story": float(asked.kind == "story"),
        "echo": len(said & asked_stems) / max(1, len(said)),
        "margin": float(whole @ unit(own) - others),
    }


def numbers_in(sentence: Sentence, asked: Asked) -> int:
    """How many numbers of their own the candidate gives in a sentence, in digits or words."""
    known = set(words(asked.question))
    digits = sum(match.rstrip(".,:") not in known for match in _NUMBER.findall(sentence.text))
    return digits + sum(word in NUMBER_WORDS and word not in known for word in sentence.words)
