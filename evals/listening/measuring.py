"""Recall and false alarms of hearing, with bootstrap intervals."""

from __future__ import annotations

import random
import statistics
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from parley_listening import Listener

FOLDER = Path(__file__).parent
SAMPLES = 1000
ACCEPTABLE: dict[str, frozenset[str]] = {
    "self_harm": frozenset({"self_harm"}),
    "distress": frozenset({"distress", "needs_pause"}),
    "wants_to_stop": frozenset({"wants_to_stop", "may_want_to_stop"}),
    "needs_pause": frozenset({"needs_pause"}),
    "asks_for_hint": frozenset({"asks_for_hint", "question_back"}),
    "told_already": frozenset({"told_already"}),
    "question_back": frozenset({"question_back", "asks_for_hint"}),
}
"""What may be heard in what was labelled so, where what is done is as right: the question stands, with a pause offered;
an end or an offer of one; the question in other words. Elsewhere only the label itself."""
STOPPING = frozenset({"wants_to_stop", "may_want_to_stop", "needs_pause"})


@dataclass(frozen=True)
class Labelled:
    """Something said, in a language, and what it is."""

    language: str
    kind: str
    text: str


@dataclass
class Found:
    """Whether each was heard as it was meant, and what was heard instead."""

    hits: dict[tuple[str, str], list[bool]] = field(default_factory=lambda: defaultdict(list))
    instead: Counter[tuple[str, str]] = field(default_factory=Counter)
    misses: list[tuple[Labelled, str]] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)


def utterances() -> list[Labelled]:
    """What candidates say."""
    return list(_labelled("utterances"))


def hard_negatives() -> list[Labelled]:
    """Answers that look like something they are not; `kind` is what they must not be taken for."""
    return list(_labelled("hard_negatives"))


def _labelled(folder: str) -> Iterable[Labelled]:
    for path in sorted((FOLDER / folder).glob("*.yaml")):
        said: dict[str, list[str]] = yaml.safe_load(path.read_text(encoding="utf-8"))
        yield from (Labelled(path.stem, kind, text) for kind, texts in said.items() for text in texts)


async def recall(listener: Listener, said: Sequence[Labelled]) -> Found:
    """How often what was said is heard as what it is."""
    found = Found()
    for each in said:
        begun = time.perf_counter()
        heard = (await listener.heard(each.text)).kind
        found.seconds.append(time.perf_counter() - begun)
        right = heard in ACCEPTABLE.get(each.kind, frozenset({each.kind}))
        found.hits[each.kind, each.language].append(right)
        if not right:
            found.instead[each.kind, heard] += 1
            found.misses.append((each, heard))
    return found


async def false_alarms(listener: Listener, said: Sequence[Labelled]) -> Found:
    """How often an answer is taken for what it only looks like."""
    found = Found()
    for each in said:
        heard = (await listener.heard(each.text)).kind
        wrong = heard in STOPPING if each.kind == "stop" else heard == each.kind
        found.hits[each.kind, each.language].append(wrong)
        if wrong:
            found.misses.append((each, heard))
    return found


def rate(values: Sequence[bool]) -> float:
    return sum(values) / len(values) if values else 0.0


def interval(values: Sequence[bool]) -> tuple[float, float]:
    """95% by bootstrap; the same for the same values."""
    dice = random.Random(0)
    rates = sorted(rate(dice.choices(values, k=len(values))) for _ in range(SAMPLES))
    return rates[SAMPLES * 25 // 1000], rates[SAMPLES * 975 // 1000 - 1]


def by(found: Found, at: int) -> dict[str, list[bool]]:
    """All values by kind (0) or by language (1)."""
    together: dict[str, list[bool]] = defaultdict(list)
    for key, values in found.hits.items():
        together[key[at]] += values
    return together


def p95(seconds: Sequence[float]) -> float:
    """In milliseconds."""
    return statistics.quantiles(seconds, n=20)[18] * 1000


def shown(rows: dict[str, list[bool]]) -> Iterable[tuple[str, Any]]:
    for name, values in rows.items():
        low, high = interval(values)
        yield name, f"{rate(values):>7.3f}  [{low:.3f}, {high:.3f}]{len(values):>6}"
