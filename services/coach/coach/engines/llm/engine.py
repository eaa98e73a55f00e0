"""The coach as a language model. It finds the words that count and says which level they reach; numbers are code's."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Coroutine, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic
from typing import Any, TypeVar

from contracts.coach.asks import Sketch
from contracts.vocabulary.judgement import CriterionName, Feedback, Quote, Star
from contracts.vocabulary.provenance import Provenance
from contracts.vocabulary.question import Question
from contracts.vocabulary.report import Report
from contracts.vocabulary.turn import TranscriptTurn, TurnContext
from models import (
    Answer,
    Chain,
    Deadline,
    ModelRefused,
    NoModel,
    Prompt,
    PromptLibrary,
    Rejected,
    Usage,
    Watch,
    language_name,
)
from pydantic import BaseModel

from coach.delivery import delivery_of
from coach.engines import Finder, ReportMaterial
from coach.engines.llm import briefing, second, wording
from coach.engines.llm.panel import Judged, judged
from coach.engines.llm.verdicts import (
    NOT_SAID,
    DepthVerdict,
    QuoteWatch,
    Reference,
    ReportWords,
    SketchWords,
    StoryVerdict,
    Together,
    TogetherOnStory,
    Verdict,
    verified,
)
from coach.numbers import numbers_of
from coach.rubric import (
    CRITERIA,
    combined,
    completeness,
    criteria_of,
    technical_accuracy,
    tells_a_story,
)
from coach.rubric.examples import told
from coach.said import Said
from coach.text import Sentence, content, sentences

M = TypeVar("M", bound=BaseModel)
T = TypeVar("T")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_GAP = re.compile(r"\[[^\]]*\]")
FEWEST_TO_TELL = 4
FROM_MATERIAL = 0.4
"""The share of a sentence's words that have to stand in the material; the rest may tie them together."""
SLACK = 1.5
"""A second look begins only where so many times as long is left as the first one took."""
_JUDGING = 0.0
_WRITING = 0.5


@dataclass(frozen=True)
class Limits:
    """Seconds for one call of each kind, retries and failover included, and for the whole of a `feedback`; `runs`: how
    often a criterion is judged."""

    reference: float = 12.0
    judging: float = 20.0
    feedback: float = 50.0
    report: float = 25.0
    sketch: float = 20.0
    runs: int = 1


