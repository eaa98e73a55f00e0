"""One turn as a model writes it: decision first, so that it can be checked before a word of it is heard."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from contracts.vocabulary.question import Expectation, Question
from contracts.vocabulary.turn import TurnContext
from models import Rejected
from parley_text.sentences import asks
from pydantic import BaseModel

from interviewer.askable import Askable
from interviewer.director import SAID_AS, NotAllowed, check_action
from interviewer.engine import Draft, Guidance
from interviewer.engines.llm import cleaner
from interviewer.engines.llm.evidence import Evidence
from interviewer.planning import phase_of_follow_up

Chosen = Literal["introduce", "follow_up", "new_question", "clarify", "rephrase", "conclude"]
MAX_POINTS = 4
MAX_WORDS = 120
"""Nobody listens to a longer question."""
MADE_UP = "The text says of the candidate what stands in no document and was not said."


class Decision(BaseModel):
    """What a model decides before it says anything. The order of the fields is the order in which they are written."""

    action: Chosen
    reasoning: str
    taking_up: str
    idea: str


class Speech(Decision):
    """What a model decides and says."""

    text: str
    expects: list[str]

    @property
    def named(self) -> Sequence[int]:
        """The passages that it says it used."""
        return ()


class GroundedSpeech(Decision):
    """What a model decides and says that was given passages of the documents."""

    sources: list[int]
    text: str
    expects: list[str]

    @property
    def named(self) -> Sequence[int]:
        """The passages that it says it used."""
        return self.sources


class SpeechWatch:
    """Watches a speech being written: what the rules do not allow is stopped, the rest is heard at once."""

    def __init__(self, context: TurnContext, guidance: Guidance, draft: Draft, evidence: Evidence) -> None:
        self._evidence = evidence
        self._context = context
        self._guidance = guidance
        self._draft = draft
        self._heard = ""
        self._checked: set[str] = set()

    async def restart(self) -> None:
        self._heard = ""
        self._checked.clear()
        await self._draft.restart()

    async def partial(self, fields: dict[str, Any]) -> None:
        """A field is complete once the next one has begun."""
        if "reasoning" in fields:
            self._once("action", fields)
        if "idea" in fields:
            self._once("taking_up", fields)
        if "text" in fields:
            self._once("sources", fields)
        if "expects" in fields:
            self._once("text", fields)
        # Endpoints that know no schema may write in any order: nothing is heard before the decision was checked.
        if "action" in self._checked and isinstance(fields.get("text"), str):
            await self._hear(fields["text"])

    def _once(self, field: str, fields: dict[str, Any]) -> None:
        if field not in self._checked:
            self._checked.add(field)
            getattr(self, f"_check_{field}")(fields)

    def _check_action(self, fields: dict[str, Any]) -> None:
        try:
            check_action(fields["action"], self._guidance)
        except NotAllowed:
            allowed = ", ".join(sorted(self._guidance.allowed | self._guidance.possible))
            raise Rejected(f"The action is not allowed in this turn; allowed are: {allowed}.") from None

    def _check_taking_up(self, fields: dict[str, Any]) -> None:
        words = str(fields.get("taking_up") or "")
        if words and not said_in(words, self._context.answer):
            raise Rejected("The words in `taking_up` are not in the candidate's answer. Quote verbatim.")

    def _check_sources(self, fields: dict[str, Any]) -> None:
        named = fields.get("sources") or []
        if not isinstance(named, list) or not all(map(self._evidence.has, named)):
            raise Rejected("`sources` names a passage that there is not. Give numbers of the passages above, or none.")

    def _check_text(self, fields: dict[str, Any]) -> None:
        text = cleaner.cleaned(str(fields.get("text") or ""))
        if problem := problem_with(text, fields["action"], self._context):
            raise Rejected(problem)
        if made_up := self._evidence.made_up(text):
            raise Rejected(f"{MADE_UP} Leave out: {', '.join(made_up[:MAX_POINTS])}.")

    async def _hear(self, text: str) -> None:
        clean = cleaner.beginning(text)
        if clean is not None and clean.startswith(self._heard) and len(clean) > len(self._heard):
            news, self._heard = clean[len(self._heard) :], clean
            await self._draft.say(news)


def said_in(words: str, answer: str) -> bool:
    """Whether words were said, whatever their case and spacing."""
    return " ".join(words.split()).casefold() in " ".join(answer.split()).casefold()


def problem_with(text: str, action: str, context: TurnContext) -> str:
    """What keeps a text from being said, told to the model; empty when nothing does."""
    if len(text) < 2:
        return "The text is empty."
    if len(text.split()) > MAX_WORDS:
        return "The text is too long to be spoken: one question, two sentences before it at most."
    if action == "conclude":
        return "A closing asks nothing." if asks(text) else ""
    points = [each.point for each in context.question.expects]
    if action == "clarify" and cleaner.gives_away(text, points, f"{context.answer} {context.question.text}"):
        return "The words give away what a good answer contains. Help without naming it."
    if action in {"clarify", "rephrase"}:
        return ""
    spoken = [each.text for each in context.transcript if each.role == "interviewer"]
    if cleaner.repeats(text, [*spoken, context.question.text]):
        return "That was asked before. Ask something else."
    if action == "follow_up" and cleaner.gives_away(text, points, f"{context.answer} {context.question.text}"):
        return "The question gives away what a good answer contains. Ask without naming it."
    return ""


def to_question(
    speech: Speech | GroundedSpeech,
    text: str,
    context: TurnContext,
    guidance: Guidance,
    ideas: Sequence[Askable],
    evidence: Evidence,
) -> Question:
    """The speech as a question of the interview. Phase, domain and difficulty are the director's."""
    kind = SAID_AS[speech.action]
    sources = evidence.sources(speech.named, text)
    if speech.action in {"clarify", "rephrase"}:
        return context.question.model_copy(update={"kind": kind, "text": text, "sources": sources})
    if speech.action == "conclude":
        return Question(kind=kind, text=text, phase="closing")
    expects = tuple(Expectation(point=point) for point in speech.expects[:MAX_POINTS] if point.strip())
    if speech.action == "follow_up":
        update = {"kind": kind, "text": text, "expects": expects, "sources": sources}
        return context.question.model_copy(update=update | {"phase": phase_of_follow_up(context.question)})
    if speech.action == "introduce":
        return Question(kind=kind, text=text, phase="intro", expects=expects)
    idea = next((each for each in ideas if each.id == speech.idea), None)
    return Question(
        kind=kind,
        text=text,
        phase=guidance.phase,
        domain=idea.domain if idea else guidance.domain,
        difficulty=idea.difficulty if idea else guidance.difficulty,
        bank_id=idea.id if idea else None,
        expects=idea.expects if idea else expects,
        sources=sources,
    )
