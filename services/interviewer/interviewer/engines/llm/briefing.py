"""What a model is told about a turn. What others wrote is fenced: it is data, and never speaks with our voice."""

from __future__ import annotations

import re
from collections.abc import Sequence

from contracts.documents.asks import Hit
from contracts.vocabulary.configuration import SessionConfig, Style
from contracts.vocabulary.turn import TurnContext
from models import fenced, language_name, without_contact
from parley_text.guesses import VEIL

from interviewer.askable import Askable
from interviewer.engine import Guidance
from interviewer.engines.wording import name
from interviewer.hearing import NOT_UNDERSTOOD, for_model

MAX_DOCUMENT = 12_000
MAX_TRANSCRIPT = 16_000
"""Characters of a document, and of the newest part of the conversation, that a model gets to read."""
STYLES: dict[Style, str] = {
    "formal": "Your manner is formal and courteous; you keep a professional distance.",
    "casual": "Your manner is relaxed and warm, as between colleagues over a coffee; contractions are fine.",
    "aggressive": (
        "Your manner is a stress interview: terse, sceptical, insisting on specifics, openly doubting. You press hard "
        "on what was said, and never insult the person."
    ),
    "technical": "Your manner is that of a senior practitioner: matter-of-fact, after mechanisms, numbers, trade-offs.",
}
_SECTION = re.compile(r"[a-z_]{1,30}")


def job(config: SessionConfig) -> str:
    """The position in a phrase."""
    company = name(config.company_name)
    return f"{name(config.job_role)}{f' at {company}' if company else ''}"


def documents(config: SessionConfig) -> str:
    """Résumé and job description, without contact data."""
    given = (("the job description", config.job_description), ("the candidate's résumé", config.resume_content))
    return "\n".join(fenced(label, without_contact(text)[:MAX_DOCUMENT]) for label, text in given if text.strip())


def passages(hits: Sequence[Hit]) -> str:
    """Pieces of the documents by number, a line each, so that none can pass for several."""
    if not hits:
        return ""
    lines = (f"{number}. {_place(hit)}: {_in_a_line(hit.chunk.text)}" for number, hit in enumerate(hits, 1))
    return fenced("passages of the documents that may fit a new question, by number", "\n".join(lines))


def _place(hit: Hit) -> str:
    section = hit.chunk.parent_section
    document = "the job description" if hit.kind == "job_description" else "the résumé"
    return f"{document}, {section}" if _SECTION.fullmatch(section) else document


def _in_a_line(text: str) -> str:
    return " ".join(without_contact(text).split())


def turn_values(
    context: TurnContext, guidance: Guidance, ideas: Sequence[Askable], raw: str, hits: Sequence[Hit] = ()
) -> dict[str, str]:
    """The values of the prompt `turn`."""
    config = context.config
    return {
        "language_name": language_name(config.language),
        "style": STYLES[config.style],
        "job": job(config),
        "documents": documents(config),
        "passages": passages(hits),
        "phase": guidance.phase,
        "domain": (guidance.domain or "any of the position's").replace("_", " "),
        "difficulty": guidance.difficulty,
        "progress": _progress(context),
        "ideas": _ideas(ideas, raw),
        "transcript": fenced("the conversation so far", _transcript(context)),
        "question": context.question.text,
        "answer": fenced("the candidate's answer", for_model(context.answer)) if context.answer else "",
        "remarks": _remarks(context, guidance),
        "actions": ", ".join(sorted(guidance.allowed | guidance.possible)),
    }


def _progress(context: TurnContext) -> str:
    budget = context.budget
    if budget.time_based:
        return f"{round(budget.elapsed / 60)} of {round(budget.duration / 60)} minutes are over."
    return f"{budget.asked} of {budget.target} questions were put, {context.follow_ups_in_row} follow-ups in a row."


def _ideas(ideas: Sequence[Askable], raw: str) -> str:
    lines = [f"- id {idea.id}: {idea.text}" for idea in ideas]
    if raw:
        lines.append(f"- without id, in raw words that you should make natural: {raw}")
    return "\n".join(lines) or "- none"


def _transcript(context: TurnContext) -> str:
    speakers = {"interviewer": "Interviewer", "candidate": "Candidate"}
    said = [f"{speakers[each.role]}: {for_model(each.text)}" for each in context.transcript]
    return "\n".join(said)[-MAX_TRANSCRIPT:]


def _remarks(context: TurnContext, guidance: Guidance) -> str:
    lines = [f"First reading of the answer: {guidance.reason}"] if guidance.reason else []
    if context.accommodations:
        needs = ", ".join(each.replace("_", " ") for each in context.accommodations)
        lines.append(f"The interview is held for somebody who needs: {needs}. Keep your sentences short and plain.")
    if VEIL in context.answer:
        lines.append(
            f"{NOT_UNDERSTOOD} stands for words that a recogniser hardly understood. Work with the rest, do not guess "
            "them, and blame nobody for it."
        )
    if context.clarified:
        lines.append("The question was clarified already: do not clarify it again.")
    return "\n".join(lines)