class LlmEngine:
    """Raises NoModel and ModelRefused where no model gave anything that can be used."""

    def __init__(
        self, chain: Chain, prompts: PromptLibrary, versions: Mapping[str, str], limits: Limits, finder: Finder
    ) -> None:
        self._chain = chain
        self._prompts = prompts
        self._versions = versions
        self._limits = limits
        self._finder = finder

    async def evaluate(self, context: TurnContext) -> Feedback:
        """The reference is written before the answer is read; then each criterion is judged by itself."""
        bill, deadline = _Bill(), Deadline(self._limits.feedback)
        said = Said.of(context.answer, context.spoken)
        with bill.presented():
            reference = await self._reference(context, bill)
            if self._chain.one_at_a_time:
                first = await self._judge_together(context, said, reference, bill, deadline)
                return self._feedback(context, said, first, None, reference, bill)
            began = monotonic()
            first = await self._judge(context, said, reference, bill, deadline)
            took = monotonic() - began
        score = combined(criteria_of(second.levels_in(first, said)), context.question.phase)
        again = None
        if second.is_near_a_boundary(score) and deadline.left() > took * SLACK:
            again = await self._judge_again(context, said, reference, bill, deadline)
        return self._feedback(context, said, first, again, reference, bill)

    async def report(self, material: ReportMaterial) -> Report:
        """One call for the words; everything that can be counted is counted."""
        bill = _Bill()
        numbers = numbers_of(material.turns, material.config)
        prompt = self._prompt("report")
        values = {
            "language_name": language_name(material.config.language),
            "job": material.config.job_role,
            "numbers": briefing.numbers(numbers.statistics, numbers.overall),
            "transcript": briefing.transcript(material.turns),
        }
        watch = InsightWatch(_answers(material))
        words = await self._ask(prompt, values, ReportWords, self._limits.report, bill, watch=watch, warm=True)
        resources = await self._finder.find(material)
        return wording.report(words, numbers, resources, bill.provenance(prompt), watch.verified)

    async def sketch(self, turn: TranscriptTurn, material: ReportMaterial) -> Sketch:
        bill = _Bill()
        prompt = self._prompt("sketch")
        feedback = turn.feedback
        values = briefing.about(turn.question, material.config)
        del values["job"]
        values |= {
            "improvements": "\n".join(feedback.improvements) if feedback else "",
            "material": briefing.material(turn, material.turns, material.config),
        }
        said = _all_said(material)
        words = await self._ask(
            prompt, values, SketchWords, self._limits.sketch, bill, watch=InventionWatch(said.sure), warm=True
        )
        quotes = tuple(Quote(text=quote) for quote in verified(words.quotes, said))
        return Sketch(
            found=True,
            text=words.text.strip(),
            quotes=quotes,
            gaps=tuple(words.gaps),
            provenance=bill.provenance(prompt),
        )

    async def _reference(self, context: TurnContext, bill: _Bill) -> Reference:
        question = context.question
        expected = [each.point for each in question.expects]
        values = briefing.about(question, context.config) | {
            "phase": question.phase,
            "domain": question.domain or "general",
            "difficulty": question.difficulty or context.config.difficulty,
            "points": f"Points behind the question:\n{briefing.points(expected)}" if expected else "",
        }
        written = await self._ask(self._prompt("reference"), values, Reference, self._limits.reference, bill)
        return written.model_copy(update={"points": expected}) if expected else written

    async def _judge_again(
        self, context: TurnContext, said: Said, reference: Reference, bill: _Bill, deadline: Deadline
    ) -> second.Verdicts | None:
        """A look at the same answer with the levels and the examples in the other order. None where no model gives one:
        what the first look found stands, and what was spent is told."""
        try:
            return await self._judge(context, said, reference, bill, deadline, reordered=True)
        except (NoModel, ModelRefused) as error:
            bill.spent(error.usage)
            return None

    async def _judge(
        self,
        context: TurnContext,
        said: Said,
        reference: Reference,
        bill: _Bill,
        deadline: Deadline,
        *,
        reordered: bool = False,
    ) -> second.Verdicts:
        """Each criterion by itself, all at the same time."""
        shown = said.without_appeals()
        told_alike = briefing.judged(context, shown, reference.answer, reference.points)
        budget = deadline.left(at_most=self._limits.judging)
        question, prompt = context.question, self._prompt("judge")

        async def judge(criterion: CriterionName) -> list[Verdict]:
            values = told_alike | {
                "criterion": criterion,
                "levels": briefing.levels(criterion, question.phase, falling=reordered),
                "examples": told(question, (criterion,), reordered=reordered),
            }
            schema = _schema(criterion, question)
            return await _side_by_side(
                self._ask(prompt, values, schema, budget, bill, watch=QuoteWatch(shown))
                for _ in range(self._limits.runs)
            )

        return dict(zip(CRITERIA, await _side_by_side(map(judge, CRITERIA)), strict=True))

    async def _judge_together(
        self, context: TurnContext, said: Said, reference: Reference, bill: _Bill, deadline: Deadline
    ) -> second.Verdicts:
        """Once for all criteria: one after another they would take longer than anybody waits."""
        question = context.question
        shown = said.without_appeals()
        values = briefing.judged(context, shown, reference.answer, reference.points) | {
            "levels": "\n\n".join(f"{name}:\n{briefing.levels(name, question.phase)}" for name in CRITERIA),
            "examples": told(question, CRITERIA),
        }
        schema = TogetherOnStory if tells_a_story(question.phase) else Together
        verdicts = await self._ask(self._prompt("judge_together"), values, schema, deadline.left(), bill)
        return {name: [getattr(verdicts, name)] for name in CRITERIA}

    def _feedback(
        self,
        context: TurnContext,
        said: Said,
        first: second.Verdicts,
        again: second.Verdicts | None,
        reference: Reference,
        bill: _Bill,
    ) -> Feedback:
        question = context.question
        if again is None:
            found = {name: judged(name, first[name], said, question.phase) for name in CRITERIA}
            criteria = criteria_of(second.levels_in(first, said))
        else:
            found = second.together(first, again, said, question.phase)
            criteria = second.criteria_by(first, again, said)
        judgements = tuple(each.judgement for each in found.values())
        score = combined(criteria, question.phase)
        quotes = wording.quotes(found.values())
        # Without a word that supports anything there is no judgement: a legal outcome.
        sufficient = score is not None and any(each.quotes for each in judgements)
        return Feedback(
            judged=True,
            text=wording.feedback_text(found.values()),
            score=score if sufficient else None,
            evidence="sufficient" if sufficient else "insufficient",
            strengths=wording.strengths(found.values()),
            improvements=wording.improvements(found.values()),
            quotes=quotes if sufficient else (),
            criteria=criteria if sufficient else criteria_of({}),
            technical_accuracy=technical_accuracy(criteria) if sufficient else None,
            completeness=completeness(_covered(found), len(reference.points), criteria) if sufficient else None,
            clarity=criteria.clarity if sufficient else None,
            analysis=wording.analysis(judgements),
            judgements=judgements,
            star=_star(found, said),
            delivery=delivery_of(said.sure, context.config.language, context.spoken),
            reference_answer=reference.answer,
            runs=self._limits.runs * (1 if again is None else 2),
            interval=second.interval(first, again, said, question.phase) if again and sufficient else None,
            provenance=bill.provenance(self._prompt("judge_together" if self._chain.one_at_a_time else "judge")),
        )

    async def _ask(
        self,
        prompt: Prompt,
        values: Mapping[str, str],
        schema: type[M],
        budget: float,
        bill: _Bill,
        *,
        watch: Watch | None = None,
        warm: bool = False,
    ) -> M:
        needed = {name: value for name, value in values.items() if name in prompt.placeholders}
        answer = await self._chain.structured(
            prompt.render(needed),
            schema,
            budget=budget,
            watch=watch,
            temperature=_WRITING if warm else _JUDGING,
            later=schema is ReportWords,
        )
        bill.add(answer)
        return answer.value

    def _prompt(self, name: str) -> Prompt:
        return self._prompts.get(name, self._versions.get(name))


