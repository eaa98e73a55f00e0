"""What is said, and what it is: labelled by whoever wrote it, so that nobody is graded by their own reading."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, TypeAdapter

Next = Literal["question", "follow_up", "clarification", "closing"]
"""Kinds of what an interviewer may say next. A clarification is whatever lets the question stand."""
_SAID = Path(__file__).with_name("said.yaml")

GOES_ON: frozenset[Next] = frozenset({"question", "follow_up"})
STANDS: frozenset[Next] = frozenset({"clarification"})
OF_REMARKS: Mapping[str, frozenset[Next]] = {
    "answer": GOES_ON,
    "wants_to_stop": frozenset({"closing"}),
    "told_already": GOES_ON | STANDS,
    "corrects_interviewer": GOES_ON | STANDS,
    "off_topic": STANDS,
    "empty": GOES_ON | STANDS,
}
"""What may follow what the sets of `evals.listening` are labelled as; the question stands after all others."""


@dataclass(frozen=True)
class Said:
    """An utterance with its label. `then` are the kinds of what may be said next."""

    text: str
    kind: str = "answer"
    then: frozenset[Next] = GOES_ON


class _Pool(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: str
    then: frozenset[Next]
    texts: tuple[str, ...]


@functools.cache
def pools() -> Mapping[str, tuple[Said, ...]]:
    """What simulated candidates say, by the name of the pool."""
    read = TypeAdapter(dict[str, _Pool]).validate_python(yaml.safe_load(_SAID.read_text(encoding="utf-8")))
    return {name: tuple(Said(text, pool.kind, pool.then) for text in pool.texts) for name, pool in read.items()}


def may_follow(kind: str) -> frozenset[Next]:
    """What may follow a remark of a kind of `evals.listening`."""
    return OF_REMARKS.get(kind, STANDS)
