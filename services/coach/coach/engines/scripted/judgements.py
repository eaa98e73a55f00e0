"""Each criterion with its level, the words that support it, and what they show; and all of it in sentences."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from contracts.vocabulary.judgement import TOP_LEVEL, CriterionName, Judgement
from contracts.vocabulary.question import Phase, Question

from coach.engines.scripted.criteria import evidence_kinds
from coach.engines.scripted.explaining import ARGUING, SHORT, explanation
from coach.engines.scripted.quoting import best_claims, excerpt, in_words
from coach.engines.scripted.reading import DEVELOPING, Claim, Reading
from coach.engines.scripted.story import star_of
from coach.engines.scripted.wording import bare, shows
from coach.quotes import shortened
from coach.rubric import anchor, is_technical

MOST_QUOTES = 3
_EASY = 3
"""From this level of clarity on the plainest sentence is quoted, below it the hardest."""


def judgements(reading: Reading, levels: Mapping[CriterionName, int | None], phase: Phase) -> tuple[Judgement, ...]:
    """All criteria. Every quote is a slice of the answer."""
    return tuple(_judgement(name, level, reading, phase) for name, level in levels.items())


def _judgement(name: CriterionName, level: int | None, reading: Reading, phase: Phase) -> Judgement:
    supporting = _supporting(name, level, reading, phase) or best_claims(reading, is_technical(phase)) if level else ()
    quotes = dict.fromkeys(filter(None, (excerpt(claim.sentence) for claim in supporting)))
    return Judgement(
        criterion=name,
        level=level,
        anchor="" if level is None else anchor(name, level, phase),
        explanation=explanation(name, level, reading, phase),
        quotes=tuple(quotes)[:MOST_QUOTES],
    )


def _supporting(name: CriterionName, level: int, reading: Reading, phase: Phase) -> Sequence[Claim]:
    match name:
        case "relevance":
            return [claim for claim in reading.topical if claim.points] or reading.topical
        case "depth":
            return _most_first(reading.developed, DEVELOPING) or reading.topical
        case "structure":
            return _building(reading, phase)
        case "evidence":
            return _most_first(reading.claims, frozenset().union(*evidence_kinds(is_technical(phase)).values()))
        case "clarity":
            by_length = sorted(reading.claims, key=lambda claim: len(claim.sentence.words))
            return by_length[:1] if level >= _EASY else by_length[-1:]


def _most_first(claims: Iterable[Claim], marks: frozenset[object]) -> list[Claim]:
    showing = [claim for claim in claims if claim.marks & marks]
    return sorted(showing, key=lambda claim: -len(claim.marks & marks))


def _building(reading: Reading, phase: Phase) -> Sequence[Claim]:
    if is_technical(phase):
        return _most_first(reading.claims, frozenset(ARGUING))
    told = star_of(reading).model_dump().values()
    return [claim for claim in reading.claims if excerpt(claim.sentence) in told]


def analysis(found: Sequence[Judgement], reading: Reading, question: Question) -> str:
    """What was said against what was asked, and each criterion with the reason for its level: a sentence a line."""
    lines = [_against_the_question(reading, question)]
    for each in found:
        if each.level is not None:
            lines.append(f"{each.criterion.capitalize()}, {each.level} of {TOP_LEVEL}: {each.explanation}")
    return "\n".join(lines)


def _against_the_question(reading: Reading, question: Question) -> str:
    asked = f"Asked {shortened(question)}, you answer"
    best = best_claims(reading, is_technical(question.phase), 1)
    if not best:
        return f"{asked} with nothing that could be connected with it."
    text = f"{asked} above all with {in_words(best[0].sentence, SHORT)}"
    if not reading.missing:
        return f"{text}, and speak to every key point."
    heard = "this was not heard in so many words" if reading.worked_out else "nothing was heard on this"
    return f"{text}; {heard}: {'; '.join(map(bare, reading.missing))}."


def reference_answer(question: Question) -> str:
    """What a strong answer would have shown, put together from the expected points; empty where none are known."""
    if not question.expects:
        return ""
    first, *others = (shows(each.point) for each in question.expects)
    return " ".join([f"A strong answer {first}.", *(f"It {each}." for each in others)])