async def _side_by_side(work: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """What they give, in order. When one fails, the others are ended, since nobody would read what they say.

    Raises that one's error; the error of a model then holds what all that failed had spent.
    """
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(each) for each in work]
    except BaseExceptionGroup as group_of_errors:
        raise _together(group_of_errors.exceptions) from None
    return [task.result() for task in tasks]


def _together(errors: Sequence[BaseException]) -> BaseException:
    first = next((each for each in errors if not isinstance(each, NoModel | ModelRefused)), errors[0])
    if isinstance(first, NoModel | ModelRefused):
        first.usage = sum((each.usage for each in errors if isinstance(each, NoModel | ModelRefused)), Usage())
    return first


class _Bill:
    """What several calls together used, and who answered."""

    def __init__(self) -> None:
        self._usage = Usage()
        self._model = ""
        self._fallback = False

    def add(self, answer: Answer[M]) -> None:
        """One more call."""
        self._usage += answer.usage
        self._model = self._model or answer.model
        self._fallback = self._fallback or answer.fallback

    def spent(self, usage: Usage) -> None:
        """What a call took that gave nothing."""
        self._usage += usage

    @contextmanager
    def presented(self) -> Iterator[None]:
        """Whatever fails in here carries what was spent before, so that the fallback can report it."""
        try:
            yield
        except (NoModel, ModelRefused) as error:
            error.usage += self._usage
            raise

    def provenance(self, prompt: Prompt) -> Provenance:
        """Degraded where any part came from a fallback."""
        return Provenance(
            engine="llm",
            model=self._model,
            prompt_version=prompt.version,
            degraded=self._fallback,
            usage=self._usage.recorded(),
        )


