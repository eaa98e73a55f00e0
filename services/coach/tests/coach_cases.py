"""Questions and answers that the coach's tests share."""

from __future__ import annotations

from collections.abc import Coroutine, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

from coach.engines import ReportMaterial
from coach.engines.scripted import ScriptedEngine
from coach.engines.scripted.evaluation import Judge
from contracts.coach.asks import Sketch
from contracts.vocabulary.configuration import SessionConfig
from contracts.vocabulary.hearing import Span, SpokenAnswer, Timing
from contracts.vocabulary.judgement import Feedback
from contracts.vocabulary.question import Expectation, Question
from contracts.vocabulary.turn import Budget, TranscriptTurn, TurnContext, Utterance
from parley_meaning import Cached, Vectors, WordVectors
from parley_text.packaged import loaded

_HERE = Path(__file__).parent
QUESTIONS: dict[str, Any] = loaded((_HERE / "questions.yaml").read_text(encoding="utf-8"))
ANSWERS: dict[str, dict[str, str]] = loaded((_HERE / "answers.yaml").read_text(encoding="utf-8"))
LEVELS = ("strong", "average", "weak")
TRIPLES: dict[str, list[dict[str, str]]] = {
    path.stem: loaded(path.read_text(encoding="utf-8")) for path in sorted((_HERE / "triples").glob("*.yaml"))
}
"""By family of fields: a question of the packaged banks, with a strong, an average and a weak answer to it."""
APPEALS: dict[str, list[str]] = loaded((_HERE / "appeals.yaml").read_text(encoding="utf-8"))
_BANK = _HERE.parents[1] / "interviewer" / "interviewer" / "bank"
EVERY_ANSWER = [(name, level) for name in QUESTIONS for level in LEVELS]
PAYMENT = "backend-idempotent-writes"
DEADLINE = "general-behavioral-missed-deadline"
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def question(name: str, **changes: Any) -> Question:
    raw = QUESTIONS[name]
    fields: dict[str, Any] = {
        "kind": "question",
        "text": raw["text"],
        "phase": raw["phase"],
        "domain": raw["domain"],
        "bank_id": name,
        "expects": tuple(Expectation(point=e["point"], cues=tuple(e["cues"])) for e in raw["expects"]),
    }
    return Question(**(fields | changes))


@cache
def bank() -> dict[str, Question]:
    """The packaged questions, by id. Read as data: services know nothing of one another."""
    found: dict[str, Question] = {}
    for path in sorted(_BANK.glob("*.yaml")):
        raw = loaded(path.read_text(encoding="utf-8"))
        for each in raw["questions"]:
            found[each["id"]] = Question(
                kind="question",
                text=each["text"],
                phase=each["phase"],
                domain=raw["domain"],
                difficulty=each["difficulty"],
                bank_id=each["id"],
                expects=tuple(
                    Expectation(point=shown["point"], cues=tuple(map(str, shown.get("cues", ()))))
                    for shown in each["shows"]
                ),
            )
    return found


INTRODUCTION = Question(kind="introduction", text="Could you introduce yourself?", phase="intro")


def aloud(text: str = "", *guessed: str, confidence: float = 0.9, timing: Timing | None = None) -> SpokenAnswer:
    """How a text was spoken; `guessed` are the words of it that were hardly understood."""
    places = ((text.index(words), len(words)) for words in guessed)
    unsure = tuple(Span(start=start, end=start + length) for start, length in places)
    return SpokenAnswer(recording="r", duration=9.0, confidence=confidence, unsure=unsure, timing=timing)


def context(
    asked: Question | str, answer: str, *, earlier: str = "", spoken: SpokenAnswer | None = None, **config: Any
) -> TurnContext:
    put = question(asked) if isinstance(asked, str) else asked
    before = (Utterance(role="candidate", text=earlier, turn=0),) if earlier else ()
    return TurnContext(
        config=SessionConfig(**({"job_role": "Backend Engineer"} | config)),
        question=put,
        answer=answer,
        transcript=(
            *before,
            Utterance(role="interviewer", text=put.text, turn=1),
            Utterance(role="candidate", text=answer, turn=1),
        ),
        budget=Budget(asked=1, target=5, elapsed=60, duration=1800, time_based=False),
        spoken=spoken,
    )


class _AtOnce:
    """Word vectors without a thread, so that nothing is ever waited for."""

    def __init__(self) -> None:
        self._known = Cached(20_000)

    async def vectors(self, texts: Sequence[str]) -> Vectors:
        return await self._known.vectors(texts, self._made)

    async def _made(self, texts: Sequence[str]) -> Vectors:
        return Vectors(WordVectors.model, WordVectors().rows(texts))


ENCODER = _AtOnce()
JUDGE = Judge(ENCODER)
Result = TypeVar("Result")


def done(work: Coroutine[Any, Any, Result]) -> Result:
    """What work comes to that never waits; also where an event loop is running."""
    try:
        work.send(None)
    except StopIteration as end:
        result: Result = end.value
        return result
    raise AssertionError("it waits")


def evaluate(of: TurnContext) -> Feedback:
    return done(JUDGE.evaluate(of))


def sketched(of: TranscriptTurn) -> Sketch:
    material = ReportMaterial(SessionConfig(job_role="Backend Engineer"), (of,))
    return done(ScriptedEngine(ENCODER).sketch(of, material))


def judge(asked: Question | str, answer: str, **config: Any) -> Feedback:
    return evaluate(context(asked, answer, **config))


def score(asked: Question | str, answer: str) -> float:
    found = judge(asked, answer).score
    assert found is not None
    return found


def turn(
    number: int,
    asked: Question | str,
    answer: str | None,
    *,
    judged: bool = True,
    spoken: SpokenAnswer | None = None,
    **config: Any,
) -> TranscriptTurn:
    put = question(asked) if isinstance(asked, str) else asked
    feedback = judge(put, answer, spoken=spoken, **config) if answer and judged else None
    return TranscriptTurn(
        turn=number,
        question_id=UUID(int=number),
        question=put,
        asked_at=NOW,
        answer=answer,
        answered_at=NOW if answer else None,
        feedback=feedback,
        spoken=spoken,
    )


def tells_case(asked: Question) -> bool:
    """Whether a question asks for a story."""
    return asked.phase == "behavioral"
