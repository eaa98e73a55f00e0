"""The interviewer as a language model: one structured call a turn, within the rules, heard while it is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from contracts.interviewer.asks import AcknowledgeAsk, Acknowledgement
from contracts.vocabulary.configuration import SessionConfig
from contracts.vocabulary.provenance import Provenance
from contracts.vocabulary.question import Question
from contracts.vocabulary.turn import TurnContext
from models import (
    Answer,
    Chain,
    Deadline,
    ModelRefused,
    NoModel,
    Prompt,
    PromptLibrary,
    Usage,
    fenced,
    language_name,
    without_contact,
)
from parley_text.questions import question_of
from parley_text.sentences import asks

from interviewer.bank import QuestionBank
from interviewer.director import check
from interviewer.engine import Draft, Guidance, Proposal
from interviewer.engines.llm import briefing, cleaner
from interviewer.engines.llm.evidence import Evidence
from interviewer.engines.llm.speech import MADE_UP, GroundedSpeech, Speech, SpeechWatch, problem_with, to_question
from interviewer.engines.picking import ideas
from interviewer.engines.scripted import INTRODUCTION_EXPECTS
from interviewer.hearing import for_model
from interviewer.languages import language

Weights = Mapping[str, Mapping[str, float]]
IDEAS = 3
MAX_TOKENS = 500
RAW_SECONDS = 3.0
ACKNOWLEDGEMENT_SECONDS = 1.5
ACKNOWLEDGEMENT_WORDS = 10
_TEMPERATURE = 0.6


class Unusable(Exception):
    """A model answered, and what it said cannot be used. `usage` is what it cost."""

    def __init__(self, reason: str, usage: Usage) -> None:
        super().__init__(reason)
        self.usage = usage


@dataclass(frozen=True)
class Budgets:
    """Seconds for one reply, everything that it takes included."""

    reply: float = 12.0


class LlmEngine:
    """Raises NoModel, ModelRefused or Unusable where no model gave anything that may be said."""

    def __init__(
        self,
        chain: Chain,
        small: Chain | None,
        question: Chain | None,
        bank: QuestionBank,
        prompts: PromptLibrary,
        weights: Weights,
        budgets: Budgets,
    ) -> None:
        self._chain = chain
        self._small = small
        self._question = question
        self._bank = bank
        self._prompts = prompts
        self._weights = weights
        self._budgets = budgets

    async def introduce(self, session_id: UUID, config: SessionConfig) -> Proposal:
        spoken = language(config.language)
        texts = (spoken.welcomes if config.ask_consent else spoken.introductions)[config.style]
        prompt = self._prompt("introduction", session_id)
        values = {
            "language_name": language_name(config.language),
            "style": briefing.STYLES[config.style],
            "job": briefing.job(config),
            "question": question_of(texts[0]),
        }
        answer = await self._chain.text(
            prompt.render(values), budget=self._budgets.reply, max_tokens=MAX_TOKENS, temperature=_TEMPERATURE
        )
        text = cleaner.cleaned(answer.value)
        if not asks(text):
            raise Unusable("the introduction asks nothing", answer.usage)
        phase, expects = ("welcome", ()) if config.ask_consent else ("intro", INTRODUCTION_EXPECTS)
        question = Question.model_validate({"kind": "introduction", "text": text, "phase": phase, "expects": expects})
        return Proposal("introduce", question, "Every interview begins with an introduction.", _who(answer, prompt))

    async def propose(self, session_id: UUID, context: TurnContext, guidance: Guidance, draft: Draft) -> Proposal:
        deadline = Deadline(self._budgets.reply)
        await guidance.passages.begin()
        offered = ideas(self._bank, session_id, context, guidance, IDEAS) if "new_question" in guidance.allowed else []
        raw = await self._raw_question(session_id, context, guidance, deadline)
        prompt = self._prompt("turn", session_id)
        hits = await guidance.passages.found()
        values = briefing.turn_values(context, guidance, offered, raw, hits)
        evidence = Evidence(context, hits, offered, raw)
        watch = SpeechWatch(context, guidance, draft, evidence)
        answer = await self._speech(prompt.render(values), watch, deadline, grounded=bool(hits))
        speech, text = answer.value, cleaner.cleaned(answer.value.text)
        problem = problem_with(text, speech.action, context) or (MADE_UP if evidence.made_up(text) else "")
        if problem:
            raise Unusable(problem, answer.usage)
        question = to_question(speech, text, context, guidance, offered, evidence)
        return check(Proposal(speech.action, question, speech.reasoning, _who(answer, prompt)), guidance)

    async def _speech(
        self, messages: list[dict[str, str]], watch: SpeechWatch, deadline: Deadline, *, grounded: bool
    ) -> Answer[Speech] | Answer[GroundedSpeech]:
        ask = partial(
            self._chain.structured,
            messages,
            budget=deadline.left(),
            watch=watch,
            temperature=_TEMPERATURE,
            max_tokens=MAX_TOKENS,
        )
        return await ask(schema=GroundedSpeech) if grounded else await ask(schema=Speech)

    async def acknowledge(self, ask: AcknowledgeAsk) -> Acknowledgement:
        if self._small is None:
            raise NoModel([])
        prompt = self._prompt("acknowledgement", ask.session_id)
        waiting = "The candidate has finished; say that you will answer in a moment."
        values = {
            "language_name": language_name(ask.language),
            "task": waiting if ask.thinking else "The candidate is speaking; show that you are listening.",
            "used": "; ".join(ask.used) or "nothing yet",
            "question": ask.question,
            "words": fenced("what the candidate said so far", ask.words),
        }
        answer = await self._small.text(
            prompt.render(values), budget=ACKNOWLEDGEMENT_SECONDS, max_tokens=30, temperature=_TEMPERATURE
        )
        text = answer.value.strip().strip('"“”')
        if asks(text) or "\n" in text or len(text.split()) > ACKNOWLEDGEMENT_WORDS:
            raise Unusable("that is no acknowledgement", answer.usage)
        return Acknowledgement(text=text, provenance=_who(answer, prompt))

    async def _raw_question(
        self, session_id: UUID, context: TurnContext, guidance: Guidance, deadline: Deadline
    ) -> str:
        """What a model that was trained for it would ask; nothing if it is not there or not in time."""
        if self._question is None or "new_question" not in guidance.allowed:
            return ""
        values = {
            "job": briefing.job(context.config),
            "domain": (guidance.domain or "general").replace("_", " "),
            "difficulty": guidance.difficulty,
            "context": without_contact(context.config.resume_content)[:2000] or for_model(context.answer)[:2000],
        }
        prompt = self._prompt("question", session_id)
        try:
            budget = deadline.left(at_most=RAW_SECONDS)
            answer = await self._question.text(prompt.render(values), budget=budget, max_tokens=120)
        except (NoModel, ModelRefused):
            return ""
        return cleaner.cleaned(answer.value)

    def _prompt(self, name: str, session_id: UUID) -> Prompt:
        return self._prompts.assign(name, session_id, self._weights.get(name, {}))


class _Heard:
    """Turns a text that grows into the pieces of a draft."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self._text = ""

    async def text(self, so_far: str) -> None:
        clean = cleaner.beginning(so_far)
        if clean is None:
            return
        if not clean.startswith(self._text):
            self._text = ""
            await self._draft.restart()
        if len(clean) > len(self._text):
            news, self._text = clean[len(self._text) :], clean
            await self._draft.say(news)


def _who(answer: Answer[Any], prompt: Prompt) -> Provenance:
    return Provenance(
        engine="llm",
        model=answer.model,
        prompt_version=prompt.version,
        degraded=answer.fallback,
        usage=answer.usage.recorded(),
    )
