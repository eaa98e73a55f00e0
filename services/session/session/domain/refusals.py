"""Why something is not possible now, as a code for programs and a sentence for a person."""

from __future__ import annotations

from contracts.gateway.events import RephraseRequested, UserAudio, UserMessage
from contracts.session.events import RefusalReason, Refused

from session.domain.state import State

REFUSALS: dict[RefusalReason, str] = {
    "not_started": "The interview has not started yet. Start it first, then answer.",
    "question_closed": "That question is closed; please answer the current one.",
    "reply_pending": "A reply to your last message is on its way; please wait for it.",
    "ended": "The interview is over.",
    "paused": "The interview is paused. Resume it to go on.",
    "not_possible": "That is not possible at this point of the interview.",
}

CANNOT_BE_KEPT = "Your text contains characters that cannot be stored. Nothing of it was kept; send it without them."


def refuse(request: str, reason: RefusalReason, request_hash: str | None, detail: str = "") -> list[Refused]:
    """The event that says so; `detail` where the sentence for the reason is too general."""
    return [Refused(request=request, reason=reason, detail=detail or REFUSALS[reason], request_hash=request_hash)]


def why_not_now(state: State, command: UserMessage | UserAudio | RephraseRequested) -> RefusalReason | None:
    """What keeps the candidate from speaking to the current question; None when nothing does."""
    if state.status == "created":
        return "not_started"
    if state.over:
        return "ended"
    if state.status == "paused" and not (state.waits and not isinstance(command, RephraseRequested)):
        return "paused"
    if state.awaited:
        return "reply_pending"
    if state.current is None or (command.question_id is not None and command.question_id != state.current.id):
        return "question_closed"
    return None
