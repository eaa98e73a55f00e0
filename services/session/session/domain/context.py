"""What a stateless mind needs to know about a turn, built from the state when an answer is published."""

from __future__ import annotations

from collections import Counter

from contracts.interview import Budget, TurnContext, Utterance

from session.domain.state import COUNTED, Answered, Asked, State

WINDOW_BYTES = 64 * 1024
"""The transcript that travels with an answer is cut to this, oldest words first."""


def turn_context(state: State, answer: Answered) -> TurnContext:
    """The context of `answer`, as of the time it was given."""
    asked = state.asked[: answer.turn + 1]
    current = asked[-1]
    return TurnContext(
        config=state.config,
        question=current.question,
        answer=answer.text,
        transcript=_window(state, asked, answer),
        asked_ids=tuple(dict.fromkeys(each.question.bank_id for each in asked if each.question.bank_id)),
        coverage=dict(
            Counter(each.question.domain for each in asked if each.question.domain and each.question.kind in COUNTED)
        ),
        budget=Budget(
            asked=current.number,
            target=state.config.target_question_count,
            elapsed=_elapsed_at(state, answer),
            duration=state.config.interview_duration_minutes * 60,
            time_based=state.config.use_time_based_interview,
        ),
        follow_ups_in_row=_follow_ups_in_row(asked),
        clarified=current.question.kind == "clarification",
        scores=tuple(state.scores.get(turn) for turn in range(answer.turn)),
    )


def _elapsed_at(state: State, answer: Answered) -> float:
    if state.started_at is None:
        return 0.0
    return max(0.0, (answer.at - state.started_at).total_seconds() - state.paused_for)


def _follow_ups_in_row(asked: tuple[Asked, ...]) -> int:
    count = 0
    for each in reversed(asked):
        if each.question.kind == "follow_up":
            count += 1
        elif each.question.kind != "clarification":
            break
    return count


def _window(state: State, asked: tuple[Asked, ...], answer: Answered) -> tuple[Utterance, ...]:
    room = WINDOW_BYTES
    newest_first: list[Utterance] = []
    for each in reversed(asked):
        said = answer if each.turn == answer.turn else state.answers.get(each.turn)
        spoken = [Utterance(role="candidate", text=said.text, turn=each.turn)] if said else []
        spoken.append(Utterance(role="interviewer", text=each.question.text, turn=each.turn))
        for utterance in spoken:
            room -= len(utterance.text.encode())
            if room < 0 and newest_first:
                return tuple(reversed(newest_first))
            newest_first.append(utterance)
    return tuple(reversed(newest_first))
