"""The interviews API: the demonstration, for people who look around before they have an account."""

from __future__ import annotations

from fastapi import Request

from gateway.dialects.dependencies import CurrentCaller, Services
from gateway.dialects.interviews.mapping import Put, evaluation, put_question
from gateway.dialects.interviews.sessions import said
from gateway.dialects.interviews.shapes import DemoBody, Demonstrated, InterviewBody, WorkflowStep
from gateway.dialects.rounds import PUT
from gateway.edge.bodies import documented
from gateway.edge.forms import read_large_json
from gateway.edge.operations import dialect_router, errors
from gateway.values import parse

router = dialect_router(prefix="/interviews/demo", tag="interviews")


@router.post("/complete-workflow", openapi_extra=documented(DemoBody), responses=errors(404, 409, 504))
async def demonstrate(request: Request, caller: CurrentCaller, services: Services) -> Demonstrated:
    """Try out one question and one answer, with its evaluation and what would be asked next. Nothing of it is kept."""
    body = parse(DemoBody, await read_large_json(request))
    asked = InterviewBody(
        position=body.position, interview_type=body.interview_type, difficulty=body.difficulty
    ).configuration()
    wanted = await services.configuring.wanted(caller, asked, "interviews")
    answer = await said(services, body.response_text, body.audio_data, "en")
    shown = await services.demonstrations.run(wanted, answer)
    config, goes_on = wanted.config, shown.reply.response_type in PUT
    found = evaluation(shown.view, shown.item)
    question = put_question(Put(shown.question, shown.question.content), config)
    following = put_question(Put(shown.reply, shown.reply.content), config) if goes_on else None
    return Demonstrated(
        demo_session_token=f"demo-{shown.session_id}",
        question=question,
        evaluation=found,
        feedback=found.feedback,
        next_question=following,
        workflow_log=[
            WorkflowStep(step="initialize_session", status="completed", details=f"Interview for {config.job_role}."),
            WorkflowStep(step="present_question", status="completed", details=question.question),
            WorkflowStep(step="process_response", status="completed", details=f"{len(shown.said.split())} words."),
            WorkflowStep(
                step="evaluate_response", status="completed" if shown.item else "pending", details=found.feedback
            ),
            WorkflowStep(
                step="determine_next_step",
                status="completed",
                details=shown.reply.metadata.get("reasoning") or shown.reply.content,
            ),
            WorkflowStep(step="complete_interview", status="completed", details="Everything was erased."),
        ],
    )
