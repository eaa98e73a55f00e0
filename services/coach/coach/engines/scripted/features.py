"""What an estimate of an answer rests on: thirteen numbers, none of which counts how good the language is.

Nothing here looks at grammar, tense, articles, pronouns, connectives or spelling. Length counts up to what a listener
needs, and no further. Figures earn nothing by being there: whether a sentence tells something is told by its meaning.
"""

from __future__ import annotations

import math
import re

import numpy as np

from coach.engines.scripted.heard import Heard
from coach.engines.scripted.seen import Asked, Matrix, Seen, unit
from coach.text import Sentence, content, words
from coach.vocabulary import NUMBER_WORDS

QUALITY = (
    "coverage", "likeness", "recalled", "focus", "telling", "best_told", "length", "introduction", "story",
)  # fmt: skip
"""What the score rests on."""
SUBJECT = ("coverage", "shared", "echo", "apart", "margin")
"""What tells an answer to this question from one to another."""
SUBSTANCE = ("coverage", "shared", "telling", "best_told", "length", "story")
"""What tells an answer with something in it from one that only sounds like one."""
ENOUGH_WORDS = 45
"""About three sentences. More words than these add nothing by themselves."""
ENOUGH_CONTENT = 25
"""Different words with a meaning of their own."""
ENOUGH_TOLD = 0.45
"""Who tells as much is telling a case; how vividly is a matter of style."""
BEST = 3
"""So many sentences that tell most are enough for somebody who tells much else besides."""
_NUMBER = re.compile(r"(?<![\w.])\d[\d.,:]*")


def features(seen: Seen, heard: Heard, asked: Asked, told: Matrix) -> dict[str, float]:
    """The numbers by name; `told` is how much each sentence tells of a case, by the direction that was learnt.

    coverage: mean over the expected points of how near the nearest sentence is; likeness: of the whole answer to the
    question's points; shared: the share of its words that the points and their cues have, the question's own left out;
    recalled: the share of the points' words that it has; focus: how near a sentence is to the question or a point, on
    average; telling: how much its sentences tell, on average; best_told: the same of the few that tell most, both
    with a ceiling; length: the logarithm of a count with a ceiling; echo: the share of words that the question had;
    apart: focus, by what sets texts apart from most others; margin: by how many deviations the answer is nearer to its
    own question than to other subjects, in the same sense.
    """
    weights = np.array([len(each.words) + 1 for each in heard.sentences], dtype=np.float32)
    weights /= weights.sum()
    said, asked_stems = heard.content, content(asked.question)
    expected = content(" ".join((*asked.points, *asked.cues))) - asked_stems
    pointed = content(" ".join(asked.points))
    by_point = seen.sentences @ (seen.points if len(seen.points) else seen.question[None]).T
    best = np.sort(told)[-BEST:]
    apart = seen.apart()
    return {
        "coverage": float(by_point.max(axis=0).mean()),
        "likeness": float(unit(weights @ seen.sentences) @ unit(_subject(seen))),
        "shared": len(said & expected) / max(1, min(len(said), ENOUGH_CONTENT)),
        "recalled": len(said & pointed) / max(1, len(pointed)),
        "focus": float(weights @ _focus(seen)),
        "telling": min(float(weights @ told), ENOUGH_TOLD),
        "best_told": min(float(best.mean()), ENOUGH_TOLD),
        "length": math.log1p(min(len(heard.words) + len(words(asked.earlier)), ENOUGH_WORDS)),
        "introduction": float(asked.kind == "introduction"),
        "story": float(asked.kind == "story"),
        "echo": len(said & asked_stems) / max(1, len(said)),
        "apart": float(weights @ _focus(apart)),
        "margin": _margin(apart, unit(weights @ apart.sentences)),
    }


def _subject(seen: Seen) -> Matrix:
    return seen.points.mean(axis=0) if len(seen.points) else seen.question


def _focus(seen: Seen) -> Matrix:
    """How near each sentence is to the question, a point, or the answer that a follow-up takes up."""
    known = [seen.question, *seen.points, *([] if seen.earlier is None else [seen.earlier])]
    return np.asarray((seen.sentences @ np.stack(known).T).max(axis=1))


def _margin(seen: Seen, whole: Matrix) -> float:
    own = seen.question + _subject(seen)
    others = seen.exemplars["subjects"] @ whole
    near = whole @ unit(own if seen.earlier is None else own + seen.earlier)
    return float((near - others.mean()) / max(float(others.std()), 1e-3))


def numbers_in(sentence: Sentence, asked: Asked) -> int:
    """How many numbers of their own the candidate gives in a sentence, in digits or words."""
    known = set(words(asked.question))
    digits = sum(match.rstrip(".,:") not in known for match in _NUMBER.findall(sentence.text))
    return digits + sum(word in NUMBER_WORDS and word not in known for word in sentence.words)
