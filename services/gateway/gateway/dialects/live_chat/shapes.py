"""How the live chat API spells its answers, and the messages of its socket."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, StrictStr, TypeAdapter

from gateway.usecases.live_turn import (
    Acknowledged,
    Asked,
    AskedAgain,
    Bridged,
    Drafted,
    Ended,
    Failed,
    Notice,
    State,
    StateChanged,
)


class Started(BaseModel):
    """An interview that can be connected to."""

    interview_id: str
    message: str


class Accepted(BaseModel):
    """A file that will be read. `stored_path` is a reference that means nothing to clients; `task_id` and `document_id`
    are the same."""

    message: str
    filename: str
    stored_path: str
    task_id: str
    document_id: str
    duplicate: bool


# From the client


class Chunk(BaseModel):
    """A piece of an answer, as it is spoken."""

    type: Literal["chunk"]
    payload: StrictStr | None = None


class Final(BaseModel):
    """The end of an answer; the pieces before it belong to the answer."""

    type: Literal["final"]
    payload: StrictStr | None = None


class Control(BaseModel):
    """`end_interview`, `pause`, `resume` or `repeat`."""

    type: Literal["control"]
    payload: StrictStr | None = None


ClientMessage = Annotated[Chunk | Final | Control, Field(discriminator="type")]
CLIENT_MESSAGE: TypeAdapter[Chunk | Final | Control] = TypeAdapter(ClientMessage)

# To the client


class LlmResponse(BaseModel):
    """What the interviewer says; `tentative`: a few words while the candidate speaks, or waits for the reply."""

    type: Literal["llm_response"] = "llm_response"
    payload: str
    tentative: bool
    response_type: str | None = None
    metadata: dict[str, Any] | None = None
    timestamp: datetime | None = None
    engine: str | None = None
    degraded: bool | None = None


class LlmResponseDraft(BaseModel):
    """The reply as far as it is written; it replaces the draft before."""

    type: Literal["llm_response_draft"] = "llm_response_draft"
    payload: str
    tentative: Literal[True] = True


class MiniLlmFiller(BaseModel):
    """A few words while the reply is late."""

    type: Literal["mini_llm_filler"] = "mini_llm_filler"
    payload: str
    engine: str


class InterviewState(BaseModel):
    """Whose turn it is, with a sentence to show."""

    type: Literal["interview_state"] = "interview_state"
    state: State
    payload: str


class ChatError(BaseModel):
    """What did not work: a sentence to show. The socket stays open unless it is closed after this."""

    type: Literal["error"] = "error"
    payload: str


class InterviewEnd(BaseModel):
    """The interview is over."""

    type: Literal["interview_end"] = "interview_end"
    payload: str


class End(BaseModel):
    """The last message, with a closing sentence; then the socket is closed."""

    type: Literal["end"] = "end"
    payload: str


ServerMessage = LlmResponse | LlmResponseDraft | MiniLlmFiller | InterviewState | ChatError | InterviewEnd | End


def messages(notice: Notice) -> tuple[ServerMessage, ...]:
    """What the client is sent when it is told something."""
    match notice:
        case Asked(message=asked):
            question = LlmResponse(
                payload=asked.content,
                tentative=False,
                response_type=asked.response_type,
                metadata=asked.metadata,
                timestamp=asked.created_at,
            )
            return (question,)
        case AskedAgain(text=text):
            return (LlmResponse(payload=text, tentative=False),)
        case Acknowledged(text=text, provenance=origin):
            engine, degraded = (origin.engine, origin.degraded) if origin else (None, None)
            return (LlmResponse(payload=text, tentative=True, engine=engine, degraded=degraded),)
        case Bridged(text=text, engine=engine):
            return (MiniLlmFiller(payload=text, engine=engine),)
        case Drafted(text=text):
            return (LlmResponseDraft(payload=text),)
        case StateChanged(state=state, sentence=sentence):
            return (InterviewState(state=state, payload=sentence),)
        case Failed(sentence=sentence):
            return (ChatError(payload=sentence),)
        case Ended(sentence=sentence):
            return (InterviewEnd(payload=sentence), End(payload=sentence))
