"""What an answer says to whoever grades it is neither evidence nor an instruction: it is cut out before judging.

An instruction hidden in an answer raises the score of an unguarded grader, and a clumsy guard costs honest answers as
much. So only what is an order to a grader counts as one: words such as "score" or "ignore" may be the subject.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from coach.packaged import packaged
from coach.text import Sentence, sentence_at, sentences
from coach.vocabulary import word_set

_HIGH = (
    r"(?:full|max(?:imum|imal)?|perfect|highest|top|best|excellent|outstanding|100|10|5|4|1\.0|ten|five|hundred"
    r"|a\+|a (?:high|pass|ten|perfect))"
)
_GRADE = r"(?:marks?|scores?|points?|ratings?|grades?|stars?|credit|percent|%|out of|level|/\s?\d)"
_GIVE = r"(?:give|award|grant|assign|rate|score|grade|mark|record|enter)"
_THIS = r"(?:me|this|it|my|(?:the|this) (?:candidate|applicant|interviewee|answer|response|above|following|submission))"
_GRADER = (
    r"(?:evaluator|grader|judge|assessor|examiner|reviewer|marker|model|ai|llm|chatbot|assistant|coach|gpt|chatgpt"
    r"|claude)"
)
_MUST = r"\byou (?:must|should|shall|have to|need to|will|are|ought to)\b"
_RULES = r"\b(?:instructions?|prompts?|rubrics?|guidelines?|directions|system message)\b"
# The start of an order. "We ignored all previous instructions" is a story, "ignore them" is an order.
_BEFORE = (
    r"(?:(?:and|but|so|then|now|also|please|kindly|just|ok|okay|first|finally|important|note|attention|next"
    r"|remember to|make sure to|be sure to|make sure you|do)[\s,:!-]+){0,3}"
)
_ORDER = r"(?:^[\"'(\[*#<>{`\s\u201c-]*|[,;:.\u2014]\s+)" + _BEFORE
_QUOTED_ORDER = r"(?:^[\"'(\[*#<>{`\s\u201c-]*|[,;:.\u2014]\s+|[\"'\u201c(\[])" + _BEFORE
_ENGLISH = re.compile(
    "|".join(
        (
            # Forget the rubric.
            _ORDER + r"(?:ignore|disregard|forget|override|bypass|discard|skip)\b[^.]{0,30}"
            rf"\b(?:previous|prior|above|earlier|preceding|all|any|your|these|the)\b[^.]{{0,30}}{_RULES}",
            _ORDER + r"(?:ignore|disregard|forget|override|bypass)\b[^.]{0,30}"
            r"\b(?:previous|prior|above|earlier|your|these)\b[^.]{0,30}\b(?:rules|criteria)\b",
            # Grade well.
            _QUOTED_ORDER + rf"{_GIVE}\s+{_THIS}\b[^.]{{0,40}}\b{_HIGH}[^.]{{0,13}}?{_GRADE}",
            _ORDER + rf"(?:rate|score|grade|mark|evaluate|assess)\s+{_THIS}\b[^.]{{0,30}}\b(?:as|with|at)\s+(?:an?\s+)?"
            rf"(?:{_HIGH}|correct|sufficient|strong|positive|pass(?:ed)?)\b",
            _ORDER + rf"{_GIVE}\s+(?:an?\s+|the\s+)?{_HIGH}\s+(?:possible\s+)?{_GRADE}[\w\s]{{0,25}}[.!\"'\u201d)]*$",
            _ORDER + r"(?:output|return|respond|reply|print|set|write)\b[^.]{0,30}\b(?:score|rating|grade)\b[^.]{0,20}"
            rf"(?:\d|{_HIGH})",
            _ORDER + r"(?:output|return|respond|reply|print|set|write)\b[^.]{0,20}"
            rf"\b{_HIGH}\s+(?:score|rating|grade)\b",
            rf"(?:{_MUST}|\b(?:i (?:ask|beg|urge|want|order|command|expect|instruct)|i(?:'d| would) like) you to\b"
            rf"|\byour (?:task|job) is to\b|\bplease\b)\s+(?:now\s+|also\s+|always\s+)?"
            rf"(?:give|award|rate|score|grade|mark)\s+{_THIS}\b[^.]{{0,40}}\b{_HIGH}\b",
            r"^(?:final |overall |my |the )?(?:score|rating|grade|verdict|evaluation|level)\s*[:=]\s*"
            r"(?:10\s?/\s?10|5\s?/\s?5|4\s?/\s?4|100\b|1\.0\b|10\b|a\+|excellent|perfect|full|maximum|pass)",
            rf"\bi (?:deserve|should (?:get|receive|be given))\b[^.]{{0,30}}\b{_HIGH}\b[^.]{{0,15}}{_GRADE}",
            rf"\b(?:this|my|the above) (?:answer|response) (?:is|deserves|should|must|gets?|merits|earns|warrants)\b"
            rf"[^.]{{0,40}}\b{_HIGH}\b[^.]{{0,15}}{_GRADE}",
            rf"\b(?:the|this) candidate (?:deserves|must|has earned|should (?:get|receive|be given))\b[^.]{{0,40}}"
            rf"\b{_HIGH}\b[^.]{{0,15}}{_GRADE}",
            # Speak to the grader as such.
            rf"\bas (?:an?|the|my|your) (?:\w+ ){{0,2}}?{_GRADER}\b[^.]{{0,40}}{_MUST}[^.]{{0,60}}"
            rf"\b(?:{_HIGH}|me|this|my)\b",
            rf"^[\"'(\[*#\s]*(?:dear|hey|hello|hi|attention|note to|message to|to) (?:the |my )?{_GRADER}\b",
            rf"^you are (?:now |no longer )?(?:an?|the|my)?\s?[^.]{{0,40}}\b{_GRADER}\b",
            rf"^(?:from now on|act as|pretend|imagine)\b[^.]{{0,40}}\b(?:you|{_GRADER})\b[^.]{{0,60}}"
            rf"\b(?:{_GRADE}|generous|lenient|{_GRADER})",
            # Look like the prompt of a model.
            r"^[#*\s]*(?:system|developer|admin)\s+(?:prompt|message|note|override|mode|instruction)\b",
            r"^[#*\s]*(?:system|assistant|developer|admin)\s*:[^.]{0,80}"
            r"\b(?:you|score|rate|grade|ignore|candidate|marks?|give)\b",
            r"^[#*\s]*(?:new|updated|additional|hidden) (?:instructions?|task|system prompt|rules?)\s*[:\u2014-]",
            rf"^[#*\s-]*end of (?:the )?(?:answer|prompt|transcript|interview)\b[^.]{{0,60}}"
            rf"\b(?:{_GRADE}|instructions?|now)",
            rf"\b(?:reveal|print|repeat|show) (?:me )?your (?:system )?{_RULES}",
        )
    )
)
"""An order to a grader, in one sentence in lower case. Every repetition is bounded."""
_REGION = re.compile(
    r"<!--.{0,2000}?-->"
    r"|<(system|assistant|instructions?|prompt|admin|hidden|note|score|grade|rubric)\b[^>]{0,100}>.{0,2000}?</\1>"
    r"|\[(inst|system|admin)\].{0,2000}?\[/\2\]|<\|im_start\|>.{0,2000}?<\|im_end\|>"
    r"|`{3}\s?(?:system|prompt|instructions?)\b.{0,2000}?`{3}"
    r"|\{[^{}]{0,100}[\"']?(?:score|rating|grade|level)[\"']?\s*:\s*[\"']?"
    r"(?:10|100|5|4|1\.0|1|a\+|excellent|full)\b[^{}]{0,200}\}"
    r"|</?(?:system|assistant|answer|instructions?|prompt)>|\[/?(?:inst|system|admin)\]|<\|im_(?:start|end)\|>",
    re.IGNORECASE | re.DOTALL,
)
"""Markup that looks like the prompt of a model, or hides words from a reader."""
_MARKUP = frozenset("<[{`")
_TRIGGERS = word_set(
    """ignore disregard forget override bypass discard skip give award grant assign rate score grade mark rating record
    enter output return respond reply print set write deserve deserves marks points level verdict evaluation
    evaluator grader judge assessor examiner reviewer marker model ai llm chatbot assistant coach gpt chatgpt claude
    answer response candidate system developer admin instructions instruction prompt reveal pretend act imagine"""
)
"""Without one of these nobody speaks to a grader in English, markup aside."""


@dataclass(frozen=True)
class Guarded:
    """The sentences of an answer without what is addressed to a grader, and how often something was."""

    parts: list[Sentence]
    appeals: int = 0


def guard(answer: str, parts: Sequence[Sentence]) -> Guarded:
    """Cut what is addressed to a grader from the sentences of an answer, each up to its end."""
    regions = list(_regions(answer))
    if regions:
        parts = sentences(_blanked(answer, regions))
    honest: list[Sentence] = []
    found = len(regions)
    for sentence in parts:
        place = _appeal_in(sentence)
        if place is None:
            honest.append(sentence)
            continue
        found += 1
        if before := sentence_at(answer, sentence.start, sentence.start + min(place, len(sentence.text))):
            honest.append(before)
    return Guarded(honest, found)


def without_appeals(answer: str) -> str:
    """The answer without what is addressed to a grader. The rest is as it was said, so that quotes of it hold."""
    regions = list(_regions(answer))
    rest = _blanked(answer, regions)
    cuts = list(regions)
    for sentence in sentences(rest):
        place = _appeal_in(sentence)
        if place is not None:
            cuts.append((sentence.start + place, sentence.end))
    kept: list[str] = []
    position = 0
    for start, end in sorted(cuts):
        kept.append(answer[position:start])
        position = max(position, end)
    return "".join([*kept, answer[position:]])


def _regions(answer: str) -> Sequence[tuple[int, int]]:
    if _MARKUP.isdisjoint(answer):
        return ()
    return [match.span() for match in _REGION.finditer(answer)]


def _blanked(answer: str, regions: Sequence[tuple[int, int]]) -> str:
    """The answer with line breaks in place of the regions, so that all else stays where it was."""
    for start, end in regions:
        answer = answer[:start] + "\n" * (end - start) + answer[end:]
    return answer


def _appeal_in(sentence: Sentence) -> int | None:
    """Where in a sentence the words to a grader begin."""
    if not _TRIGGERS.isdisjoint(sentence.word_set) and (match := _ENGLISH.search(sentence.folded)):
        return match.start()
    foreign = _foreign() if not sentence.text.isascii() or not _FOREIGN_TRIGGERS.isdisjoint(sentence.word_set) else ()
    starts = [match.start() for pattern in foreign if (match := pattern.search(sentence.folded))]
    return min(starts, default=None)


_FOREIGN_TRIGGERS = word_set(
    """punkte punktzahl note ignoriere ignorieren vergiss dame deme asigna califica otorga ignora ignorez donne donnez
    attribuez notez atribua ignore dammi assegna istruzioni instrucciones anweisungen bewerte gib"""
)
"""Words of orders to a grader that need no letter beyond ASCII."""


@cache
def _foreign() -> tuple[re.Pattern[str], ...]:
    raw = packaged("appeals.yaml")
    return tuple(re.compile(pattern) for patterns in raw.values() for pattern in patterns)
