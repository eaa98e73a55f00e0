"""What a client may see of an event. A type, or a field, that is not named here stays private."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from contracts import Event, Payload
from contracts.session.events import (
    AnswerRecorded,
    AnswerRepeated,
    AnswerUnheard,
    AudioReceived,
    Completed,
    Corrected,
    Created,
    Erased,
    FeedbackRecorded,
    Paused,
    QuestionAsked,
    Reconfigured,
    Refused,
    Rephrased,
    ReportDue,
    ReportRecorded,
    Reset,
    Resumed,
    Retried,
    Started,
)
from pydantic import BaseModel

Fields = Mapping[str, Any]
"""Names of fields: True for one that is shown as it is, else the fields of what it holds; see `each`."""


def _all(names: str) -> dict[str, Any]:
    return dict.fromkeys(names.split(), True)


def _each(fields: Fields) -> dict[str, Any]:
    """These fields of every item."""
    return {"__all__": fields}


CONFIG = _all(
    "title job_role job_description resume_content company_name style difficulty target_question_count"
    " introduction_counts interview_duration_minutes use_time_based_interview"
    " mode language focus ask_consent candidate_questions resume_id job_description_id"
    " domains"
)
_PROVENANCE = _all("engine model prompt_version degraded") | {"usage": _all("prompt_tokens completion_tokens cost")}
_ENGINE = {"models": _each(_all("model provider"))}
_QUOTES = _each(_all("text shows"))
_DELIVERY = _all(
    "words fillers hedges fillers_per_100 hedges_per_100 longest_sentence pace talk_share pauses longest_pause advice"
)
_QUESTION = _all("kind text phase domain difficulty") | {"sources": _each(_all("document_id chunk_index"))}
_FEEDBACK = {
    **_all("judged text score evidence strengths improvements technical_accuracy completeness clarity analysis runs"),
    "quotes": _QUOTES,
    "criteria": _all("relevance depth structure evidence clarity"),
    "provenance": _PROVENANCE,
    "judgements": _each(_all("criterion level anchor explanation quotes")),
    "star": _all("situation task action result"),
    "interval": _all("low high"),
    "delivery": _DELIVERY,
}
_STATISTICS = {
    **_all("criteria metrics domains difficulties phases trend"),
    "questions": _each(
        _all("turn kind phase domain difficulty score technical_accuracy completeness clarity attempts estimate")
    ),
    "delivery": _DELIVERY,
}
_REPORT = {
    **_all("patterns_tendencies strengths weaknesses improvement_focus_areas overall_score summary strength_points"),
    **_all("weakness_points recommendations insights"),
    "recommended_resources": _each(_all("title url description resource_type reasoning")),
    "quotes": _QUOTES,
    "provenance": _PROVENANCE,
    "hiring": _all("decision confidence reasoning"),
    "statistics": _STATISTICS,
}
_ANSWER = _all("turn revision question_id text")
_SPOKEN = {
    **_all("duration confidence language provider model review_until"),
    "unsure": _each(_all("start end")),
    "timing": _all("speaking pauses longest_pause"),
}

PUBLIC: dict[type[Payload], Fields] = {
    Created: {**_all("dialect"), "config": CONFIG},
    Reconfigured: {"config": CONFIG},
    Started: {"config": CONFIG},
    QuestionAsked: {
        **_all("turn number action reasoning tokens"),
        "question": _QUESTION,
        "provenance": _PROVENANCE,
        "plan": {"domains": _each(_all("phase domain target"))},
        "disclosed": {**_all("text"), "interviewer": _ENGINE, "coach": _ENGINE},
        "heard": True,
        "adjusts": _all("language accommodations"),
    },
    AnswerRecorded: {**_ANSWER, "spoken": _SPOKEN},
    AudioReceived: _all("turn question_id language"),
    AnswerUnheard: _all("turn question_id reason message"),
    AnswerRepeated: _all("turn request_id"),
    Corrected: _ANSWER,
    Retried: _ANSWER,
    Rephrased: _all("turn question_id"),
    FeedbackRecorded: {**_all("turn revision"), "feedback": _FEEDBACK},
    Refused: _all("request reason detail"),
    Paused: _all("by"),
    Resumed: _all("paused_for"),
    Completed: _all("ending elapsed"),
    ReportDue: _all("version"),
    ReportRecorded: {**_all("version error"), "report": _REPORT},
    Reset: {},
    Erased: {},
}


class PublicEvent(BaseModel):
    """An event of an interview. `data` has of the event's own fields those that a client may see."""

    id: UUID
    type: str
    version: int | None
    occurred_at: datetime
    data: dict[str, Any]


def type_of(payload: type[Payload]) -> str:
    """What clients call a type of event: its name without its owner and its version."""
    return payload.TYPE.split(".")[1]


def public_event(event: Event[Payload], *, withheld: bool = False) -> PublicEvent:
    """An event as a client may see it; of what is withheld until the end, only that it happened."""
    if withheld:
        shown: dict[str, Any] = {"turn": getattr(event.data, "turn", None), "withheld": True}
    else:
        # Without a field, pydantic takes an empty `include` for "everything".
        fields = PUBLIC.get(type(event.data))
        shown = event.data.model_dump(mode="json", include=dict(fields)) if fields else {}
    return PublicEvent(
        id=event.id,
        type=event.type.split(".")[1],
        version=event.stream_version,
        occurred_at=event.occurred_at,
        data=shown,
    )