class InsightWatch:
    """Stops a report whose insights quote what nobody said."""

    def __init__(self, answers: Sequence[Said]) -> None:
        self._answers = answers

    async def restart(self) -> None:
        return

    async def partial(self, fields: dict[str, Any]) -> None:
        """An insight is complete once the next one has begun."""
        insights = [each for each in fields.get("insights") or [] if isinstance(each, dict)]
        for insight in insights:
            quote = insight.get("quote")
            if "shows" in insight and isinstance(quote, str) and not self._was_said(quote):
                raise Rejected(NOT_SAID.format(quote=quote[:200]))

    def verified(self, quote: str) -> str | None:
        """The words as they stand in one of the answers, without guessed ones."""
        return next((found for answer in self._answers if (found := answer.passage(quote))), None)

    def _was_said(self, quote: str) -> bool:
        return any(Said(answer.text, answer.text).passage(quote) for answer in self._answers)


class InventionWatch:
    """Stops a sketch with figures, or whole sentences, that stand nowhere in the candidate's material."""

    def __init__(self, material: str) -> None:
        self._known = frozenset(_NUMBER.findall(material))
        self._words = content(material)

    async def restart(self) -> None:
        return

    async def partial(self, fields: dict[str, Any]) -> None:
        """The text is complete once the next field has begun."""
        if "quotes" not in fields:
            return
        text = _GAP.sub("", str(fields.get("text") or ""))
        invented = [number for number in _NUMBER.findall(text) if number not in self._known]
        if invented:
            raise Rejected(f"These numbers are not in the candidate's material: {', '.join(invented)}. Leave a gap.")
        if foreign := next(filter(self._is_foreign, sentences(text)), None):
            raise Rejected(f"This is not from the candidate's material: {foreign.text[:120]!r}. Leave a gap instead.")

    def _is_foreign(self, sentence: Sentence) -> bool:
        """Whether most of what it says was never said. Scripts without spaces have no words to compare."""
        own = frozenset(each for each in sentence.content if each.isascii())
        return len(own) >= FEWEST_TO_TELL and len(own & self._words) < FROM_MATERIAL * len(own)


def _schema(criterion: CriterionName, question: Question) -> type[Verdict]:
    if criterion == "depth":
        return DepthVerdict
    return StoryVerdict if criterion == "structure" and tells_a_story(question.phase) else Verdict


def _covered(found: Mapping[CriterionName, Judged]) -> int:
    """How many points the answer speaks of, by the judge of depth."""
    depth = found["depth"].verdict
    return len(set(depth.points_covered)) if isinstance(depth, DepthVerdict) else 0


def _star(found: Mapping[CriterionName, Judged], answer: Said) -> Star | None:
    story = found["structure"].verdict
    if not isinstance(story, StoryVerdict):
        return None
    return Star(
        situation=answer.passage(story.situation),
        task=answer.passage(story.task),
        action=answer.passage(story.action),
        result=answer.passage(story.result),
    )


def _answers(material: ReportMaterial) -> tuple[Said, ...]:
    return tuple(Said.of(turn.answer, turn.spoken) for turn in material.turns if turn.answer)


def _all_said(material: ReportMaterial) -> Said:
    parts = [*_answers(material), Said.of(material.config.resume_content)]
    return Said("\n".join(each.text for each in parts), "\n".join(each.sure for each in parts))
