"""What is told about answers that were revised, reports that were written anew, and sessions that are compared."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from contracts.session.asks import OutcomeAsk, ProgressAsk, ReportAsk, TranscriptAsk, ViewAsk
from contracts.session.events import Corrected, ReportDue, Retried
from contracts.vocabulary.report import Report, ReportStatistics
from session.domain.deadlines import Timeouts
from session.rebuild import rebuild
from session_helpers.intents import (
    corrects,
    goes_on,
    is_requested,
    judges,
    replies,
    reports,
    says,
    tries_again,
    wants_a_report,
    wants_other_words,
)
from session_helpers.replica import A_TURN, A_WHOLE_INTERVIEW, BEGUN, Interview, Replica, an_interview

A_STORY = (is_requested(), *A_WHOLE_INTERVIEW[:-1])


def who(interview: Interview) -> dict[str, Any]:
    return {"session_id": interview.session_id, "user_id": interview.user_id}


async def shown(replica: Replica, interview: Interview) -> Any:
    return await replica.views.view(ViewAsk(**who(interview), messages=True, feedback=True))


async def test_an_answer_that_went_on_is_one_message(replica: Replica) -> None:
    interview = await an_interview(replica, *BEGUN, says("One."), goes_on("Two."), replies())
    said = [each.content for each in (await shown(replica, interview)).messages if each.role == "user"]
    assert said == ["One. Two."]


async def test_a_corrected_answer_keeps_its_place_and_says_so(replica: Replica) -> None:
    interview = await an_interview(replica, *BEGUN, *A_TURN)
    before = await shown(replica, interview)
    message = await interview.tell(corrects(0, "I built a compiler."))
    after = await shown(replica, interview)
    assert [each.seq for each in after.messages] == [each.seq for each in before.messages]
    assert (after.messages[1].content, after.messages[1].metadata) == (
        "I built a compiler.",
        {"corrected": True, "unsure": []},
    )
    assert after.feedback[0].feedback == before.feedback[0].feedback  # until it is judged anew
    outcome = await replica.views.outcome(OutcomeAsk(**who(interview), message_id=message.id))
    assert isinstance(outcome.event.data, Corrected)


async def test_feedback_on_a_revised_answer_takes_the_place_of_the_earlier(replica: Replica) -> None:
    interview = await an_interview(replica, *BEGUN, *A_TURN, tries_again(0, "Better."), judges(0, score=0.9))
    view = await shown(replica, interview)
    assert [(each.answer, each.feedback.score) for each in view.feedback] == [("Better.", 0.9)]
    transcript = await replica.views.transcript(TranscriptAsk(**who(interview)))
    assert (transcript.turns[0].answer, transcript.turns[0].attempts) == ("Better.", (0.7, 0.9))


async def test_the_outcome_of_another_attempt_is_that_it_was_recorded(replica: Replica) -> None:
    interview = await an_interview(replica, *BEGUN, *A_TURN)
    message = await interview.tell(tries_again())
    outcome = await replica.views.outcome(OutcomeAsk(**who(interview), message_id=message.id))
    assert isinstance(outcome.event.data, Retried)


async def test_the_outcome_of_a_wish_for_other_words_is_the_question(replica: Replica) -> None:
    interview = await an_interview(replica, *BEGUN)
    message = await interview.tell(wants_other_words)
    assert (await replica.views.outcome(OutcomeAsk(**who(interview), message_id=message.id))).event is None
    await interview.tell(replies("clarification", action="rephrase"))
    outcome = await replica.views.outcome(OutcomeAsk(**who(interview), message_id=message.id))
    assert outcome.event == interview.history[-1]


async def test_the_outcome_of_a_wish_for_a_report_is_that_it_is_due(replica: Replica) -> None:
    interview = await an_interview(replica, *A_WHOLE_INTERVIEW)
    message = await interview.tell(wants_a_report)
    outcome = await replica.views.outcome(OutcomeAsk(**who(interview), message_id=message.id))
    assert isinstance(outcome.event.data, ReportDue)


async def test_read_models_of_revised_answers_equal_a_rebuild(replica: Replica) -> None:
    revised = (goes_on(), corrects(0), judges(0), tries_again(0), judges(0, score=0.9), wants_other_words)
    again = (replies("clarification", action="rephrase"), says(), replies("closing"), judges(2), reports())
    await an_interview(replica, *BEGUN, says(), goes_on("More."), replies(), judges(0), *revised[1:], *again)
    assert (await rebuild(replica.database, Timeouts(), write=False)).different == 0


async def test_each_version_of_a_report_can_be_read(replica: Replica) -> None:
    interview = await an_interview(replica, *A_WHOLE_INTERVIEW, wants_a_report, reports())
    newest = await replica.views.report(ReportAsk(**who(interview)))
    assert (newest.version, newest.versions) == (2, (1, 2))
    first = await replica.views.report(ReportAsk(**who(interview), version=1))
    assert first.version == 1 and first.report is not None
    assert (await replica.views.report(ReportAsk(**who(interview), version=3))).report is None
    assert (await shown(replica, interview)).session.report_version == 2


async def test_a_report_is_its_owners(replica: Replica) -> None:
    interview = await an_interview(replica, *A_WHOLE_INTERVIEW)
    for stranger in (uuid4(), None):
        asked = ReportAsk(session_id=interview.session_id, user_id=stranger)
        assert not (await replica.views.report(asked)).found


def a_report(**fields: Any) -> Report:
    said = {"patterns_tendencies": "", "strengths": "", "weaknesses": "", "improvement_focus_areas": ""}
    return Report.model_validate(said | {"provenance": {"engine": "scripted"}} | fields)


async def test_progress_compares_a_users_reported_sessions_oldest_first(replica: Replica) -> None:
    interviews = []
    for score in (0.4, 0.6):
        interview = Interview(replica=replica)
        interview.user_id = interviews[0].user_id if interviews else interview.user_id
        written = a_report(overall_score=score, statistics=ReportStatistics(criteria={"depth": score}))
        await interview.tell(*A_STORY, reports(written))
        interviews.append(interview)
    await an_interview(replica, *A_WHOLE_INTERVIEW)  # somebody else's
    progress = await replica.views.progress(ProgressAsk(user_id=interviews[0].user_id))
    assert [each.session_id for each in progress.sessions] == [each.session_id for each in interviews]
    assert [each.criteria["depth"] for each in progress.sessions] == [0.4, 0.6]
