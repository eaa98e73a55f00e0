"""What a stateless engine needs to know about a turn, built from the state when an answer is published."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from contracts.vocabulary.listening import Remark
from contracts.vocabulary.question import Question
from contracts.vocabulary.turn import Budget, TurnContext, Utterance

from session.domain.state import COUNTED, Answered, Asked, State

WINDOW_BYTES = 64 * 1024
"""The transcript that travels with an answer is cut to this, oldest words first."""
SPAN_BYTES = 32
"""What the mark of an unsure word takes in a message."""


def turn_context(state: State, answer: Answered, question: Question | None = None) -> TurnContext:
    """The context of `answer`, as of the time it was given.

    `question` is the one that it answers, with all that an answer is expected to show; by default as the state has it,
    which keeps that for the current question only.
    """
    context = _context(state, answer.turn, answer.text, answer.at, _window(state, answer.turn, answer))
    attempt = len(state.attempts.get(answer.turn, ())) + 1
    return context.model_copy(
        update={"question": question or context.question, "attempt": attempt, "spoken": answer.spoken}
    )


def standing_context(state: State, at: datetime) -> TurnContext:
    """The context of the current question, before there is an answer to it."""
    turn = len(state.asked) - 1
    return _context(state, turn, "", at, _window(state, turn, None))


def _context(state: State, turn: int, answer: str, at: datetime, window: tuple[Utterance, ...]) -> TurnContext:
    asked = state.asked[: turn + 1]
    current = asked[-1]
    return TurnContext(
        config=state.config,
        question=current.question,
        answer=answer,
        transcript=window,
        asked_ids=tuple(dict.fromkeys(each.question.bank_id for each in asked if each.question.bank_id)),
        coverage=dict(
            Counter(each.question.domain for each in asked if each.question.domain and each.question.kind in COUNTED)
        ),
        budget=Budget(
            asked=current.number,
            target=state.config.questions_to_come,
            elapsed=_elapsed_at(state, at),
            duration=state.duration,
            time_based=state.config.use_time_based_interview,
        ),
        follow_ups_in_row=_follow_ups_in_row(asked),
        clarified=_clarified(asked),
        scores=tuple(state.scores.get(earlier) for earlier in range(turn)),
        plan=state.plan,
        asked_before=state.asked_before,
        covered=dict(Counter(each.question.phase for each in asked if each.question.kind == "question")),
        remarks=_remarks(asked),
        accommodations=state.accommodations,
    )


def _elapsed_at(state: State, at: datetime) -> float:
    if state.started_at is None:
        return 0.0
    return max(0.0, (at - state.started_at).total_seconds() - state.paused_for)


def _follow_ups_in_row(asked: tuple[Asked, ...]) -> int:
    count = 0
    for each in reversed(asked):
        if each.question.kind == "follow_up":
            count += 1
        elif each.question.kind != "clarification":
            break
    return count


def _clarified(asked: tuple[Asked, ...]) -> bool:
    """Whether the interviewer clarified the current question. Other words on the candidate's own wish are not
    counted, and neither is what was said to a remark."""
    return any(each.action != "rephrase" and each.heard is None for each in _since_put(asked))


def _remarks(asked: tuple[Asked, ...]) -> tuple[Remark, ...]:
    return tuple(each.heard for each in _since_put(asked) if each.heard is not None)


def _since_put(asked: tuple[Asked, ...]) -> tuple[Asked, ...]:
    """What was said since the current question was put."""
    put = next((at for at in reversed(range(len(asked))) if asked[at].question.kind != "clarification"), -1)
    return asked[put + 1 :]


def _window(state: State, turn: int, answer: Answered | None) -> tuple[Utterance, ...]:
    room = WINDOW_BYTES
    newest_first: list[Utterance] = []
    for each in reversed(state.asked[: turn + 1]):
        given = answer if each.turn == turn else state.answers.get(each.turn)
        utterances = [_said(given)] if given else []
        utterances.append(Utterance(role="interviewer", text=each.question.text, turn=each.turn))
        for utterance in utterances:
            room -= len(utterance.text.encode()) + SPAN_BYTES * len(utterance.unsure)
            if room < 0 and newest_first:
                return tuple(reversed(newest_first))
            newest_first.append(utterance)
    return tuple(reversed(newest_first))


def _said(answer: Answered) -> Utterance:
    unsure = answer.spoken.unsure if answer.spoken else ()
    return Utterance(role="candidate", text=answer.text, turn=answer.turn, unsure=unsure)
