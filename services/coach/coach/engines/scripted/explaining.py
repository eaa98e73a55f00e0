"""Why a criterion has the level that it has: about this answer, to the one who gave it."""

from __future__ import annotations

from collections.abc import Sequence

from contracts.vocabulary.judgement import TOP_LEVEL, CriterionName
from contracts.vocabulary.question import Phase

from coach.engines.scripted.criteria import evidence_kinds, kinds_missing, kinds_shown
from coach.engines.scripted.quoting import in_words
from coach.engines.scripted.reading import DEVELOPING, Claim, Reading
from coach.engines.scripted.signs import Mark
from coach.engines.scripted.story import star_of
from coach.engines.scripted.wording import bare
from coach.rubric import is_technical, missing_parts, parts_told

SHORT = 80
"""Characters of a quote within an explanation."""
ARGUING = (Mark.REASON, Mark.CONDITION, Mark.ORDER, Mark.TRADE_OFF)
_PARTS = {
    "situation": "the situation",
    "task": "your task",
    "action": "what you did",
    "result": "the result",
}


def explanation(name: CriterionName, level: int | None, reading: Reading, phase: Phase) -> str:
    """What the answer did by one criterion, and what keeps it from the next level."""
    if level is None:
        return "You did not say enough for this to be judged."
    match name:
        case "relevance":
            return _relevance(reading)
        case "depth":
            return _depth(reading)
        case "structure":
            return _argument(reading) if is_technical(phase) else _story(reading)
        case "evidence":
            return _evidence(reading, is_technical(phase))
        case "clarity":
            return _clarity(reading, level)


def joined(items: Sequence[str]) -> str:
    """Items as one says them: "a, b and c"."""
    return " and ".join(filter(None, (", ".join(items[:-1]), *items[-1:])))


def points_spoken_of(reading: Reading) -> list[str]:
    """The expected points that the answer speaks of, each as a part of a sentence."""
    return [bare(text) for number, text in enumerate(reading.topic.texts) if number in reading.points]


def _relevance(reading: Reading) -> str:
    if not reading.topical:
        return "Nothing that you say could be connected with the question."
    on_subject = _counted(len(reading.topical), "sentence")
    if not reading.expected:
        return f"You give {on_subject} on what was asked."
    spoken = points_spoken_of(reading)
    if not spoken:
        return (
            f"You give {on_subject} on the subject; none of {reading.expected} key points could be recognised in them."
        )
    return f"You speak to {len(spoken)} of {reading.expected} key points: {'; '.join(spoken)}."


def _depth(reading: Reading) -> str:
    if not reading.developed:
        return "You name things, but do not yet say why, in which case, at what price or with which numbers."
    best = max(reading.developed, key=lambda claim: len(claim.marks & DEVELOPING))
    gives = joined([mark.value for mark in Mark if mark in best.marks & DEVELOPING])
    text = f"You go furthest with {in_words(best.sentence, SHORT)}, which gives {gives}"
    rest = len(reading.topical) - len(reading.developed)
    return f"{text}; {_counted(rest, 'other sentence')} stop at a statement." if rest > 1 else f"{text}."


def _story(reading: Reading) -> str:
    star = star_of(reading)
    told = joined([_PARTS[part] for part in parts_told(star)])
    missing = joined([_PARTS[part] for part in missing_parts(star)])
    if not told:
        return "You do not tell a case yet: neither where it was, nor what you did, nor how it ended."
    return (
        f"You tell {told}; {missing} cannot be heard." if missing else "You tell all of it, from the scene to the end."
    )


def _argument(reading: Reading) -> str:
    found = [mark.value for mark in ARGUING if mark in reading.marks]
    reasoned = {Mark.REASON} if Mark.CONDITION in reading.marks else set()
    wanted = (Mark.REASON, Mark.ORDER, Mark.TRADE_OFF)
    missing = [mark.value for mark in wanted if mark not in reading.marks | reasoned]
    if not found:
        return "Your statements stand side by side, without reasons, an order or a trade-off."
    text = f"You build your answer with {joined(found)}"
    return f"{text}; it lacks {joined(missing)}." if missing else f"{text}."


def _evidence(reading: Reading, technical: bool) -> str:
    given = kinds_shown(reading, technical)
    missing = kinds_missing(reading, technical)
    if not given:
        return f"You give a listener nothing to check: {joined(missing)} would help."
    shown = _shown(reading, technical)
    words = f", as in {in_words(shown.sentence, SHORT)}" if shown else ""
    text = f"You give {joined(given)}{words}"
    return f"{text}; a listener misses {joined(missing)}." if missing else f"{text}."


def _shown(reading: Reading, technical: bool) -> Claim | None:
    """The sentence with most of the evidence."""
    marks = frozenset().union(*evidence_kinds(technical).values())
    best = max(reading.claims, key=lambda claim: len(claim.marks & marks), default=None)
    return best if best and best.marks & marks else None


def _clarity(reading: Reading, level: int) -> str:
    longest = max((claim.sentence for claim in reading.claims), key=lambda sentence: len(sentence.words))
    average = round(sum(len(claim.sentence.words) for claim in reading.claims) / len(reading.claims))
    said = _counted(len(reading.claims), "sentence")
    if level == TOP_LEVEL:
        return f"You say it in {said} of {average} words on average, which can be followed by ear."
    if len(reading.claims) < TOP_LEVEL - 1:
        return f"You give {said} that count: plain, but little for a listener to follow."
    return f"The longest of your {said} has {len(longest.words)} words: {in_words(longest, SHORT)}."


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' * (number != 1)}"
