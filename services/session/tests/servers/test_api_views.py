"""What the APIs' documents call their tables: every column of theirs is there, and says what the API says."""

from __future__ import annotations

import json
import re
from typing import Any
from uuid import UUID

import pytest
from session_helpers.intents import says
from session_helpers.replica import A_TURN, BEGUN, Replica, Sql, an_interview

DOCUMENTED = {
    "agent_api.interview_sessions": """
        session_id UUID, user_id UUID, session_config JSONB, conversation_history JSONB, per_turn_feedback_log JSONB,
        final_summary JSONB, session_stats JSONB, status TEXT, created_at TIMESTAMP, updated_at TIMESTAMP
    """,
    "interviews_api.interviews": """
        id BIGINT, title TEXT, description TEXT, position TEXT, company TEXT, interview_type TEXT, status TEXT,
        score DOUBLE, feedback TEXT, questions_answered INTEGER, user_id UUID, created_at TIMESTAMP,
        started_at TIMESTAMP, completed_at TIMESTAMP
    """,
    "interviews_api.interview_sessions": """
        id UUID, interview_id BIGINT, user_id UUID, status TEXT, current_question INTEGER, workflow_state JSONB,
        created_at TIMESTAMP, updated_at TIMESTAMP
    """,
    "turns_api.session_states": """
        interview_id TEXT, current_phase TEXT, conversation_history JSONB, topics_covered TEXT[], insights TEXT[],
        questions_asked INTEGER, started_at TIMESTAMP, last_updated TIMESTAMP
    """,
    "resume_api.interview_sessions": """
        session_id TEXT, user_id TEXT, resume_id TEXT, job_role TEXT, current_round TEXT, status TEXT,
        technical_questions_count INTEGER, behavioral_questions_count INTEGER, workflow_state JSON, created_at TIMESTAMP
    """,
    "resume_api.messages": """
        message_id TEXT, session_id TEXT, role TEXT, content TEXT, message_metadata JSON, created_at TIMESTAMP
    """,
}
"""The columns and types that the documents give their tables; VARCHAR is text here, DATETIME a timestamp."""
GOING = (*BEGUN, *A_TURN, says("I built a parser."))


@pytest.mark.parametrize("view", DOCUMENTED)
async def test_every_column_of_the_documents_is_there(owner: Sql, view: str) -> None:
    schema, name = view.split(".")
    rows = await owner(
        "SELECT column_name, data_type, udt_name FROM information_schema.columns"
        " WHERE table_schema = $1 AND table_name = $2",
        schema,
        name,
    )
    found = {row["column_name"]: (row["data_type"], row["udt_name"]) for row in rows}
    wanted = dict(re.findall(r"(\w+) (\w+(?:\[\])?)", DOCUMENTED[view]))
    assert wanted.keys() <= found.keys()
    for column, kind in wanted.items():
        said, element = found[column]
        shown = f"{element.removeprefix('_')}[]" if said == "ARRAY" else said
        as_text = kind == "TEXT" and shown == "character varying"
        assert as_text or shown.upper().startswith(kind), (column, shown)


async def one(owner: Sql, view: str, **where: Any) -> dict[str, Any]:
    column, value = next(iter(where.items()))
    [row] = await owner(f"SELECT * FROM {view} WHERE {column}::text = $1", str(value))
    return {
        name: json.loads(each) if isinstance(each, str) and each.startswith(("[", "{")) else each
        for name, each in row.items()
    }


async def test_an_interview_that_goes_on(replica: Replica, owner: Sql) -> None:
    interview = await an_interview(replica, *GOING)
    session_id = interview.session_id
    numbered = await one(owner, "interviews_api.interviews", session_id=session_id)
    assert numbered["id"] == session_id.int & (2**53 - 1)
    assert (numbered["status"], numbered["score"], numbered["user_id"]) == ("in_progress", 0.0, interview.user_id)
    held = await one(owner, "interviews_api.interview_sessions", id=session_id)
    assert held["interview_id"] == numbered["id"] and held["current_question"] >= 1
    assert held["workflow_state"]["responses_history"][-1]["response"] == "I built a parser."
    state = await one(owner, "turns_api.session_states", interview_id=session_id)
    assert state["conversation_history"][-1]["role"] == "candidate" and state["questions_asked"] >= 1
    assert state["current_phase"] in {"intro", "experience", "technical", "behavioral", "closing"}
    about = await one(owner, "resume_api.interview_sessions", session_id=session_id)
    assert about["status"] == "active" and about["job_role"]
    messages = await owner("SELECT * FROM resume_api.messages WHERE session_id = $1", str(session_id))
    assert {row["role"] for row in messages} == {"user", "assistant"}


@pytest.mark.parametrize("number", [1, 2**53 - 1, 2**53, 2**64 - 1, 2**127 + 5])
async def test_a_number_is_the_one_that_clients_are_told(owner: Sql, number: int) -> None:
    [row] = await owner("SELECT interviews_api.number_of($1) AS number", UUID(int=number))
    assert row["number"] == ((number & (2**53 - 1)) or 1)
