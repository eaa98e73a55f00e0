"""Which question of the bank comes next."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from contracts.interview import Difficulty, Phase, SessionConfig, TurnContext

from interviewer.bank import BankQuestion, QuestionBank
from interviewer.minds.choice import dice

GENERAL = "general_behavioral"
BEST_DOMAINS = 4
"""So many of a job's domains are asked side by side; the others come when these are used up."""
_ENGINEERING = frozenset(
    "algorithms_coding backend data_engineering devops frontend machine_learning mobile qa_testing security"
    " system_design".split()
)
_LADDER: tuple[Difficulty, ...] = ("easy", "medium", "hard")


def pick(
    bank: QuestionBank, session_id: UUID, context: TurnContext, phase: Phase, difficulty: Difficulty
) -> BankQuestion | None:
    """The best question not asked yet; None when there is none.

    The closest circle of domains comes first, then the phase, the difficulty, and the domain asked least.
    """
    asked = frozenset(context.asked_ids)
    for circle in _circles(bank, context.config):
        left = [
            ((*_misfit(question, phase, difficulty), context.coverage.get(name, 0), rank), question)
            for rank, name in enumerate(circle)
            for question in bank.domain(name).questions
            if question.id not in asked
        ]
        if left:
            best = min(cost for cost, _ in left)
            return min((question for cost, question in left if cost == best), key=lambda q: dice(session_id, q.id))
    return None


def _misfit(question: BankQuestion, phase: Phase, difficulty: Difficulty) -> tuple[int, bool, int]:
    # General questions are for the behavioral part: before it, a domain's own ones serve better.
    early = question.domain == GENERAL and phase == "technical"
    steps = abs(_LADDER.index(question.difficulty) - _LADDER.index(difficulty))
    return (question.phase != phase, early, steps)


def _circles(bank: QuestionBank, config: SessionConfig) -> Iterator[tuple[str, ...]]:
    """The domains by how near they are to the job: those that fit best, that fit, of the same trade, all others."""
    known = [domain.domain for domain in bank.domains]
    fitting = bank.domains_for(config.job_role, f"{config.job_description}\n{config.resume_content}")
    best = fitting[:BEST_DOMAINS]
    yield tuple(name for name in dict.fromkeys((*best, GENERAL)) if name in known)
    yield tuple(name for name in fitting[BEST_DOMAINS:] if name != GENERAL)
    others = [name for name in known if name not in fitting and name != GENERAL]
    engineering = fitting[0] in _ENGINEERING
    yield tuple(name for name in others if (name in _ENGINEERING) == engineering)
    yield tuple(name for name in others if (name in _ENGINEERING) != engineering)
