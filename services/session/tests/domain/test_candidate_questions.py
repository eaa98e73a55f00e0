"""Before the end the candidate may ask: that costs no question, and who leaves there has done the interview."""

from __future__ import annotations

from contracts.session.events import Completed, QuestionAsked
from session.domain.context import turn_context
from session.domain.deadlines import Timeouts
from session_helpers.facts import answered, asked, created, introduced, started
from session_helpers.intents import nobody_is_heard_of, replies, says
from session_helpers.story import Story, a, given

wanted = {"target_question_count": 1, "candidate_questions": True}
done = (created(**wanted), started(), introduced, answered(), asked(), answered("In 2021 I rebuilt the ward plan."))
INVITATION = {"kind": "question", "phase": "closing", "action": "new_question"}


def invited() -> Story:
    kind, action = INVITATION["kind"], INVITATION["action"]
    return given(*done).when(replies(kind, action=action, phase="closing"))  # type: ignore[arg-type]


def test_the_invitation_is_no_question_of_the_interview() -> None:
    story = invited().then(a(QuestionAsked, number=1))
    assert story.state.questions_asked == 1 and not story.state.over
    story.when(says("What happens next?"))
    context = turn_context(story.state, story.state.answers[2])
    assert context.question.phase == "closing" and context.budget.asked == 1


def test_what_was_asked_is_counted_until_the_closing_ends_it() -> None:
    story = invited()
    for number in range(2):
        story.when(says(f"What about {number}?"))
        story.when(replies("clarification", action="clarify", phase="closing", heard="asks_process"))
        story.then(a(QuestionAsked, number=1, heard="asks_process"))
    story.when(says("No, thanks."))
    context = turn_context(story.state, story.state.answers[4])
    assert context.remarks == ("asks_process",) * 2 and not context.clarified
    story.when(replies("closing", action="conclude", phase="closing"))
    story.then(QuestionAsked, a(Completed, ending="budget"))
    assert story.state.status == "completed"


def test_who_leaves_without_a_word_has_done_the_interview() -> None:
    story = invited().when(nobody_is_heard_of, after=Timeouts().abandonment)
    assert isinstance(story.outcome[0].data, Completed) and story.outcome[0].data.ending == "budget"
    assert story.state.status == "completed"


def test_who_leaves_before_it_has_not() -> None:
    story = given(*done[:-1]).when(nobody_is_heard_of, after=Timeouts().abandonment)
    assert isinstance(story.outcome[0].data, Completed) and story.outcome[0].data.ending == "abandoned"
