"""What is said to somebody who says something else than an answer, in fixed words; then the question that stands."""

from __future__ import annotations

import re
from collections.abc import Iterator

from contracts.vocabulary.turn import TurnContext
from parley_listening.crisis import crisis_lines
from parley_text.guesses import unveiled

from interviewer.documents import lines_of
from interviewer.engines import wording
from interviewer.engines.translating import in_language
from interviewer.languages import ENGLISH, Language, languages, speaks
from interviewer.reading import Reading
from interviewer.words import WORD, long_words_of, words_of

MAX_SAID = 12
"""Words of an answer that are quoted."""
_MAX_LINE = 200
_PAY = re.compile(
    r"[$€£₹¥]\s?\d|\d\s?(?:[$€£₹¥]|k\b|eur|usd|gbp|inr|chf|rmb|lpa)|\b(?:salary|compensation|pay range|gehalt|vergütung"
    r"|salario|sueldo|salaire|rémunération)\b|वेतन|薪",
    re.IGNORECASE,
)


def is_remark(reading: Reading) -> bool:
    """Whether it is met by these words, rather than by those of a style."""
    return reading.remark is not None or reading.kind in {"off_topic", "empty"}


def reply(reading: Reading, context: TurnContext, language: Language) -> str:
    """The words, in the language that the interview goes on in."""
    words, question = language.remarks, wording.bare(context.question, language)
    match reading.kind:
        case "self_harm":
            return words.self_harm.format(lines=_crisis_lines(context.config.language), question=question)
        case "accommodation":
            how = [getattr(words.accommodations, need) for need in reading.needs] or [words.accommodations.otherwise]
            return words.accommodates.format(how=" ".join(how), question=question)
        case "asks_salary":
            line = next(filter(names_pay, job_lines(context)), "")
            return _known(words.salary_known, words.salary_unknown, line, question)
        case "asks_process":
            return _known(words.process_known, words.process_unknown, _line_about(reading, context), question)
        case "asks_for_hint":
            is_field = context.question.phase == "technical"
            return (words.hint_field if is_field else words.hint_story).format(question=question)
        case "asks_for_language":
            return _in_language(reading, language, in_language(question, context.config, language))
        case "off_topic":
            return words.off_topic.format(said=_said(context), question=question)
        case kind:
            text: str = getattr(words, kind)
            return text.format(question=question)


def _crisis_lines(tag: str) -> str:
    return "; ".join(f"{each.name} ({each.country}): {each.number}" for each in crisis_lines(tag))


def _known(known: str, unknown: str, line: str, question: str) -> str:
    return known.format(line=wording.quoted(line), question=question) if line else unknown.format(question=question)


def _in_language(reading: Reading, language: Language, question: str) -> str:
    words = language.remarks
    if not any(map(speaks, reading.languages)):
        return words.speaks.format(languages=", ".join(each.name for each in languages()), question=question)
    stay = "" if language.language == ENGLISH else f"{words.questions_stay} "
    return words.switches.format(question=stay + question)


def job_lines(context: TurnContext) -> Iterator[str]:
    """Lines of the job description, as they can be quoted in what asks nothing."""
    lines = (wording.name(line.lstrip("-*• ")) for line in lines_of(context.config.job_description))
    return (line for line in lines if 0 < len(line) <= _MAX_LINE)


def names_pay(text: str) -> bool:
    """Whether it names an amount of money, or pay."""
    return bool(_PAY.search(text))


def _line_about(reading: Reading, context: TurnContext) -> str:
    """The line that shares most words with what was asked; empty where none shares one that says anything."""
    asked = long_words_of(context.answer)
    best = max(job_lines(context), key=lambda line: len(asked & words_of(line)), default="")
    return best if asked & words_of(best) else ""


def _said(context: TurnContext) -> str:
    words = [*WORD.finditer(unveiled(context.answer, "…"))]
    end = words[:MAX_SAID][-1].end() if words else 0
    said = wording.name(context.answer[:end]) or "…"
    return wording.quoted(said + (" …" if len(words) > MAX_SAID else ""))
