"""Which question comes next."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from uuid import UUID

from contracts.vocabulary.configuration import SessionConfig
from contracts.vocabulary.question import Difficulty, Phase
from contracts.vocabulary.turn import TurnContext

from interviewer.askable import OWN, Askable, from_bank, from_own
from interviewer.bank import BankQuestion, QuestionBank
from interviewer.documents import Point, documents_of, points_of
from interviewer.engine import Guidance
from interviewer.engines.choice import dice
from interviewer.grounding import not_cited
from interviewer.planning import BEST_DOMAINS, GENERAL, JOB, RESUME, fitting_domains

_ENGINEERING = frozenset(
    "algorithms_coding backend data_engineering databases devops frontend machine_learning mobile qa_testing security"
    " system_design".split()
)
_LADDER: tuple[Difficulty, ...] = ("easy", "medium", "hard")


def points_to_ask(context: TurnContext, guidance: Guidance) -> list[Point]:
    """What in the documents may be asked about next, best first, if the plan has come to the documents, or to the
    requirements of a job that no domain of the bank fits."""
    wanted = guidance.phase == "resume" or guidance.domain == JOB
    if not wanted or context.config.questions:
        return []
    asked = _asked(context)
    documents = (JOB,) if guidance.phase != "resume" else dict.fromkeys((guidance.domain, RESUME, JOB))
    points: Iterator[Point] = (point for document in documents for point in points_of(context.config, document))
    if documents_of(context.config):
        points = not_cited(points, context)
    return [point for point in points if point.id not in asked]


def pick(bank: QuestionBank, session_id: UUID, context: TurnContext, guidance: Guidance) -> Askable | None:
    """The best question not asked yet; None when there is none."""
    return next(iter(candidates(bank, session_id, context, guidance)), None)


def candidates(bank: QuestionBank, session_id: UUID, context: TurnContext, guidance: Guidance) -> Iterator[Askable]:
    """The questions that were not asked yet, best first.

    A person's own questions come first. Then the closest circle of domains, the phase, the domain that the plan wants,
    the difficulty, and the domain asked least. What the same person was asked in an earlier interview comes last.
    """
    phase: Phase = "behavioral" if guidance.phase == "behavioral" else "technical"
    now, ever = frozenset(context.asked_ids), _asked(context)
    own = [from_own(each) for each in context.config.questions if OWN + each.id not in now]
    yield from sorted(own, key=lambda each: (each.phase != phase, _steps(each.difficulty, guidance)))
    circles = [*_circles(bank, context.config, guidance.domain)]
    for asked, also in ((ever, frozenset()), (now, ever - now)):
        for circle in circles:
            left = (
                ((*_misfit(question, phase, guidance), context.coverage.get(name, 0), rank), question)
                for rank, name in enumerate(circle)
                for question in bank.domain(name).questions
                if question.id not in asked and (not also or question.id in also)
            )
            ranked = sorted(left, key=lambda each: (each[0], dice(session_id, each[1].id)))
            yield from (from_bank(question) for _, question in ranked)


def _asked(context: TurnContext) -> frozenset[str]:
    """What was asked in this interview, or in earlier ones of the same person."""
    return frozenset((*context.asked_ids, *context.asked_before))


def ideas(bank: QuestionBank, session_id: UUID, context: TurnContext, guidance: Guidance, most: int) -> list[Askable]:
    """The first so many of the candidates."""
    return [*islice(candidates(bank, session_id, context, guidance), most)]


def find(bank: QuestionBank, config: SessionConfig, id: str | None) -> Askable | None:
    """A question by its id; None for a question about a document, and where there is none."""
    if id is None:
        return None
    if id.startswith(OWN):
        return next((from_own(each) for each in config.questions if OWN + each.id == id), None)
    packaged = bank.find(id)
    return from_bank(packaged) if packaged else None


def _misfit(question: BankQuestion, phase: Phase, guidance: Guidance) -> tuple[int, bool, bool, bool, int]:
    # General questions are for the behavioral part: before it, a domain's own ones serve better.
    early = question.domain == GENERAL and phase == "technical"
    unplanned = guidance.domain is not None and question.domain != guidance.domain
    # Who struggles with what is easy gets something easy from elsewhere rather than something harder.
    harder = _LADDER.index(question.difficulty) > _LADDER.index(guidance.difficulty)
    return (question.phase != phase, early, harder, unplanned, _steps(question.difficulty, guidance))


def _steps(difficulty: Difficulty, guidance: Guidance) -> int:
    return abs(_LADDER.index(difficulty) - _LADDER.index(guidance.difficulty))


def _circles(bank: QuestionBank, config: SessionConfig, planned: str | None) -> Iterator[tuple[str, ...]]:
    """The domains by how near they are to the job: those that fit best, that fit, of the same trade, all others."""
    known = [domain.domain for domain in bank.domains]
    fitting = fitting_domains(config, bank)
    best = (*fitting[:BEST_DOMAINS], *((planned,) if planned else ()))
    yield tuple(name for name in dict.fromkeys((*best, GENERAL)) if name in known)
    yield tuple(name for name in fitting[BEST_DOMAINS:] if name != GENERAL)
    others = [name for name in known if name not in fitting and name != GENERAL]
    engineering = fitting[0] in _ENGINEERING
    yield tuple(name for name in others if (name in _ENGINEERING) == engineering)
    yield tuple(name for name in others if (name in _ENGINEERING) != engineering)
