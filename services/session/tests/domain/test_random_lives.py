"""Whatever order messages and timers come in, twice or late, the rules hold."""

from __future__ import annotations

from itertools import pairwise
from typing import Any
from uuid import UUID, uuid4

from contracts import Event, Payload
from contracts.registry import load_payload
from contracts.session.events import (
    AnswerRecorded,
    AnswerUnheard,
    AudioReceived,
    Completed,
    Corrected,
    QuestionAsked,
    Rephrased,
    ReportDue,
    ReportRecorded,
    Reset,
    Retried,
    Started,
)
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from pydantic_core import from_json
from session.domain.deadlines import Timeouts, deadlines
from session.domain.intents import ClockRanOut, FeedbackGivenUp, HearingGivenUp, LeftAlone, ReplyGivenUp, ReportGivenUp
from session.domain.state import fold
from session_helpers import intents
from session_helpers.story import Story

KINDS = st.sampled_from(
    ["question", "question", "follow_up", "follow_up", "clarification", "notice", "introduction", "closing"]
)
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=20)
PAUSE = st.floats(0, 4000)
TIMEOUTS = Timeouts()
ANY = st.integers(0, 1_000_000)


class RandomLife(RuleBasedStateMachine):
    """One session, to which anything may happen."""

    def __init__(self) -> None:
        super().__init__()
        self.story = Story()
        self.delivered: list[Event[Payload]] = []

    def deliver(self, message: Event[Payload]) -> None:
        """As the application does: a message that led to events is not decided upon again."""
        self.delivered.append(message)
        if message.id not in self.story.state.causes:
            self.story.when(lambda _: message)

    def tell(self, intent: Any, after: float = 1.0) -> None:
        self.story.when(lambda story: self._remembered(intent(story)), after=after)

    def _remembered(self, message: Event[Payload]) -> Event[Payload]:
        self.delivered.append(message)
        return message

    def an_event(self, number: int, *kinds: type[Payload]) -> UUID | None:
        """Some event of the history, of a kind, or none at all."""
        found = [event.id for event in self.story.history if isinstance(event.data, kinds)]
        return (found[-8:] or [uuid4()])[number % (len(found[-8:]) or 1)] if number % 11 else None

    @initialize(by_time=st.booleans(), begun=st.integers(0, 4))
    def create(self, by_time: bool, begun: int) -> None:
        self.tell(intents.is_requested(use_time_based_interview=by_time, interview_duration_minutes=5))
        if begun:
            self.begin()

    @rule()
    def begin(self) -> None:
        self.tell(intents.starts())
        self.tell(intents.replies("introduction"))

    @rule(kind=KINDS)
    def take_a_turn(self, kind: Any) -> None:
        self.tell(intents.says())
        self.tell(intents.replies(kind))

    @rule(kind=KINDS)
    def take_a_judged_turn(self, kind: Any) -> None:
        self.tell(intents.says())
        answer = self.story.state.pending_answer
        if answer:
            self.tell(intents.judges(answer.turn))
        self.tell(intents.replies(kind))

    @rule()
    def be_told_all_feedback_that_is_missing(self) -> None:
        for answer in self.story.state.awaiting_feedback:
            self.tell(intents.judges(answer.turn))

    @rule()
    def start(self) -> None:
        self.tell(intents.starts())

    @rule(text=TEXT)
    def say(self, text: str) -> None:
        self.tell(intents.says(text))

    @rule(text=st.sampled_from(["Yes.", "I built a parser, and it was fast."]), after=st.floats(0, 70))
    def say_without_a_key(self, text: str, after: float) -> None:
        self.tell(intents.says(text, keyed=False), after=after)

    @rule(number=ANY)
    def say_to_another_question(self, number: int) -> None:
        self.tell(intents.says(to=lambda _: self.an_event(number, QuestionAsked)))

    @rule(sound=st.sampled_from(["one", "two"]), keyed=st.booleans())
    def answer_aloud(self, sound: str, keyed: bool) -> None:
        self.tell(intents.answers_aloud(sound, keyed=keyed))

    @rule(text=TEXT, number=ANY)
    def be_understood(self, text: str, number: int) -> None:
        unheard = self.story.state.unheard
        cause = unheard.id if unheard and number % 3 else self.an_event(number, AudioReceived)
        self.tell(intents.is_understood(text, of=lambda _: cause))

    @rule(number=ANY)
    def not_be_understood(self, number: int) -> None:
        unheard = self.story.state.unheard
        cause = unheard.id if unheard and number % 3 else self.an_event(number, AudioReceived)
        self.tell(intents.is_not_understood(of=lambda _: cause))

    @rule(kind=KINDS)
    def reply(self, kind: Any) -> None:
        self.tell(intents.replies(kind))

    @rule(kind=KINDS, number=ANY)
    def reply_to_something_else(self, kind: Any, number: int) -> None:
        self.tell(intents.replies(kind, to=lambda _: self.an_event(number, AnswerRecorded, Started)))

    @rule(turn=st.integers(0, 4), number=ANY)
    def judge(self, turn: int, number: int) -> None:
        answer = self.story.state.answers.get(turn)
        cause = answer.id if answer and number % 3 else self.an_event(number, AnswerRecorded)
        self.tell(intents.judges(turn, answer=lambda _: cause))

    @rule(text=TEXT)
    def go_on(self, text: str) -> None:
        self.tell(intents.goes_on(text))

    @rule()
    def be_told_in_other_words(self) -> None:
        self.tell(intents.wants_other_words)
        self.tell(intents.replies("clarification", action="rephrase"))

    @rule()
    def want_other_words(self) -> None:
        self.tell(intents.wants_other_words)

    @rule(turn=st.integers(0, 4), text=TEXT)
    def correct(self, turn: int, text: str) -> None:
        self.tell(intents.corrects(turn, text))

    @rule(turn=st.integers(0, 4), text=TEXT)
    def try_again(self, turn: int, text: str) -> None:
        self.tell(intents.tries_again(turn, text))

    @rule()
    def want_a_report(self) -> None:
        self.tell(intents.wants_a_report)

    @rule(after=PAUSE)
    def pause_for(self, after: float) -> None:
        self.tell(intents.pauses)
        self.tell(intents.resumes, after=after)

    @rule(number=st.integers(0, 5))
    def finish(self, number: int) -> None:
        if number == 0:
            self.tell(intents.ends())
            self.be_told_all_feedback_that_is_missing()
            self.tell(intents.reports())

    @rule(number=ANY)
    def report(self, number: int) -> None:
        self.tell(intents.reports(to=lambda _: self.an_event(number, ReportDue)))

    @rule()
    def pause(self) -> None:
        self.tell(intents.pauses)

    @rule(after=PAUSE)
    def resume(self, after: float) -> None:
        self.tell(intents.resumes, after=after)

    @rule(reason=st.sampled_from(["ended", "cancelled"]), number=st.integers(0, 5))
    def end(self, reason: Any, number: int) -> None:
        if number == 0:
            self.tell(intents.ends(reason))

    @rule(number=st.integers(0, 7))
    def reset(self, number: int) -> None:
        if number == 0:
            self.tell(intents.resets)

    @rule(number=ANY)
    def deliver_again(self, number: int) -> None:
        self.deliver(self.delivered[number % len(self.delivered)])

    @rule(number=ANY, after=PAUSE)
    def time_out(self, number: int, after: float) -> None:
        some = self.an_event(number, AnswerRecorded, Started) or uuid4()
        received = self.an_event(number, AudioReceived) or uuid4()
        given_up = [ReplyGivenUp(some), FeedbackGivenUp(some), ReportGivenUp(number % 3), HearingGivenUp(received)]
        alone = LeftAlone(self.story.state.active_at or self.story.now)
        self.story.when(lambda _: (*given_up, *given_up, ClockRanOut(), alone)[number % 10], after=after)

    @invariant()
    def versions_are_consecutive(self) -> None:
        versions = [event.stream_version for event in self.story.history]
        assert versions == list(range(1, len(versions) + 1))
        assert self.story.state.version == len(versions)

    @invariant()
    def each_turn_has_one_question_and_one_answer(self) -> None:
        state = self.story.state
        assert [asked.turn for asked in state.asked] == list(range(len(state.asked)))
        assert set(state.answers) <= set(range(len(state.asked)))
        for turn, answer in state.answers.items():
            assert answer.turn == turn and answer.question_id == state.asked[turn].id
        for life in self.lives():
            turns = [event.data.turn for event in life if isinstance(event.data, QuestionAsked)]
            assert turns == list(range(len(turns)))

    @invariant()
    def each_revision_of_an_answer_follows_the_one_before(self) -> None:
        for life in self.lives():
            said = [event.data for event in life if isinstance(event.data, AnswerRecorded | Corrected | Retried)]
            for turn in {each.turn for each in said}:
                revisions = [each.revision for each in said if each.turn == turn]
                assert revisions == list(range(1, len(revisions) + 1))

    @invariant()
    def only_a_question_that_was_put_in_other_words_is_left_unanswered(self) -> None:
        asked, answers = self.story.state.asked, self.story.state.answers
        for earlier, later in pairwise(asked):
            assert earlier.turn in answers or later.action in {"rephrase", "notice"} or later.id in self.overtaken()

    def overtaken(self) -> set[UUID]:
        """Replies to a wish for other words, whatever they are called."""
        wishes = {event.id for event in self.story.history if isinstance(event.data, Rephrased)}
        replies = {each.id for each in self.delivered if each.causation_id in wishes}
        return {event.id for event in self.story.history if event.causation_id in replies}

    @invariant()
    def the_number_of_questions_never_goes_down(self) -> None:
        numbers = [asked.number for asked in self.story.state.asked]
        assert numbers == sorted(numbers)
        assert all(later - number in (0, 1) for number, later in pairwise(numbers))

    @invariant()
    def an_interview_ends_once_and_nothing_is_asked_or_said_after_it(self) -> None:
        """What was being understood then, was said before."""
        for life in self.lives():
            kinds = [type(event.data) for event in life if not getattr(event.data, "spoken", None)]
            if Completed in kinds:
                after = kinds[kinds.index(Completed) + 1 :]
                assert not {Completed, QuestionAsked, AnswerRecorded, Started} & set(after)

    @invariant()
    def each_recording_comes_to_one_thing_and_nothing_comes_first(self) -> None:
        for life in self.lives():
            open_since = None
            for event in life:
                if isinstance(event.data, AudioReceived):
                    assert open_since is None
                    open_since = event.data
                elif isinstance(event.data, AnswerUnheard) or getattr(event.data, "spoken", None):
                    assert open_since is not None and event.data.turn == open_since.turn
                    open_since = None
                elif isinstance(event.data, AnswerRecorded | QuestionAsked):
                    assert open_since is None

    @invariant()
    def a_report_is_recorded_only_when_it_was_due(self) -> None:
        for life in self.lives():
            kinds = [type(event.data) for event in life]
            versions = [event.data.version for event in life if isinstance(event.data, ReportDue)]
            assert versions == list(range(1, len(versions) + 1))
            if ReportRecorded in kinds:
                assert ReportDue in kinds[: kinds.index(ReportRecorded)]

    @invariant()
    def a_reply_is_due_exactly_when_somebody_waits_for_one(self) -> None:
        state = self.story.state
        waiting = [key for key in deadlines(state, TIMEOUTS) if key.kind == "reply"]
        assert [key.ref for key in waiting] == ([str(state.reply_pending_to)] if state.reply_pending_to else [])
        answered = len(state.asked) - 1 in state.answers or not state.asked
        wished = state.pending_reply is not None
        assert bool(waiting) == (state.status in {"active", "paused"} and (answered or wished))

    def lives(self) -> list[list[Event[Payload]]]:
        """The history, cut at each reset."""
        parts: list[list[Event[Payload]]] = [[]]
        for event in self.story.history:
            if isinstance(event.data, Reset):
                parts.append([])
            else:
                parts[-1].append(event)
        return parts

    def teardown(self) -> None:
        self.what_is_stored_tells_the_same_state()
        self.once_the_timers_fire_nothing_is_missing()

    def what_is_stored_tells_the_same_state(self) -> None:
        stored = [event.data.model_dump_json(exclude_none=True) for event in self.story.history]
        loaded = [
            event.model_copy(update={"data": load_payload(event.type, event.schema_version, from_json(raw))})
            for event, raw in zip(self.story.history, stored, strict=True)
        ]
        assert fold(self.story.session_id, loaded) == self.story.state

    def once_the_timers_fire_nothing_is_missing(self) -> None:
        for _ in range(100):
            waiting = [key for key in deadlines(self.story.state, TIMEOUTS) if key.kind not in {"clock", "abandonment"}]
            if not waiting:
                break
            key = waiting[0]
            self.story.when(lambda story, key=key: _given_up(story, key.kind, key.ref))
            assert key not in deadlines(self.story.state, TIMEOUTS)
        state = self.story.state
        assert not state.awaited and not state.awaiting_feedback and state.report_status != "generating"
        if state.status in {"active", "paused"}:
            assert len(state.asked) - 1 not in state.answers


def _given_up(story: Story, kind: str, ref: str) -> Any:
    match kind:
        case "reply":
            return ReplyGivenUp(UUID(ref))
        case "hearing":
            return HearingGivenUp(UUID(ref))
        case "feedback":
            return FeedbackGivenUp(UUID(ref))
        case _:
            return ReportGivenUp(story.state.report_version)


RandomLife.TestCase.settings = settings(
    max_examples=100, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
)
test_random_lives = RandomLife.TestCase
