"""Wires the interviewer service."""

from __future__ import annotations

from uuid import UUID

from contracts.asks import AcknowledgeAsk, ReplyDelta
from contracts.interview import Plan, SessionConfig
from contracts.subjects import live_subject
from runtime.broker import answer, bind
from runtime.publish import EventPublisher
from runtime.service import Service, add_sweeper, new_service, run

from interviewer.application import Interviewer
from interviewer.bank import QuestionBank
from interviewer.minds.scripted import ScriptedMind
from interviewer.planning import make_plan
from interviewer.settings import InterviewerSettings

NAME = "interviewer"


def build(settings: InterviewerSettings) -> Service:
    """The service, wired but not running."""
    service = new_service(NAME, settings)
    broker = service.broker

    async def send_live(session_id: UUID, delta: ReplyDelta) -> None:
        await broker.publish(delta.model_dump_json().encode(), live_subject(session_id, "reply"))

    bank = QuestionBank.load()

    def plan(config: SessionConfig) -> Plan:
        return make_plan(
            config, bank.domains_for(config.job_role, f"{config.job_description}\n{config.resume_content}")
        )

    interviewer = Interviewer(ScriptedMind(bank), plan, EventPublisher(broker, NAME), send_live)
    bind(broker, NAME, interviewer.handle, workers=settings.workers)
    answer(broker, NAME, "acknowledge", AcknowledgeAsk, interviewer.acknowledge)
    add_sweeper(service, NAME)
    service.durables = (*service.durables, NAME)
    return service


def main() -> None:
    """Run the service until it is told to stop."""
    run(build(InterviewerSettings()))
