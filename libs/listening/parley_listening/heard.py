"""What was heard of an answer, and what of it is certain. Without encoders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from contracts.vocabulary.listening import Accommodation, Remark

from parley_listening import rules

NotARemark = Literal["answer", "question_back", "does_not_know", "off_topic", "empty"]
Kind = Remark | NotARemark

_NOT_REMARKS = frozenset({"answer", "question_back", "does_not_know", "off_topic", "empty"})


@dataclass(frozen=True)
class Heard:
    """What was heard: `remark`, or None where it may be an answer, and `kind` says what it is likest to.

    `needs` is what an accommodation consists of; `languages` are the codes of those that were named; `certain`: by
    rules rather than by meaning.
    """

    kind: Kind
    needs: tuple[Accommodation, ...] = ()
    languages: tuple[str, ...] = ()
    certain: bool = False

    @property
    def remark(self) -> Remark | None:
        """What is no answer and never judged."""
        return None if self.kind in _NOT_REMARKS else self.kind  # type: ignore[return-value]


AN_ANSWER = Heard("answer")


PAUSING: frozenset[str] = frozenset({"self_harm", "distress", "may_want_to_stop", "needs_pause"})
"""After these an interview waits until the candidate goes on."""
_YES_OR_NO = 3
"""Words up to which somebody in a pause says whether they go on, and answers nothing."""


def ends_a_pause(answer: str, remarks: Sequence[Remark]) -> Remark | None:
    """Whether somebody only says that they go on, after the last of these remarks."""
    waits = bool(remarks) and remarks[-1] in PAUSING
    return "goes_on" if waits and (rules.size(answer) <= _YES_OR_NO or rules.goes_on(answer)) else None


def certainly_heard(answer: str) -> Heard:
    """What rules hear, in whichever language."""
    remark = rules.certain(answer)
    return Heard(remark, certain=True) if remark else AN_ANSWER
