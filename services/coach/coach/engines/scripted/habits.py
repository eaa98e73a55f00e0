"""Habits across answers that no single score shows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from contracts.vocabulary.configuration import SessionConfig

from coach.engines.scripted.reading import Reading, read
from coach.engines.scripted.signs import Mark
from coach.engines.scripted.topic import topic_of
from coach.rubric import is_technical, tells_a_story
from coach.statistics import Judged

_PERSONAL = {
    Mark.RESULT: "told how it ended",
    Mark.NUMBER: "gave a number",
    Mark.ACTION: "said what you did yourself",
}
_TECHNICAL = {
    Mark.REASON: "gave a reason for a choice",
    Mark.TRADE_OFF: "named a trade-off",
    Mark.NUMBER: "gave a number",
}


def sentences_on(scored: Iterable[Judged], config: SessionConfig) -> Iterator[str]:
    """How often the candidate did what makes answers strong, apart for the two kinds of question."""
    answers = list(scored)
    technical = [each for each in answers if is_technical(each.question.phase)]
    personal = [each for each in answers if not is_technical(each.question.phase)]
    yield from _sentence("technical answers", technical, _TECHNICAL, config)
    yield from _sentence("answers about yourself and your work", personal, _PERSONAL, config)


def _sentence(what: str, answers: list[Judged], looked_for: dict[Mark, str], config: SessionConfig) -> Iterator[str]:
    if len(answers) < 2:
        return
    shown = [reread(each, config).marks for each in answers]
    counts = (f"{sum(mark in marks for marks in shown)} {did}" for mark, did in looked_for.items())
    yield f"Of your {len(answers)} {what}, {', '.join(counts)}."


def reread(judged: Judged, config: SessionConfig) -> Reading:
    """What the rubric finds in an answer: for habits that no score shows."""
    topic, story = topic_of(judged.question, config), tells_a_story(judged.question.phase)
    return read(judged.answer, topic, story=story)
