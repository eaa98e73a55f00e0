"""What is known of what a candidate asks before the end: lines of the job description, and facts of the interview."""

from __future__ import annotations

from contracts.vocabulary.turn import TurnContext
from parley_text.guesses import unveiled
from parley_text.sentences import asks, sentences

from interviewer import conduct
from interviewer.engines import wording
from interviewer.engines.remarking import job_lines, names_pay
from interviewer.languages import Language
from interviewer.likeness import SAME_SUBJECT, Likeness
from interviewer.reading import Reading

MOST_AT_ONCE = 3
"""Questions that are answered in one go."""
_A_CLAUSE = 4
"""Words from which on a clause may ask something of its own."""


async def known_of(context: TurnContext, reading: Reading, language: Language, likeness: Likeness) -> str:
    """What there is to say to each question, or that it is not known. Lines are quoted as they stand; nothing is
    guessed."""
    said = unveiled(context.answer)
    questions = [each for each in sentences(said) if asks(each)][:MOST_AT_ONCE] or [said]
    lines, words = [*job_lines(context)], language.inviting
    facts = _facts(context, language)
    quoted, told, unknown = dict[str, None](), dict[str, None](), False
    for question in questions:
        if found := await _lines(question, reading, lines, likeness):
            quoted |= dict.fromkeys(map(wording.quoted, found))
        elif (fact := await _fact(question, facts, likeness)) is not None:
            told[fact] = None
        else:
            unknown = True
    known = [words.quotes.format(line=" ".join(quoted))] if quoted else []
    known += told
    if unknown:
        known.append(words.rest_unknown if known else words.unknown)
    return " ".join(known)


async def _lines(question: str, reading: Reading, lines: list[str], likeness: Likeness) -> list[str]:
    """The line that is nearest to a question, or to each of its clauses: of those that name pay, where that was asked;
    none where none is near."""
    if reading.kind == "asks_salary" or names_pay(question):
        return [*filter(names_pay, lines)][:1]
    asked = [question, *filter(lambda clause: conduct.count(clause) >= _A_CLAUSE, wording.clauses(question))]
    near = await likeness.alike(asked, lines) if lines else []
    best = [max(zip(row, lines, strict=True), key=lambda each: each[0]) for row in near]
    found = [line for score, line in best if score >= SAME_SUBJECT]
    return found[:1] if best and best[0][0] >= SAME_SUBJECT else found


async def _fact(question: str, facts: dict[str, tuple[str, ...]], likeness: Likeness) -> str | None:
    scored = [(max((await likeness.alike([question], asked))[0]), says) for says, asked in facts.items()]
    score, says = max(scored, key=lambda each: each[0])
    return says if score >= SAME_SUBJECT else None


def _facts(context: TurnContext, language: Language) -> dict[str, tuple[str, ...]]:
    """What is known without a job description, with questions to which it is the answer."""
    config, facts = context.config, language.inviting.facts
    company = wording.name(config.company_name)
    position = facts.position.says.format(
        role=wording.role(config.job_role, language),
        company=language.at_company.format(company=company) if company else "",
    )
    return {position: facts.position.asked, facts.afterwards.says: facts.afterwards.asked}
